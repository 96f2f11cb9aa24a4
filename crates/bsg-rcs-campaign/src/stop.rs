//! Stopping for good: nothing more leaves, and what the platform still holds back is stopped there.

use std::time::Duration;

use bsg_rcs::ErrorKind;
use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::{BatchState, CampaignState, Kind};

use crate::apply::Tools;
use crate::error::CampaignError;

/// Between two looks at whether somebody still sends.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Stops a campaign for good. Workers of a shared store finish the batch that they are at. Answers
/// the batches of which it is not known whether the platform has them, by their numbers: whoever
/// sent them died, and a person must look at the platform's page.
///
/// # Errors
/// [`CampaignError`]: no such campaign, another process of a store that is not shared applies it,
/// the store fails, or the platform cannot be reached. Once the store has it as stopped it stays
/// so; stopping again goes on.
pub async fn stop(tools: &Tools, id: CampaignId) -> Result<Vec<u32>, CampaignError> {
    let store = &tools.store;
    let campaign = store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    // Where one process at a time may send, nobody does now; elsewhere nobody begins any more.
    let _claim = store.claim(id).await?;
    store.set_state(id, CampaignState::Stopped).await?;
    while store.has_live_leases(id).await? {
        tools.clock.sleep(LOOK_EVERY).await;
    }
    let batches = store.batches(id).await?;
    let unsettled = batches.iter().filter(|batch| {
        matches!(batch.state, BatchState::Sending | BatchState::Unknown | BatchState::Held)
    });
    let unsettled = unsettled.map(|batch| batch.number).collect();
    // A single send is none of the platform's campaigns, and cannot be stopped.
    let remotes = batches.iter().filter(|_| campaign.kind == Kind::Campaign);
    for remote in remotes.flat_map(|batch| &batch.remotes) {
        stop_remote(tools, *remote).await?;
    }
    Ok(unsettled)
}

/// Stops one of the platform's campaigns. That this is refused may mean that it is over already, or
/// anything else: only the platform's own word for where it stands says that nothing leaves any more.
async fn stop_remote(tools: &Tools, remote: u64) -> Result<(), CampaignError> {
    let campaigns = tools.client.campaigns();
    let refused = match campaigns.stop(remote).await {
        Ok(_) => return Ok(()),
        Err(error) if matches!(error.kind(), ErrorKind::Refused(_)) => error,
        Err(error) => return Err(error.into()),
    };
    match campaigns.get(remote).await?.status {
        Ok(status) if status.is_final() => Ok(()),
        _ => Err(refused.into()),
    }
}
