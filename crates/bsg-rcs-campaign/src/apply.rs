//! Applying: each planned batch is sent once, whatever dies in between.
//!
//! For one batch the order is always: the intent is written, the request leaves, the outcome is
//! written, then it is told. A batch that is found in the middle (its worker died, or the outcome
//! is unknown) is looked up before anything of it is sent again.
//!
//! Where the store is shared, many workers on many machines apply one campaign: each leases
//! batches, and only the holder of the latest lease may change a batch. What a worker that lost its
//! lease sent all the same is found by the next holder, which looks it up first.
//!
//! | file | holds |
//! | --- | --- |
//! | `apply` | who may apply a campaign, and what is written when applying ends |
//! | `worker` | which batches are under way at once |
//! | `hand` | one batch: its lease, and every change of it |
//! | `send`, `resolve` | one batch: sending it, looking it up |
//! | `stop_conditions`, `cost` | what keeps the next request back |

use std::time::Duration;

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::{BatchState, CampaignRow, CampaignState, Claim, Kind, StoreError};

use crate::applied::{Applied, ApplyOptions};
use crate::error::CampaignError;
use crate::hand::Work;
use crate::plan::RECENT;
use crate::stored_plan::{StoredPlan, plan_of};
use crate::tools::Tools;
use crate::worker;

/// Why a campaign that was stopped is not applied.
const STOPPED: &str = "was stopped for good";

/// Applies a campaign. Run again after any end, it goes on where it was.
///
/// # Errors
/// [`CampaignError`]: no such campaign, another process applies it, another platform or account,
/// the same was sent within 24 hours, the platform is not reachable, the store fails. What was sent
/// before is written.
pub async fn apply(
    tools: &Tools,
    id: CampaignId,
    options: ApplyOptions,
) -> Result<Applied, CampaignError> {
    check_settle(tools, options.settle)?;
    let (campaign, plan, _claim) = begin(tools, id, options).await?;
    let work = Work::new(tools, campaign, plan, options)?;
    let applied = worker::run(&work).await;
    let Some(note) = note_of_pause(&applied, tools.store.is_shared()) else { return applied };
    let written = tools.store.set_state(id, CampaignState::Paused, Some(note)).await;
    // Of two failures, the first says more.
    let applied = applied?;
    written?;
    Ok(applied)
}

/// While a request may still be under way, its outcome has not settled.
fn check_settle(tools: &Tools, settle: Option<Duration>) -> Result<(), CampaignError> {
    let timeout = tools.client.request_timeout();
    match settle {
        Some(settle) if settle < timeout => Err(CampaignError::SettleTooShort { settle, timeout }),
        _ => Ok(()),
    }
}

/// Why nothing leaves any more until the campaign is applied again, if that is so. Where others may
/// be at it too, one that stops for itself stops nothing else.
fn note_of_pause(applied: &Result<Applied, CampaignError>, shared: bool) -> Option<String> {
    match applied {
        Ok(Applied::AllSent | Applied::Held { .. }) => None,
        Ok(Applied::Refused { why, .. }) => Some(format!("the platform refused a request: {why}")),
        Ok(Applied::Stopped(stop)) => (stop.is_for_all() || !shared).then(|| stop.to_string()),
        Err(error) => (!shared).then(|| error.to_string()),
    }
}

/// Loads and claims a campaign that this account may apply, and begins it.
async fn begin(
    tools: &Tools,
    id: CampaignId,
    options: ApplyOptions,
) -> Result<(CampaignRow, StoredPlan, Claim), CampaignError> {
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let not_applicable = |why: String| Err(CampaignError::NotApplicable { id, why });
    if campaign.platform != tools.client.base_url() {
        let planned = &campaign.platform;
        return not_applicable(format!(
            "was planned for {planned} and goes nowhere else: plan it anew"
        ));
    }
    let claim = tools.store.claim(id).await?;
    // As it is under the claim.
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    if campaign.state == CampaignState::Stopped {
        return not_applicable(STOPPED.to_owned());
    }
    if campaign.state == CampaignState::Preparing {
        return not_applicable(
            "was not planned to its end and holds no batches: plan it anew".to_owned(),
        );
    }
    check_account(tools, &campaign, options).await?;
    let mut plan = plan_of(&campaign)?;
    if options.retry_held {
        tools.store.reopen(id).await?;
    }
    if campaign.state == CampaignState::Done && !tools.store.batch_sums(id).await?.has_open() {
        return Ok((campaign, plan, claim));
    }
    let guard =
        (campaign.kind == Kind::Campaign && !plan.again && !options.again).then_some(RECENT);
    let state = match tools.store.begin(id, guard).await {
        Err(StoreError::Planned(other)) => return Err(CampaignError::SentBefore { id, other }),
        begun => begun?,
    };
    if state == CampaignState::Stopped {
        return not_applicable(STOPPED.to_owned());
    }
    if plan.currency().is_none() {
        plan = learn_currency(tools, id).await?;
    }
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    Ok((campaign, plan, claim))
}

/// Refuses another key than the one that the campaign was planned with, unless it is carried over
/// and nothing that only the other key can look up is left.
async fn check_account(
    tools: &Tools,
    campaign: &CampaignRow,
    options: ApplyOptions,
) -> Result<(), CampaignError> {
    let (id, account) = (campaign.id, tools.client.account_fingerprint());
    if campaign.account == account {
        return Ok(());
    }
    let not_applicable = |why: &str| Err(CampaignError::NotApplicable { id, why: why.to_owned() });
    if !options.carry_over {
        return not_applicable(
            "was planned with another API key. If it is a key of the same account, apply with \
             --carry-over, which messages no recipient twice. Do not plan the list anew",
        );
    }
    let sums = tools.store.batch_sums(id).await?;
    let uncertain = [BatchState::Sending, BatchState::Unknown, BatchState::Held];
    if uncertain.iter().any(|state| sums.get(*state).batches > 0) {
        return not_applicable(
            "has batches whose outcome is unknown: only the key that sent them can look them up. \
             Apply it with that key first",
        );
    }
    Ok(tools.store.set_account(id, account).await?)
}

/// Keeps the account's currency with a plan that has none: prices that name none are in it.
async fn learn_currency(tools: &Tools, id: CampaignId) -> Result<StoredPlan, CampaignError> {
    let asked = tools.client.account().balance().await;
    let currency = asked.map(|funds| funds.currency).unwrap_or_else(|error| {
        tracing::warn!(%error, "the account's currency could not be read");
        None
    });
    // As it is now: a number may have been forgotten while the account was asked.
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let mut plan = plan_of(&campaign)?;
    if let Some(currency) = currency {
        plan.currency = Some(currency.to_string());
        tools.store.set_summary(id, plan.to_json()?).await?;
    }
    Ok(plan)
}
