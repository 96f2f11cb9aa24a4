//! Callbacks come in, and what they add up to.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, ReferenceId, Report, Reports};
use bsg_rcs_store::{
    ButtonRow, Change, KeptBody, Owner, Received, ReportStore, Snapshot, StoreError, TallyRow,
    Verdict,
};

use super::{PostgresStore, transact};
use crate::{callbacks, campaigns, changes, counts, report_writes, reports};

#[async_trait]
impl ReportStore for PostgresStore {
    async fn keep_callbacks(&self, received: Vec<Received>) -> Result<(), StoreError> {
        let kept = transact!(self, "keeping callbacks", tx => callbacks::keep(&tx, &received));
        self.appended(kept?).await;
        Ok(())
    }

    async fn add_reports(
        &self,
        campaign: CampaignId,
        reports: Vec<(u32, Report)>,
    ) -> Result<(), StoreError> {
        let added = transact!(self, "adding reports", tx => {
            report_writes::add_reports(&tx, campaign, &reports)
        });
        self.appended(added?).await;
        Ok(())
    }

    async fn reports(&self, campaign: CampaignId, index: u32) -> Result<Reports, StoreError> {
        transact!(self, "reading reports", tx => reports::reports(&tx, campaign, index))
    }

    async fn tally(
        &self,
        campaign: CampaignId,
        overdue_after: Duration,
    ) -> Result<Vec<TallyRow>, StoreError> {
        transact!(self, "counting", tx => async {
            let accepted_by = campaigns::now(&tx).await?.before(overdue_after);
            counts::tally(&tx, campaign, accepted_by).await
        })
    }

    async fn snapshot(
        &self,
        campaign: CampaignId,
        overdue_after: Duration,
    ) -> Result<Snapshot, StoreError> {
        transact!(self, "reading a campaign whole", one_state, tx => {
            reports::snapshot(&tx, campaign, overdue_after)
        })
    }

    async fn clicks(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        transact!(self, "counting clicks", tx => reports::clicks(&tx, campaign))
    }

    async fn buttons(&self, campaign: CampaignId) -> Result<Vec<ButtonRow>, StoreError> {
        transact!(self, "counting buttons", tx => reports::buttons(&tx, campaign))
    }

    async fn contradicted(&self, campaign: CampaignId, limit: u32) -> Result<Vec<u32>, StoreError> {
        transact!(self, "looking for contradictions", tx => {
            reports::contradicted(&tx, campaign, limit)
        })
    }

    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<Change>, StoreError> {
        const DOING: &str = "reading changes";
        self.seal(DOING).await?;
        transact!(self, DOING, tx => changes::changes(&tx, after, limit))
    }

    async fn bodies(&self, after: u64, limit: u32) -> Result<Vec<KeptBody>, StoreError> {
        transact!(self, "reading bodies", tx => callbacks::bodies(&tx, after, limit))
    }

    async fn judge_again(&self, judged: Vec<(u64, Verdict)>) -> Result<(), StoreError> {
        let judged = transact!(self, "judging bodies anew", tx => {
            callbacks::judge_again(&tx, &judged)
        });
        self.appended(judged?).await;
        Ok(())
    }

    async fn owners(&self, references: Vec<ReferenceId>) -> Result<Vec<Option<Owner>>, StoreError> {
        transact!(self, "looking up references", tx => campaigns::owners(&tx, &references))
    }
}
