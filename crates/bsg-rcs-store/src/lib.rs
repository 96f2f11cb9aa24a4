//! What must survive a crash: campaigns, batches, messages, callbacks.
//!
//! | to learn | look in |
//! | --- | --- |
//! | what a store promises | [`Store`] |
//! | what it keeps | [`rows`] |
//! | what is derived of a message's reports | [`view`] |
//! | how values stand in columns | [`columns`], [`words`] |
//! | how a store proves itself | `conformance` (feature `conformance`) |
//!
//! A store keeps and finds; it decides nothing. What may happen when is the campaign crate's,
//! what reports mean is the domain's. Backends are crates of their own; [`MemoryStore`] is the one
//! for tests, and for sends that nobody minds losing.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

pub mod columns;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod memory;
pub mod rows;
mod store;
pub mod view;
pub mod words;

pub use error::StoreError;
pub use memory::MemoryStore;
pub use rows::{
    BatchChange, BatchRow, BatchState, ButtonRow, CampaignRow, CampaignState, Change, Changed,
    Click, Forget, KeptBody, Kind, Lease, Leased, NewRecipient, Outcome, PlanEnd, Received,
    RecipientRow, Said, Settled, TallyRow, Timestamp, Verdict, WorkerId,
};
pub use store::{Claim, Store};
