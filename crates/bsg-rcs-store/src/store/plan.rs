//! Campaigns come and go.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::CampaignId;

use crate::error::StoreError;
use crate::rows::{CampaignRow, CampaignState, NewRecipient, PlanEnd};

/// Campaigns are prepared, planned, begun, and discarded.
///
/// A planner holds the campaign's claim from before it creates the campaign until the plan is
/// finished: a preparation whose claim is free is [`PlanStore::abandoned`].
#[async_trait]
pub trait PlanStore: Send + Sync {
    /// Writes a new campaign: created now, in state [`CampaignState::Preparing`], not begun, with
    /// no recipients, no note and an empty digest and summary, no matter what the row says.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if its id is taken.
    async fn create(&self, campaign: CampaignRow) -> Result<(), StoreError>;

    /// Appends recipients to a campaign that is being prepared, and marks its planner as alive;
    /// `first` is the index of the first of them, and equals the number of recipients written so
    /// far.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if no such campaign is being prepared, or fewer are written;
    /// [`StoreError::Exists`] if more are. Nothing is written then.
    async fn add_recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        recipients: Vec<NewRecipient>,
    ) -> Result<(), StoreError>;

    /// Ends the preparation: sets digest and summary, writes the batches
    /// ([`bsg_rcs_domain::BatchCap::ranges`] of the row's `batch_cap`, all planned, changed now)
    /// and makes the campaign [`CampaignState::Planned`].
    ///
    /// # Errors
    /// [`StoreError::Missing`] if no such campaign is being prepared, or fewer recipients are
    /// written than `end` says; [`StoreError::Exists`] if more are; [`StoreError::Planned`] if the
    /// guard refuses it, also because of another process at the same moment. It goes on being
    /// prepared then.
    async fn finish_plan(&self, campaign: CampaignId, end: PlanEnd) -> Result<(), StoreError>;

    /// Makes a campaign [`CampaignState::Sending`], clears its note, and records when it was first
    /// begun; answers where it stands now. One that is being prepared, stopped or done stays so.
    ///
    /// From [`CampaignState::Planned`] with a `guard`: refuses, in the same transaction, if another
    /// campaign of the same digest and platform, under any account, was begun within that span
    /// before now.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such campaign; [`StoreError::Planned`] if the guard
    /// refuses. Nothing is written then.
    async fn begin(
        &self,
        campaign: CampaignId,
        guard: Option<Duration>,
    ) -> Result<CampaignState, StoreError>;

    /// Removes a campaign that is being prepared, or is planned with nothing ever sent (all batches
    /// planned, without an attempt), and all that belongs to it; `false` if it is something else.
    ///
    /// In pieces: first it becomes [`CampaignState::Preparing`], so that nothing of it is ever sent;
    /// then its recipients go, at most [`crate::rows::PRUNED_AT_ONCE`] a transaction, the last ones
    /// first; then the rest. A call that ends in between leaves a preparation, to be discarded.
    async fn discard(&self, campaign: CampaignId) -> Result<bool, StoreError>;

    /// The preparations whose planner is dead: of a store that is not shared, those whose claim is
    /// free; of a shared one, those to which nothing was written for ten minutes.
    async fn abandoned(&self) -> Result<Vec<CampaignId>, StoreError>;

    /// Replaces what planning found.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such campaign.
    async fn set_summary(&self, id: CampaignId, summary: String) -> Result<(), StoreError>;

    /// Carries a campaign over to another key of the same platform: `account` is its fingerprint.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such campaign.
    async fn set_account(&self, id: CampaignId, account: String) -> Result<(), StoreError>;
}
