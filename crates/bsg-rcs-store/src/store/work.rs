//! Batches leave.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, Money};

use crate::error::StoreError;
use crate::rows::{
    BatchChange, BatchRow, BatchSums, Lease, OpenRemote, RecipientRow, SendStart, Settled, WorkerId,
};

/// Batches are leased, cut, sent, and changed; recipients get outcomes of their own.
#[async_trait]
pub trait WorkStore: Send + Sync {
    /// The batches that begin at recipient `from_first` or later, in the order of their first
    /// recipients, at most `limit`.
    async fn batches(
        &self,
        campaign: CampaignId,
        from_first: u32,
        limit: u32,
    ) -> Result<Vec<BatchRow>, StoreError>;

    /// What the campaign's batches come to, by where they stand.
    ///
    /// # Errors
    /// [`StoreError::Overflow`] if a sum of money is beyond what an amount can hold.
    async fn batch_sums(&self, campaign: CampaignId) -> Result<BatchSums, StoreError>;

    /// Leases the first batch, by its first recipient, that is open
    /// ([`crate::BatchState::is_open`]), begins before recipient `before`, and is not leased; for
    /// `span` of the store's clock. `None` if there is none, or the campaign is not
    /// [`crate::CampaignState::Sending`]. Of many that ask at once, each is given another batch.
    async fn lease(
        &self,
        campaign: CampaignId,
        worker: WorkerId,
        span: Duration,
        before: u32,
    ) -> Result<Option<(Lease, BatchRow)>, StoreError>;

    /// Lets a lease last for `span` from now.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another worker was given the batch.
    async fn renew(&self, lease: Lease, span: Duration) -> Result<(), StoreError>;

    /// Ends a lease, so that others need not wait for it. One that is lost already is no error.
    async fn release(&self, lease: Lease) -> Result<(), StoreError>;

    /// Whether any batch of a campaign is worked on, by leases that are not over.
    async fn has_live_leases(&self, campaign: CampaignId) -> Result<bool, StoreError>;

    /// Cuts the planned batch of a lease: it keeps its first `keep` recipients and costs at worst
    /// what `worst.0` says; the others become a new planned batch, which is not leased, has the next
    /// free number of the campaign, and costs `worst.1`. Answers the batch of the lease as it is
    /// now.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another worker was given the batch; [`StoreError::Missing`] if
    /// there is no such batch, it is not planned, or would not leave recipients on both sides.
    /// Nothing is written then.
    async fn cut(
        &self,
        lease: Lease,
        keep: u32,
        worst: (Option<Money>, Option<Money>),
    ) -> Result<BatchRow, StoreError>;

    /// Begins to send the batch of a lease, all in one transaction: it becomes
    /// [`crate::BatchState::Sending`] with one attempt more, the lease lasts for `span` from now,
    /// and the recipients are answered as they are at that very moment. Unless the campaign is
    /// [`crate::CampaignState::Sending`]: then nothing is written, and its state is answered.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another worker was given the batch; [`StoreError::Missing`] if
    /// there is no such batch. Nothing is written then.
    async fn begin_sending(&self, lease: Lease, span: Duration) -> Result<SendStart, StoreError>;

    /// Changes the batch of a lease. A `remote` is added to those that are known, once; a `remote`
    /// or `note` of `None` leaves what is there. A batch that is not open any more is not leased
    /// any more, and this very lease can still change it.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another worker was given the batch meanwhile;
    /// [`StoreError::Missing`] if there is no such batch, or names the first of `settled` that is not there. Nothing
    /// is written then.
    async fn change_batch(&self, lease: Lease, change: BatchChange) -> Result<(), StoreError>;

    /// The recipients with index `first` to `first + count - 1`, in order; fewer where they end.
    async fn recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        count: u32,
    ) -> Result<Vec<RecipientRow>, StoreError>;

    /// Gives recipients an outcome of their own. Of two for the same recipient the later counts.
    ///
    /// # Errors
    /// [`StoreError::Missing`] names the first that is not there; nothing is written then.
    async fn settle(&self, campaign: CampaignId, settled: Vec<Settled>) -> Result<(), StoreError>;

    /// The platform's ids of batches that have recipients without an end, whatever the state of the
    /// batch, in the order of the batches' numbers: all ids of at most `limit` batches with greater
    /// numbers than `after`.
    async fn open_remotes(
        &self,
        campaign: CampaignId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<OpenRemote>, StoreError>;
}
