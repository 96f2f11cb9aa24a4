//! Where campaigns stand, and who may work on them.

use async_trait::async_trait;
use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::{
    CampaignFilter, CampaignRow, CampaignState, Claim, StateStore, StoreError, Timestamp,
};

use super::SqliteStore;
use crate::{batches, campaigns, leases, locks};

#[async_trait]
impl StateStore for SqliteStore {
    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok((self.inner.clock)())
    }

    async fn campaign(&self, id: CampaignId) -> Result<Option<CampaignRow>, StoreError> {
        self.read("reading a campaign", move |tx, _| campaigns::campaign(tx, id)).await
    }

    async fn campaigns(&self, filter: CampaignFilter) -> Result<Vec<CampaignRow>, StoreError> {
        self.read("listing campaigns", move |tx, _| campaigns::campaigns(tx, &filter)).await
    }

    async fn set_state(
        &self,
        id: CampaignId,
        state: CampaignState,
        note: Option<String>,
    ) -> Result<CampaignState, StoreError> {
        self.write("changing a campaign", move |tx, now| {
            campaigns::set_state(tx, now, id, state, note.as_deref())
        })
        .await
    }

    async fn reopen(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        self.write("reopening batches", move |tx, now| {
            let reopened = batches::reopen(tx, campaign)?;
            let state = campaigns::campaign(tx, campaign)?.map(|row| row.state);
            if reopened > 0 && state == Some(CampaignState::Done) {
                campaigns::becomes(tx, now, campaign, CampaignState::Sending, None)?;
            }
            Ok(reopened)
        })
        .await
    }

    fn is_shared(&self) -> bool {
        false
    }

    async fn claim(&self, id: CampaignId) -> Result<Claim, StoreError> {
        let claim = locks::claim(&self.inner.locks, id)?;
        self.write("claiming a campaign", move |tx, _| leases::free_all(tx, id)).await?;
        Ok(claim)
    }
}
