//! What an operator asks for.

use async_trait::async_trait;

use crate::error::StoreError;
use crate::rows::{Forget, Readiness, SetAside, Timestamp};

/// Numbers are forgotten, old rows removed, settings agreed on.
#[async_trait]
pub trait AdminStore: Send + Sync {
    /// Forgets numbers: those of the recipients, also of campaigns that are being prepared, with
    /// their labels, notes and own references; bodies that hold them, or of a campaign all bodies;
    /// notes of batches and campaigns as far as they hold them. Counts, statuses and money stay. A
    /// recipient of which nothing is known is not sent to any more
    /// ([`crate::Outcome::of_forgotten`]). What is kept of it later holds no body. Answers how many
    /// recipients there were.
    ///
    /// In pieces: what was not forgotten when a call ends in between is by the next.
    async fn forget(&self, numbers: Forget) -> Result<u64, StoreError>;

    /// Removes kept bodies and changes that were written before a moment of the store's clock, at
    /// most [`crate::rows::PRUNED_AT_ONCE`] of each in a transaction. Changes go from the oldest on:
    /// those behind one that stays stay with it. Answers how many rows went.
    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// The callbacks that were set aside with greater numbers than `after` (0 is before the first),
    /// in order.
    async fn set_aside(&self, after: u64, limit: u32) -> Result<Vec<SetAside>, StoreError>;

    /// The setting of this name; where there is none, `proposed` becomes it. The first writer
    /// wins, also among processes.
    async fn setting(&self, name: &str, proposed: &str) -> Result<String, StoreError>;

    /// Whether the store can be read and written now, in a few seconds at most.
    ///
    /// # Errors
    /// Why it cannot; [`StoreError::Newer`] if a later version of this program brought its schema
    /// further meanwhile.
    async fn ready(&self) -> Result<Readiness, StoreError>;
}
