//! Batches leave.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, Money};
use bsg_rcs_store::{
    BatchChange, BatchRow, BatchSums, Lease, OpenRemote, RecipientRow, SendStart, Settled,
    StoreError, WorkStore, WorkerId,
};

use super::SqliteStore;
use crate::{batches, leases};

#[async_trait]
impl WorkStore for SqliteStore {
    async fn batches(
        &self,
        campaign: CampaignId,
        from_first: u32,
        limit: u32,
    ) -> Result<Vec<BatchRow>, StoreError> {
        self.read("reading batches", move |tx, _| batches::batches(tx, campaign, from_first, limit))
            .await
    }

    async fn batch_sums(&self, campaign: CampaignId) -> Result<BatchSums, StoreError> {
        self.read("adding up batches", move |tx, now| batches::sums(tx, now, campaign)).await
    }

    async fn lease(
        &self,
        campaign: CampaignId,
        worker: WorkerId,
        span: Duration,
        before: u32,
    ) -> Result<Option<(Lease, BatchRow)>, StoreError> {
        self.write("leasing a batch", move |tx, now| {
            leases::lease(tx, now, campaign, worker, span, before)
        })
        .await
    }

    async fn renew(&self, lease: Lease, span: Duration) -> Result<(), StoreError> {
        self.write("renewing a lease", move |tx, now| leases::renew(tx, now, lease, span)).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.write("ending a lease", move |tx, _| leases::release(tx, lease)).await
    }

    async fn has_live_leases(&self, campaign: CampaignId) -> Result<bool, StoreError> {
        self.read("looking for leases", move |tx, now| leases::has_live(tx, now, campaign)).await
    }

    async fn cut(
        &self,
        lease: Lease,
        keep: u32,
        worst: (Option<Money>, Option<Money>),
    ) -> Result<BatchRow, StoreError> {
        self.write("cutting a batch", move |tx, now| leases::cut(tx, now, lease, keep, worst)).await
    }

    async fn begin_sending(&self, lease: Lease, span: Duration) -> Result<SendStart, StoreError> {
        self.write("beginning to send", move |tx, now| leases::begin_sending(tx, now, lease, span))
            .await
    }

    async fn change_batch(&self, lease: Lease, change: BatchChange) -> Result<(), StoreError> {
        self.write("changing a batch", move |tx, now| leases::change(tx, now, lease, &change)).await
    }

    async fn recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        count: u32,
    ) -> Result<Vec<RecipientRow>, StoreError> {
        self.read("reading recipients", move |tx, _| leases::recipients(tx, campaign, first, count))
            .await
    }

    async fn settle(&self, campaign: CampaignId, settled: Vec<Settled>) -> Result<(), StoreError> {
        self.write("settling recipients", move |tx, _| batches::settle(tx, campaign, &settled))
            .await
    }

    async fn open_remotes(
        &self,
        campaign: CampaignId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<OpenRemote>, StoreError> {
        self.read("looking for open campaigns", move |tx, _| {
            batches::open_remotes(tx, campaign, after, limit)
        })
        .await
    }
}
