//! Stopping for good: nothing more leaves, and what the platform still holds back is stopped there.

use std::time::Duration;

use bsg_rcs::ErrorKind;
use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::{BatchRow, CampaignState};

use crate::apply::Tools;
use crate::error::CampaignError;

/// Between two looks at whether somebody still sends.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Stops a campaign for good. Workers of a shared store finish the batch that they are at.
///
/// # Errors
/// [`CampaignError`]: no such campaign, another process of a store that is not shared applies it,
/// the store fails, or the platform cannot be reached. Once the store has it as stopped it stays
/// so; stopping again goes on.
pub async fn stop(tools: &Tools, id: CampaignId) -> Result<(), CampaignError> {
    let store = &tools.store;
    store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    // Where one process at a time may send, nobody does now; elsewhere nobody begins any more.
    let _claim = store.claim(id).await?;
    store.set_state(id, CampaignState::Stopped).await?;
    let batches = loop {
        let batches = store.batches(id).await?;
        let now = tools.clock.now();
        let is_at_work = |batch: &BatchRow| batch.leased.is_some_and(|leased| leased.is_live(now));
        if !batches.iter().any(is_at_work) {
            break batches;
        }
        tools.clock.sleep(LOOK_EVERY).await;
    };
    for remote in batches.into_iter().flat_map(|batch| batch.remotes) {
        match tools.client.campaigns().stop(remote).await {
            Ok(_) => {}
            // It is over already: there is nothing left to stop.
            Err(error) if matches!(error.kind(), ErrorKind::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
