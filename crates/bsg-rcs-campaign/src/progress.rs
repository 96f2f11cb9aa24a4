//! What work tells of itself while it goes on. Nobody has to listen.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::Money;
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
    /// A batch was settled: accepted, rejected or held.
    Batch {
        /// Recipients in settled batches so far.
        settled: u64,
        /// Recipients in all.
        of: u64,
    },
    /// The clock is behind what was written before: it was set back, or another machine's is ahead.
    /// Nothing is lost by it; what waits, waits from now on.
    ClockSetBack {
        /// By how much, at least.
        by: Duration,
    },
    /// The account's funds, before anything is sent and once a minute, beside what may be needed.
    Funds {
        /// Own funds.
        balance: Money,
        /// The credit limit.
        credit: Money,
        /// What the batches that were not sent yet may cost at worst.
        worst: Money,
        /// Whether the funds last for it; if not, the platform pauses when they run out.
        enough: bool,
    },
    /// A batch's outcome is not known; it is looked up once it has settled.
    Resolving {
        /// The batch's number, from 0.
        batch: u32,
        /// How long until it is looked up again.
        wait: Duration,
        /// Why nobody knows.
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
    Tracking(CampaignReport),
}

/// Listens to events.
pub type Progress = Arc<dyn Fn(Event) + Send + Sync>;

/// A listener that hears nothing.
pub fn silent() -> Progress {
    Arc::new(|_| {})
}
