//! Where campaigns stand, and who may work on them.

use async_trait::async_trait;
use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::{
    CampaignFilter, CampaignRow, CampaignState, Claim, StateStore, StoreError, Timestamp,
};

use super::{PostgresStore, transact};
use crate::campaigns;

#[async_trait]
impl StateStore for PostgresStore {
    async fn now(&self) -> Result<Timestamp, StoreError> {
        transact!(self, "reading the clock", tx => campaigns::now(&tx))
    }

    async fn campaign(&self, id: CampaignId) -> Result<Option<CampaignRow>, StoreError> {
        transact!(self, "reading a campaign", tx => campaigns::campaign(&tx, id))
    }

    async fn campaigns(&self, filter: CampaignFilter) -> Result<Vec<CampaignRow>, StoreError> {
        transact!(self, "listing campaigns", tx => campaigns::campaigns(&tx, &filter))
    }

    async fn set_state(
        &self,
        id: CampaignId,
        state: CampaignState,
        note: Option<String>,
    ) -> Result<CampaignState, StoreError> {
        transact!(self, "changing a campaign", tx => {
            campaigns::set_state(&tx, id, state, note.as_deref())
        })
    }

    async fn reopen(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        transact!(self, "reopening batches", tx => campaigns::reopen(&tx, campaign))
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn claim(&self, _id: CampaignId) -> Result<Claim, StoreError> {
        Ok(Claim::new(()))
    }
}
