//! Following: what changes of messages, one after the other, for code that wants to react.
//!
//! The store logs each growth of a message's reports, and each click, in the order of the commits.
//! A follower keeps the cursor of the change that it handled last, and goes on behind it after a
//! crash: each change is seen at least once, and of one message the latest comes last. Changes that
//! were removed from the log before they were read are told as an error.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_store::{Change, Store, StoreError};
use futures_util::stream::{self, Stream};

use crate::clock::Clock;
use crate::error::CampaignError;

/// Changes that are read at once.
const READ_AT_ONCE: u32 = 500;
/// How often the log is looked at once all of it was read.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where following stands.
struct Follower {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cursor: u64,
    read: VecDeque<Change>,
    /// Whether the store failed when it was asked last.
    failed: bool,
}

/// The changes behind a cursor, 0 for all that the store still has; then those that come, without
/// end. A store that fails is told as an error, and asked again after it; so are changes that were
/// removed before they were read ([`StoreError::Pruned`]), behind which it goes on.
///
/// ```no_run
/// # async fn react(store: std::sync::Arc<dyn bsg_rcs_store::Store>, seen: u64) {
/// use bsg_rcs_campaign::SystemClock;
/// use bsg_rcs_campaign::follow::follow;
/// use futures_util::StreamExt;
///
/// let changes = follow(store, std::sync::Arc::new(SystemClock), seen);
/// let mut changes = std::pin::pin!(changes);
/// while let Some(change) = changes.next().await {
///     match change {
///         Ok(change) => println!("{} of {}: {:?}", change.index, change.campaign, change.what),
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// # }
/// ```
pub fn follow(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    after: u64,
) -> impl Stream<Item = Result<Change, CampaignError>> + Send {
    let begin = Follower { store, clock, cursor: after, read: VecDeque::new(), failed: false };
    stream::unfold(begin, |mut follower| async move {
        let next = follower.next().await;
        Some((next, follower))
    })
}

impl Follower {
    async fn next(&mut self) -> Result<Change, CampaignError> {
        loop {
            if let Some(change) = self.read.pop_front() {
                self.cursor = change.cursor;
                return Ok(change);
            }
            if std::mem::take(&mut self.failed) {
                self.clock.sleep(LOOK_EVERY).await;
            }
            self.failed = true;
            let read = self.store.changes(self.cursor, READ_AT_ONCE).await;
            if let Err(StoreError::Pruned { first }) = &read {
                // It is told, and what is still there follows at once.
                self.cursor = first.saturating_sub(1);
                self.failed = false;
            }
            self.read = read?.into();
            self.failed = false;
            if self.read.is_empty() {
                self.clock.sleep(LOOK_EVERY).await;
            }
        }
    }
}
