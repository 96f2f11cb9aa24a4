//! Callbacks come in, and what they add up to.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, ReferenceId, Report, Reports};
use bsg_rcs_store::{
    ButtonRow, Change, KeptBody, Owner, Received, ReportStore, Snapshot, StoreError, TallyRow,
    Verdict,
};

use super::SqliteStore;
use crate::{callbacks, campaigns, changes, counts, report_writes, reports};

#[async_trait]
impl ReportStore for SqliteStore {
    async fn keep_callbacks(&self, received: Vec<Received>) -> Result<(), StoreError> {
        self.write("keeping callbacks", move |tx, now| callbacks::keep(tx, now, &received)).await
    }

    async fn add_reports(
        &self,
        campaign: CampaignId,
        reports: Vec<(u32, Report)>,
    ) -> Result<(), StoreError> {
        self.write("adding reports", move |tx, now| {
            report_writes::add_reports(tx, now, campaign, &reports)
        })
        .await
    }

    async fn reports(&self, campaign: CampaignId, index: u32) -> Result<Reports, StoreError> {
        self.read("reading reports", move |tx, _| reports::reports(tx, campaign, index)).await
    }

    async fn tally(
        &self,
        campaign: CampaignId,
        overdue_after: Duration,
    ) -> Result<Vec<TallyRow>, StoreError> {
        self.read("counting", move |tx, now| counts::tally(tx, campaign, now.before(overdue_after)))
            .await
    }

    async fn snapshot(
        &self,
        campaign: CampaignId,
        overdue_after: Duration,
    ) -> Result<Snapshot, StoreError> {
        self.read("reading a campaign whole", move |tx, now| {
            reports::snapshot(tx, now, campaign, overdue_after)
        })
        .await
    }

    async fn clicks(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        self.read("counting clicks", move |tx, _| reports::clicks(tx, campaign)).await
    }

    async fn buttons(&self, campaign: CampaignId) -> Result<Vec<ButtonRow>, StoreError> {
        self.read("counting buttons", move |tx, _| reports::buttons(tx, campaign)).await
    }

    async fn contradicted(&self, campaign: CampaignId, limit: u32) -> Result<Vec<u32>, StoreError> {
        self.read("looking for contradictions", move |tx, _| {
            reports::contradicted(tx, campaign, limit)
        })
        .await
    }

    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<Change>, StoreError> {
        self.read("reading changes", move |tx, _| changes::changes(tx, after, limit)).await
    }

    async fn bodies(&self, after: u64, limit: u32) -> Result<Vec<KeptBody>, StoreError> {
        self.read("reading bodies", move |tx, _| callbacks::bodies(tx, after, limit)).await
    }

    async fn judge_again(&self, judged: Vec<(u64, Verdict)>) -> Result<(), StoreError> {
        self.write("judging bodies anew", move |tx, now| callbacks::judge_again(tx, now, &judged))
            .await
    }

    async fn owners(&self, references: Vec<ReferenceId>) -> Result<Vec<Option<Owner>>, StoreError> {
        self.read("looking up references", move |tx, _| campaigns::owners(tx, &references)).await
    }
}
