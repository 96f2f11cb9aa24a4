//! The events that work tells while it goes on. Listening is optional.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{CivilDateTime, Money};
use bsg_rcs_store::BatchState;

use crate::report::CampaignReport;

/// Something that happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// So many lines of the recipients were read.
    Read {
        /// Lines so far.
        lines: u64,
        /// Recipients kept so far.
        kept: u64,
    },
    /// One batch was settled, and how.
    Settled {
        /// The batch's number, from 0.
        batch: u32,
        /// Where it stands.
        outcome: BatchState,
    },
    /// A batch was settled: accepted or held.
    Batch {
        /// Recipients in settled batches so far.
        settled: u64,
        /// Recipients in all.
        of: u64,
    },
    /// The campaign is stopped, and a worker still has a request under way: it is waited for.
    Stopping,
    /// The start has passed: batches go without it from now on.
    StartPassed {
        /// The start that was planned, in the platform's own zone.
        start: CivilDateTime,
    },
    /// A message was billed at a price that the plan's price list does not have. Told once.
    UnlistedPrice {
        /// What it was billed.
        billed: Money,
    },
    /// The account's funds, before anything is sent and once a minute, beside what may be needed.
    Funds {
        /// Own funds.
        balance: Money,
        /// The credit limit.
        credit: Money,
        /// What the batches that were not sent yet may cost at worst.
        worst: Money,
        /// Whether the funds last for it; if not, the platform pauses when they run out. `None` if
        /// the account is in another currency than the plan.
        enough: Option<bool>,
    },
    /// A batch's outcome is not known; it is looked up once it has settled.
    Resolving {
        /// The batch's number, from 0.
        batch: u32,
        /// How long until it is looked up again.
        wait: Duration,
        /// Why it is not known.
        why: String,
    },
    /// The platform cannot be reached; it is tried again.
    Unreachable {
        /// How long until the next try.
        wait: Duration,
        /// What went wrong.
        why: String,
    },
    /// How the campaign stands while it is tracked.
    Tracking(Box<CampaignReport>),
}

/// Listens to events.
pub type Progress = Arc<dyn Fn(Event) + Send + Sync>;

/// A listener that hears nothing.
pub fn silent() -> Progress {
    Arc::new(|_| {})
}
