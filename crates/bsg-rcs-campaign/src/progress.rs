//! What work tells of itself while it goes on. Nobody has to listen.

use std::sync::Arc;
use std::time::Duration;

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
    /// A batch was settled: accepted, rejected or held.
    Batch {
        /// Recipients in settled batches so far.
        settled: u64,
        /// Recipients in all.
        of: u64,
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
