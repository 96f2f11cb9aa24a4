//! Stopping for good: nothing more leaves, and what the platform still holds back is stopped there.

use std::time::Duration;

use bsg_rcs::ErrorKind;
use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::{BatchRow, BatchState, CampaignRow, CampaignState, Kind};
use futures_util::StreamExt;
use futures_util::stream;

use crate::cost::BATCHES_AT_ONCE;
use crate::error::CampaignError;
use crate::progress::Event;
use crate::tools::Tools;
use crate::track::poll;

/// Between two looks at whether a worker still sends.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long workers have to end: longer than a lease lasts.
const PATIENCE: Duration = Duration::from_secs(70);
/// Campaigns of the platform that are stopped at once.
const AT_ONCE: usize = 8;

/// What came of stopping a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stopped {
    /// Where the campaign stands: stopped, or done if it was done before.
    pub state: CampaignState,
    /// Batches whose outcome is not known, by number: the platform may have them. They need a look
    /// at the platform's page.
    pub unsettled: Vec<u32>,
    /// The platform's campaigns, and what each said.
    pub remotes: Vec<(u64, RemoteStop)>,
}

/// What one of the platform's campaigns said to being stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemoteStop {
    /// It is stopped.
    Stopped,
    /// It had come to its end before.
    Over,
    /// It may go on: why.
    Failed(String),
}

impl Stopped {
    /// Whether the platform may still send something.
    pub fn may_go_on(&self) -> bool {
        let failed = |remote: &(u64, RemoteStop)| matches!(remote.1, RemoteStop::Failed(_));
        !self.unsettled.is_empty() || self.remotes.iter().any(failed)
    }
}

/// Stops a campaign for good. The store has it as stopped first, which always succeeds beside
/// workers; each of them ends before its next request. Then every campaign of the platform is asked
/// to stop, also after another one failed, and the platform is asked once for what was charged.
/// Stopping again asks again.
///
/// # Errors
/// [`CampaignError`]: no such campaign, or the store fails.
pub async fn stop(tools: &Tools, id: CampaignId) -> Result<Stopped, CampaignError> {
    let store = &tools.store;
    let campaign = store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let state = store.set_state(id, CampaignState::Stopped, None).await?;
    if state == CampaignState::Done {
        return Ok(Stopped { state, unsettled: Vec::new(), remotes: Vec::new() });
    }
    let mut stopped = Stopped { state, ..remotes_of(tools, &campaign).await? };
    wait_for_workers(tools, id).await?;
    // What a worker had under way when it was stopped is known now.
    let late = remotes_of(tools, &campaign).await?;
    stopped.unsettled = late.unsettled;
    let known: Vec<u64> = stopped.remotes.iter().map(|(remote, _)| *remote).collect();
    stopped.remotes.extend(late.remotes.into_iter().filter(|(remote, _)| !known.contains(remote)));
    poll(tools, id).await?;
    Ok(stopped)
}

/// Asks every campaign of the platform to stop, and finds the batches whose outcome is not known.
async fn remotes_of(tools: &Tools, campaign: &CampaignRow) -> Result<Stopped, CampaignError> {
    let id = campaign.id;
    let (mut unsettled, mut remotes, mut from) = (Vec::new(), Vec::new(), 0);
    loop {
        let rows = tools.store.batches(id, from, BATCHES_AT_ONCE).await?;
        let Some(last) = rows.last() else { break };
        from = last.first.saturating_add(last.count.max(1));
        let is_unsettled = |row: &&BatchRow| {
            matches!(row.state, BatchState::Sending | BatchState::Unknown | BatchState::Held)
        };
        unsettled.extend(rows.iter().filter(is_unsettled).map(|row| row.number));
        remotes.extend(rows.into_iter().flat_map(|row| row.remotes));
    }
    if campaign.kind == Kind::Single {
        // A single send is none of the platform's campaigns, and cannot be stopped.
        remotes.clear();
    }
    let is_ours = tools.is_of(campaign);
    let answers = stream::iter(remotes).map(|remote| async move {
        if is_ours {
            return (remote, stop_remote(tools, remote).await);
        }
        let why = "it is on another platform or account: stop again with the key that sent it";
        (remote, RemoteStop::Failed(why.to_owned()))
    });
    let remotes = answers.buffer_unordered(AT_ONCE).collect().await;
    Ok(Stopped { state: CampaignState::Stopped, unsettled, remotes })
}

/// Waits until no worker has a batch under way. On a store for one process at a time, a claim that
/// is free says that the worker is dead.
async fn wait_for_workers(tools: &Tools, id: CampaignId) -> Result<(), CampaignError> {
    let until = tools.clock.monotonic().saturating_add(PATIENCE);
    let mut told = false;
    while tools.store.has_live_leases(id).await? {
        let dead = !tools.store.is_shared() && tools.store.claim(id).await.is_ok();
        if dead || tools.clock.monotonic() >= until {
            return Ok(());
        }
        if !std::mem::replace(&mut told, true) {
            (tools.progress)(Event::Stopping);
        }
        tools.clock.sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// Stops one of the platform's campaigns. That this is refused may mean that it is over already, or
/// anything else: only the platform's own word for where it stands says that nothing leaves any
/// more.
async fn stop_remote(tools: &Tools, remote: u64) -> RemoteStop {
    let campaigns = tools.client.campaigns();
    let refused = match campaigns.stop(remote).await {
        Ok(_) => return RemoteStop::Stopped,
        Err(error) if matches!(error.kind(), ErrorKind::Refused(_)) => error,
        Err(error) => return RemoteStop::Failed(error.to_string()),
    };
    match campaigns.get(remote).await.map(|campaign| campaign.status) {
        Ok(Ok(status)) if status.is_final() => RemoteStop::Over,
        _ => RemoteStop::Failed(refused.to_string()),
    }
}
