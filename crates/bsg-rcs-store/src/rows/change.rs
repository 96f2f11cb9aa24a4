//! The log of changes, and what an operator asks of a store.

use bsg_rcs_domain::{CampaignId, MessageStatus, Msisdn};

use super::campaign::Timestamp;

/// Rows (bodies, changes, recipients) that are removed in one transaction at most, so that no
/// other writer waits long for it.
pub const PRUNED_AT_ONCE: u32 = 5000;

/// Something that changed of a recipient, as others may follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its place in the log, which is the order of the commits: a follower that has read up to
    /// here has missed nothing before it.
    pub cursor: u64,
    /// When, by the store's clock.
    pub at: Timestamp,
    /// The recipient's campaign.
    pub campaign: CampaignId,
    /// The recipient's index.
    pub index: u32,
    /// What changed.
    pub what: Changed,
}

/// What changed of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// The set of its reports grew; it now shows this.
    Reported {
        /// The status to show.
        shown: MessageStatus,
        /// Whether an end was reported.
        ended: bool,
    },
    /// A suggestion was clicked.
    Clicked,
}

/// Which numbers are to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forget {
    /// A number, in every campaign.
    Number(Msisdn),
    /// Every number of a campaign.
    Campaign(CampaignId),
}

/// A store that can be read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// The version of its schema.
    pub schema_version: u32,
}
