//! Resuming what the platform paused: each paused campaign of the platform is asked to go on.

use bsg_rcs::{CampaignStatus, Resumption};
use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::{CampaignRow, Kind};

use crate::cost::BATCHES_AT_ONCE;
use crate::error::CampaignError;
use crate::tools::Tools;

/// What one of the platform's campaigns said to being resumed. Those that are not paused are not
/// asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemoteResume {
    /// It goes on.
    Resumed,
    /// The platform has no call for it: resume it in the account's page (assumption A4).
    OnlyInAccountPage,
    /// It may still be paused: why. Its status could not be read, or the platform refused.
    Failed(String),
}

/// Asks each paused campaign of the platform that belongs to this campaign to go on, even if others
/// refuse: the platform's id of each, and what it said. Campaigns of the platform without
/// an open recipient are passed over. Sends nothing itself.
///
/// # Errors
/// [`CampaignError`]: no such campaign, the store fails, or the work is interrupted.
pub async fn resume(
    tools: &Tools,
    id: CampaignId,
) -> Result<Vec<(u64, RemoteResume)>, CampaignError> {
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let (mut answers, mut after) = (Vec::new(), None);
    if campaign.kind == Kind::Single {
        // A single send is none of the platform's campaigns, and cannot be paused.
        return Ok(answers);
    }
    loop {
        let page = tools.store.open_remotes(id, after, BATCHES_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(answers) };
        after = Some(last.batch);
        for open in page {
            let asked = resume_remote(tools, &campaign, open.remote);
            let asked = tools.unless_interrupted(asked).await;
            let said = asked.ok_or(CampaignError::Interrupted)?;
            answers.extend(said.map(|said| (open.remote, said)));
        }
    }
}

/// Asks one of the platform's campaigns to go on, if it is paused.
async fn resume_remote(tools: &Tools, campaign: &CampaignRow, remote: u64) -> Option<RemoteResume> {
    let client = &tools.client;
    if !tools.is_of(campaign) {
        let why = "it is on another platform or account: resume with the key that sent it";
        return Some(RemoteResume::Failed(why.to_owned()));
    }
    let failed = |error: bsg_rcs::Error| Some(RemoteResume::Failed(error.to_string()));
    match client.campaigns().get(remote).await {
        Ok(found) if found.status != Ok(CampaignStatus::Paused) => return None,
        Ok(_) => {}
        Err(error) => return failed(error),
    }
    match client.campaigns().resume(remote).await {
        Ok(Resumption::Resumed(_)) => Some(RemoteResume::Resumed),
        Ok(Resumption::OnlyInAccountPage(_)) => Some(RemoteResume::OnlyInAccountPage),
        Ok(_) => Some(RemoteResume::Failed("it answered something else".to_owned())),
        Err(error) => failed(error),
    }
}
