//! The traits, and in prose what every implementation promises.

mod admin;
mod plan;
mod report;
mod state;
mod work;

use std::sync::Arc;

pub use admin::AdminStore;
pub use plan::PlanStore;
pub use report::ReportStore;
pub use state::StateStore;
pub use work::WorkStore;

use crate::rows::Timestamp;

/// The clock of a store that is not a server with its own.
pub type StoreClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of this machine.
pub fn machine_clock() -> StoreClock {
    Arc::new(|| {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that is handed in")]
        let now = std::time::SystemTime::now();
        let millis = now.duration_since(std::time::UNIX_EPOCH).map_or(0, |span| span.as_millis());
        Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
    })
}

/// The right to work on one campaign, until it is dropped or its process dies.
#[must_use = "the claim ends when it is dropped"]
pub struct Claim {
    _guard: Box<dyn Send + Sync>,
}

impl Claim {
    /// A claim that ends when `guard` is dropped.
    pub fn new(guard: impl Send + Sync + 'static) -> Self {
        Self { _guard: Box::new(guard) }
    }
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claim")
    }
}

/// Keeps campaigns, batches, messages and callbacks.
///
/// | trait | what it is for |
/// | --- | --- |
/// | [`PlanStore`] | campaigns come and go |
/// | [`StateStore`] | where campaigns stand, and who may work on them |
/// | [`WorkStore`] | batches leave |
/// | [`ReportStore`] | callbacks come in, and what they add up to |
/// | [`AdminStore`] | what an operator asks for |
///
/// # What every implementation promises
///
/// - **Durable before answered.** When a method answers `Ok`, what it wrote survives the death of
///   the process and, but for stores that say otherwise, of the machine.
/// - **Whole or not at all.** What one call writes is seen whole or not at all, by this process
///   and by others on the same store, also when the process dies in between. Calls that remove much
///   ([`PlanStore::discard`], [`AdminStore::forget`], [`AdminStore::prune`]) do so in pieces, each
///   of them whole.
/// - **Reports are a set.** Writing a report that is there already changes nothing; the order of
///   writing changes nothing. Beside the set stands [`crate::view::MessageView`] of it, never
///   older than the set.
/// - **Counts are kept.** Tallies and sums are of the very rows that are there, in every state, and
///   cheap: they do not read the recipients.
/// - **One clock.** Every moment that is written is the store's own, for the clocks of many machines
///   differ. [`StateStore::now`] answers it.
/// - **Side by side.** Methods may be called at once from many tasks, and the same store may be
///   open in several processes: one that applies, one that takes callbacks, one that reports.
/// - **Dropped calls.** A call whose future is dropped was carried out whole or not at all.
/// - **One holder a batch.** Of all leases of a batch only the latest can change it.
/// - **Little judgement.** A store decides where a campaign may go ([`crate::CampaignState::after`])
///   and that nothing leaves unless it is sending. Whether a change of a batch makes sense is its
///   caller's to know.
pub trait Store: PlanStore + StateStore + WorkStore + ReportStore + AdminStore {}

impl<S: PlanStore + StateStore + WorkStore + ReportStore + AdminStore + ?Sized> Store for S {}
