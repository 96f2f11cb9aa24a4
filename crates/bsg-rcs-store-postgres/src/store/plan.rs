//! Campaigns come and go.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::{CampaignRow, CampaignState, NewRecipient, PlanEnd, PlanStore, StoreError};

use super::{FOLDED_AFTER, PostgresStore, transact};
use crate::plans::Discarded;
use crate::{campaigns, plans};

#[async_trait]
impl PlanStore for PostgresStore {
    async fn create(&self, campaign: CampaignRow) -> Result<(), StoreError> {
        transact!(self, "creating a campaign", tx => plans::create(&tx, &campaign))
    }

    async fn add_recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        recipients: Vec<NewRecipient>,
    ) -> Result<(), StoreError> {
        transact!(self, "writing recipients", tx => {
            plans::add_recipients(&tx, campaign, first, &recipients)
        })
    }

    async fn finish_plan(&self, campaign: CampaignId, end: PlanEnd) -> Result<(), StoreError> {
        transact!(self, "finishing a plan", tx => plans::finish_plan(&tx, campaign, &end))?;
        // A row for each batch was appended, and one for each call that added recipients.
        self.appended(FOLDED_AFTER).await;
        Ok(())
    }

    async fn begin(
        &self,
        campaign: CampaignId,
        guard: Option<Duration>,
    ) -> Result<CampaignState, StoreError> {
        transact!(self, "beginning a campaign", tx => campaigns::begin(&tx, campaign, guard))
    }

    async fn discard(&self, campaign: CampaignId) -> Result<bool, StoreError> {
        const DOING: &str = "discarding a campaign";
        if !transact!(self, DOING, tx => plans::begin_discard(&tx, campaign))? {
            return Ok(false);
        }
        loop {
            match transact!(self, DOING, tx => plans::discard_some(&tx, campaign))? {
                Discarded::More => self.appended(1).await,
                Discarded::Everything => return Ok(true),
                Discarded::Nothing => return Ok(false),
            }
        }
    }

    async fn abandoned(&self) -> Result<Vec<CampaignId>, StoreError> {
        transact!(self, "looking for preparations", tx => plans::abandoned(&tx))
    }

    async fn set_summary(&self, id: CampaignId, summary: String) -> Result<(), StoreError> {
        transact!(self, "changing a plan", tx => campaigns::set_summary(&tx, id, &summary))
    }

    async fn set_account(&self, id: CampaignId, account: String) -> Result<(), StoreError> {
        transact!(self, "changing a plan", tx => campaigns::set_account(&tx, id, &account))
    }
}
