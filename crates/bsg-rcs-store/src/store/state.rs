//! Where campaigns stand, and who may work on them.

use async_trait::async_trait;
use bsg_rcs_domain::CampaignId;

use super::Claim;
use crate::error::StoreError;
use crate::rows::{CampaignFilter, CampaignRow, CampaignState, Timestamp};

/// Campaigns are found, listed, claimed, and change their state.
#[async_trait]
pub trait StateStore: Send + Sync {
    /// The store's clock, which every moment in the store is of.
    async fn now(&self) -> Result<Timestamp, StoreError>;

    /// The campaign, if there is one.
    async fn campaign(&self, id: CampaignId) -> Result<Option<CampaignRow>, StoreError>;

    /// A page of campaigns, the youngest first; of those created at the same moment, the one with
    /// the greater id, read as a signed number. Those that are being prepared are listed too.
    async fn campaigns(&self, filter: CampaignFilter) -> Result<Vec<CampaignRow>, StoreError>;

    /// Asks for a campaign to be in another state; answers where it stands now, as
    /// [`CampaignState::after`] says. Where the wish is fulfilled, `note` replaces the row's;
    /// [`CampaignState::Sending`] clears it, and records when the campaign was first begun.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such campaign.
    async fn set_state(
        &self,
        id: CampaignId,
        state: CampaignState,
        note: Option<String>,
    ) -> Result<CampaignState, StoreError>;

    /// Makes every held batch of a campaign unknown again, as if it had never been tried; answers
    /// how many there were. A campaign that is done becomes [`CampaignState::Sending`] with it, if
    /// there were any.
    async fn reopen(&self, campaign: CampaignId) -> Result<u64, StoreError>;

    /// Whether many processes, on many machines, may work on one campaign at once.
    fn is_shared(&self) -> bool;

    /// Begins to work on a campaign. A store that is not shared lets one process and task in at a
    /// time: two claims of one campaign never live at once, a claim ends with its process, however
    /// that dies, and with a new claim every earlier lease of the campaign is over. A shared store
    /// grants every claim.
    ///
    /// # Errors
    /// [`StoreError::Claimed`] while another lives, of a store that is not shared.
    async fn claim(&self, id: CampaignId) -> Result<Claim, StoreError>;
}
