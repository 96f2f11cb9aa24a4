//! What must survive a crash: campaigns, batches, messages, callbacks.
//!
//! | to learn | look in |
//! | --- | --- |
//! | what a store promises | [`Store`] |
//! | what it keeps | [`rows`] |
//! | what is derived of a message's reports | [`view`] |
//! | how values stand in columns | [`columns`], [`column_enums`] |
//! | what backends over SQL share | [`sql`] |
//! | how a store proves itself | `conformance` (feature `conformance`) |
//!
//! A store keeps and finds; it decides little. What is done when is the campaign crate's, what
//! reports mean is the domain's. Backends are crates of their own; [`MemoryStore`] is the one for
//! tests, and for sends that may be lost.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

pub mod column_enums;
pub mod columns;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod memory;
pub mod rows;
pub mod sql;
mod store;
pub mod view;

pub use error::StoreError;
pub use memory::MemoryStore;
pub use rows::{
    BatchChange, BatchRow, BatchState, BatchSum, BatchSums, ButtonRow, CallbackKind,
    CampaignFilter, CampaignRow, CampaignState, Change, Changed, Click, Forget, Guard, KeptBody,
    Kind, Lease, Leased, NewRecipient, OpenRemote, Outcome, Owner, PlanEnd, Readiness, Received,
    RecipientRow, SendStart, SetAside, Settled, Snapshot, TallyRow, Timestamp, UnknownWord,
    Verdict, WorkerId,
};
pub use store::{
    AdminStore, Claim, PlanStore, ReportStore, StateStore, Store, StoreClock, WorkStore,
    machine_clock,
};

/// The traits of a store, for files that call one by its own type.
pub mod prelude {
    pub use crate::store::{AdminStore, PlanStore, ReportStore, StateStore, Store, WorkStore};
}
