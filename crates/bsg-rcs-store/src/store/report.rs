//! Callbacks come in, and what they add up to.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, ReferenceId, Report, Reports};

use crate::error::StoreError;
use crate::rows::{ButtonRow, Change, KeptBody, Owner, Received, Snapshot, TallyRow, Verdict};

/// Reports and clicks are kept, counted, and followed.
#[async_trait]
pub trait ReportStore: Send + Sync {
    /// Keeps callbacks, with what they say of our recipients, all in one transaction. Reports and
    /// clicks are sets; bodies are kept as often as they came. An index beyond the campaign's
    /// recipients, or an unknown campaign, is kept as set aside; of what is set aside, the latest
    /// [`crate::rows::ASIDE_MAX`] bodies. Of a recipient that was forgotten, no body is kept.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] names the recipient whose reports cannot be read; nothing is kept
    /// then, and without the callbacks of that recipient the others can be.
    async fn keep_callbacks(&self, received: Vec<Received>) -> Result<(), StoreError>;

    /// Adds reports that were asked for rather than called back.
    ///
    /// # Errors
    /// [`StoreError::Missing`] names the first recipient that is not there; nothing is written then.
    async fn add_reports(
        &self,
        campaign: CampaignId,
        reports: Vec<(u32, Report)>,
    ) -> Result<(), StoreError>;

    /// The reports of one recipient.
    async fn reports(&self, campaign: CampaignId, index: u32) -> Result<Reports, StoreError>;

    /// Counts the campaign's recipients by how they stand, each way of standing in one row.
    /// `overdue` in a row says whether their batch is accepted, and has been for `overdue_after` by
    /// the store's clock.
    async fn tally(
        &self,
        campaign: CampaignId,
        overdue_after: Duration,
    ) -> Result<Vec<TallyRow>, StoreError>;

    /// Everything that a report needs, as it is at one moment.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such campaign; [`StoreError::Overflow`] if a sum of
    /// money is beyond what an amount can hold.
    async fn snapshot(
        &self,
        campaign: CampaignId,
        overdue_after: Duration,
    ) -> Result<Snapshot, StoreError>;

    /// How many clicks the campaign has; the same click told twice counts once.
    async fn clicks(&self, campaign: CampaignId) -> Result<u64, StoreError>;

    /// The campaign's buttons that were clicked, the most clicked first.
    async fn buttons(&self, campaign: CampaignId) -> Result<Vec<ButtonRow>, StoreError>;

    /// The first recipients, in order, whose reports contradict each other.
    async fn contradicted(&self, campaign: CampaignId, limit: u32) -> Result<Vec<u32>, StoreError>;

    /// The changes behind a cursor (0 is before the first), in the order of their commits: what is
    /// committed later stands behind everything that was ever answered.
    ///
    /// # Errors
    /// [`StoreError::Pruned`] if changes behind this cursor were removed from the log.
    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<Change>, StoreError>;

    /// The kept bodies with greater numbers than `after` (0 is before the first), in order.
    async fn bodies(&self, after: u64, limit: u32) -> Result<Vec<KeptBody>, StoreError>;

    /// Judges kept bodies anew, by their numbers, and adds what they say; those that are gone are
    /// passed over. All in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] as of [`ReportStore::keep_callbacks`].
    async fn judge_again(&self, judged: Vec<(u64, Verdict)>) -> Result<(), StoreError>;

    /// Finds the recipients that carry these references as the caller's own, one answer each; of
    /// several, one of the youngest campaign. Campaigns that are being prepared are passed over:
    /// nothing of them was sent.
    async fn owners(&self, references: Vec<ReferenceId>) -> Result<Vec<Option<Owner>>, StoreError>;
}
