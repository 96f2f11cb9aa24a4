//! What a store keeps, row by row.
//!
//! Campaign 1 - n batches of consecutive recipients 1 - n recipients 1 - n reports. A single send
//! is a campaign of one recipient that goes through the single endpoint.

mod batch;
mod batch_state;
mod callback;
mod campaign;
mod change;
mod recipient;
mod snapshot;

pub use batch::{
    BatchChange, BatchGroup, BatchRow, BatchSum, BatchSums, Lease, Leased, OpenRemote, SendStart,
    WorkerId,
};
pub use batch_state::BatchState;
pub use callback::{
    ASIDE_MAX, ButtonRow, CallbackKind, Click, KeptBody, Owner, Received, SetAside, Verdict,
};
pub use campaign::{
    ABANDONED_AFTER, CampaignFilter, CampaignRow, CampaignState, Guard, Kind, PlanEnd, Timestamp,
};
pub use change::{Change, Changed, Forget, PRUNED_AT_ONCE, Readiness};
pub use recipient::{NewRecipient, Outcome, RecipientRow, Settled, TallyRow};
pub use snapshot::{CONTRADICTED_MAX, Snapshot, UNKNOWN_WORDS_MAX, UnknownWord};
