//! Campaigns come and go.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::{CampaignRow, CampaignState, NewRecipient, PlanEnd, PlanStore, StoreError};

use super::SqliteStore;
use crate::plans::Discarded;
use crate::{campaigns, locks, plans};

#[async_trait]
impl PlanStore for SqliteStore {
    async fn create(&self, campaign: CampaignRow) -> Result<(), StoreError> {
        self.write("creating a campaign", move |tx, now| plans::create(tx, now, &campaign)).await
    }

    async fn add_recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        recipients: Vec<NewRecipient>,
    ) -> Result<(), StoreError> {
        self.write("writing recipients", move |tx, _| {
            plans::add_recipients(tx, campaign, first, &recipients)
        })
        .await
    }

    async fn finish_plan(&self, campaign: CampaignId, end: PlanEnd) -> Result<(), StoreError> {
        self.write("finishing a plan", move |tx, now| plans::finish_plan(tx, now, campaign, &end))
            .await
    }

    async fn begin(
        &self,
        campaign: CampaignId,
        guard: Option<Duration>,
    ) -> Result<CampaignState, StoreError> {
        self.write("beginning a campaign", move |tx, now| {
            campaigns::begin(tx, now, campaign, guard)
        })
        .await
    }

    async fn discard(&self, campaign: CampaignId) -> Result<bool, StoreError> {
        const DOING: &str = "discarding a campaign";
        if !self.write(DOING, move |tx, _| plans::begin_discard(tx, campaign)).await? {
            return Ok(false);
        }
        loop {
            match self.write(DOING, move |tx, _| plans::discard_some(tx, campaign)).await? {
                Discarded::More => self.leave().await?,
                Discarded::Everything => return Ok(true),
                Discarded::Nothing => return Ok(false),
            }
        }
    }

    async fn abandoned(&self) -> Result<Vec<CampaignId>, StoreError> {
        let found = self.read("looking for preparations", |tx, _| plans::preparations(tx)).await?;
        let mut abandoned = Vec::new();
        for id in found {
            match locks::claim(&self.inner.locks, id) {
                Ok(free) => {
                    drop(free);
                    abandoned.push(id);
                }
                Err(StoreError::Claimed(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(abandoned)
    }

    async fn set_summary(&self, id: CampaignId, summary: String) -> Result<(), StoreError> {
        self.write("changing a plan", move |tx, _| campaigns::set_summary(tx, id, &summary)).await
    }

    async fn set_account(&self, id: CampaignId, account: String) -> Result<(), StoreError> {
        self.write("changing a plan", move |tx, _| campaigns::set_account(tx, id, &account)).await
    }
}
