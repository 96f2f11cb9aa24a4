//! Whether work is left on a campaign.

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::Store;

use crate::error::CampaignError;

/// Whether a batch is left that a worker has to do something about.
pub(crate) async fn has_open_batches(
    store: &dyn Store,
    id: CampaignId,
) -> Result<bool, CampaignError> {
    Ok(store.batch_sums(id).await?.has_open())
}
