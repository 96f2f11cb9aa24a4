//! Batches leave.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, Money};
use bsg_rcs_store::{
    BatchChange, BatchRow, BatchSums, Lease, OpenRemote, RecipientRow, SendStart, Settled,
    StoreError, WorkStore, WorkerId,
};

use super::{PostgresStore, transact};
use crate::{batches, campaigns, leases, recipients};

#[async_trait]
impl WorkStore for PostgresStore {
    async fn batches(
        &self,
        campaign: CampaignId,
        from_first: u32,
        limit: u32,
    ) -> Result<Vec<BatchRow>, StoreError> {
        transact!(self, "reading batches", tx => {
            batches::batches(&tx, campaign, from_first, limit)
        })
    }

    async fn batch_sums(&self, campaign: CampaignId) -> Result<BatchSums, StoreError> {
        transact!(self, "adding up batches", tx => async {
            let now = campaigns::now(&tx).await?;
            batches::sums(&tx, now, campaign).await
        })
    }

    async fn lease(
        &self,
        campaign: CampaignId,
        worker: WorkerId,
        span: Duration,
        before: u32,
    ) -> Result<Option<(Lease, BatchRow)>, StoreError> {
        transact!(self, "leasing a batch", tx => {
            leases::lease(&tx, campaign, worker, span, before)
        })
    }

    async fn renew(&self, lease: Lease, span: Duration) -> Result<(), StoreError> {
        transact!(self, "renewing a lease", tx => leases::renew(&tx, lease, span))
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        transact!(self, "ending a lease", tx => leases::release(&tx, lease))
    }

    async fn has_live_leases(&self, campaign: CampaignId) -> Result<bool, StoreError> {
        transact!(self, "looking for leases", tx => leases::has_live(&tx, campaign))
    }

    async fn cut(
        &self,
        lease: Lease,
        keep: u32,
        worst: (Option<Money>, Option<Money>),
    ) -> Result<BatchRow, StoreError> {
        let row = transact!(self, "cutting a batch", tx => leases::cut(&tx, lease, keep, worst))?;
        self.appended(2).await;
        Ok(row)
    }

    async fn begin_sending(&self, lease: Lease, span: Duration) -> Result<SendStart, StoreError> {
        transact!(self, "beginning to send", tx => leases::begin_sending(&tx, lease, span))
    }

    async fn change_batch(&self, lease: Lease, change: BatchChange) -> Result<(), StoreError> {
        transact!(self, "changing a batch", tx => leases::change(&tx, lease, &change))
    }

    async fn recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        count: u32,
    ) -> Result<Vec<RecipientRow>, StoreError> {
        transact!(self, "reading recipients", tx => {
            leases::recipients(&tx, campaign, first, count)
        })
    }

    async fn settle(&self, campaign: CampaignId, settled: Vec<Settled>) -> Result<(), StoreError> {
        let settling = "settling recipients";
        transact!(self, settling, tx => recipients::settle(&tx, campaign, &settled))?;
        self.appended(2).await;
        Ok(())
    }

    async fn open_remotes(
        &self,
        campaign: CampaignId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<OpenRemote>, StoreError> {
        transact!(self, "looking for open campaigns", tx => {
            batches::open_remotes(&tx, campaign, after, limit)
        })
    }
}
