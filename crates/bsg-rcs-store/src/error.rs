//! What can go wrong with a store, without naming any backend's own errors.

use std::cmp::Ordering;
use std::error::Error;

use bsg_rcs_domain::CampaignId;

/// A store's failure. What was answered `Ok` before stays kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be opened: not a database, no right to, not there.
    #[error("the store {place} cannot be opened: {why}")]
    Open {
        /// Which store, without any password.
        place: String,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The store was written by a later version of this program.
    #[error(
        "the store {place} is of schema version {found}, this program knows {known}: update it"
    )]
    Newer {
        /// Which store.
        place: String,
        /// Its version.
        found: u32,
        /// The latest that is known here.
        known: u32,
    },
    /// Another process works on the campaign.
    #[error("campaign {0} is being applied by another process: wait until it is through")]
    Claimed(CampaignId),
    /// Another worker was given the batch: only the holder of its latest lease may change it.
    #[error("batch {batch} of campaign {campaign} was taken over by another worker")]
    LeaseLost {
        /// Which campaign.
        campaign: CampaignId,
        /// Which of its batches.
        batch: u32,
    },
    /// The same was planned before, as this campaign.
    #[error("campaign {0} has the same message and recipients")]
    Planned(CampaignId),
    /// No such campaign, batch or recipient.
    #[error("the store has no {0}")]
    Missing(String),
    /// Something of this name is there already.
    #[error("the store has a {0} already")]
    Exists(String),
    /// The reports of one recipient cannot be read.
    #[error(
        "the store holds reports of recipient {index} of campaign {campaign} that cannot be read"
    )]
    Unreadable {
        /// Its campaign.
        campaign: CampaignId,
        /// Its index in that campaign.
        index: u32,
    },
    /// Changes behind the cursor were removed: a follower has missed them.
    #[error("the changes before cursor {first} were removed: go on behind {}, or read the state anew", first.saturating_sub(1))]
    Pruned {
        /// The cursor of the first change that was not removed.
        first: u64,
    },
    /// A sum of money is beyond what an amount can hold.
    #[error("the sum of the {0} is too large to be exact")]
    Overflow(String),
    /// A row says what no version of this program writes.
    #[error("the store holds a {0} that cannot be read")]
    Corrupt(String),
    /// The backend failed: disk full, connection lost.
    #[error("the store failed while {doing}")]
    Backend {
        /// What it was doing.
        doing: &'static str,
        /// The backend's own words.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

/// The sentences that every store says alike.
impl StoreError {
    /// There is no such campaign.
    pub fn no_campaign(id: CampaignId) -> Self {
        Self::Missing(format!("campaign {id}"))
    }

    /// There is no such campaign, or it is not being prepared (any more).
    pub fn no_preparation(id: CampaignId) -> Self {
        Self::Missing(format!("campaign {id} in preparation"))
    }

    /// The campaign has no such batch.
    pub fn no_batch(campaign: CampaignId, number: u32) -> Self {
        Self::Missing(format!("batch {number} of campaign {campaign}"))
    }

    /// The batch cannot be cut so: it is not planned, or one side would be empty.
    pub fn no_cut(campaign: CampaignId, batch: u32, keep: u32) -> Self {
        Self::Missing(format!(
            "planned batch {batch} of campaign {campaign} with recipients before and behind its \
             first {keep}"
        ))
    }

    /// The campaign has no such recipient.
    pub fn no_recipient(campaign: CampaignId, index: u32) -> Self {
        Self::Missing(format!("recipient {index} of campaign {campaign}"))
    }

    /// Checks that a campaign has as many recipients as its writer thinks.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if it has fewer, [`StoreError::Exists`] if it has more.
    pub fn unless_written(
        campaign: CampaignId,
        written: u32,
        expected: u32,
    ) -> Result<(), StoreError> {
        match expected.cmp(&written) {
            Ordering::Equal => Ok(()),
            Ordering::Greater => Err(Self::no_recipient(campaign, written)),
            Ordering::Less => {
                Err(Self::Exists(format!("recipient {expected} of campaign {campaign}")))
            }
        }
    }
}
