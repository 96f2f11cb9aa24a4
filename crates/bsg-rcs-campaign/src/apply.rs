//! Applying: each planned batch is sent once, whatever dies in between.
//!
//! For one batch the order is always: the intent is written, the request leaves, the outcome is
//! written, then it is told. A batch that is found in the middle (its writer died, or the outcome
//! is unknown) is looked up before anything of it is sent again.
//!
//! | the send answered | the batch becomes | then |
//! | --- | --- | --- |
//! | accepted | accepted | the next batch |
//! | rejected | rejected | no new batches: the reason would hold for them too |
//! | rejected, but an earlier try may have arrived | unknown | it is resolved |
//! | unknown, or a reference is known | unknown | it is resolved: [`crate::resolve`] |
//! | nothing was sent | what it was before: planned or unknown | tried again a few times, then given up |
//!
//! Where the store is shared, many workers on many machines apply one campaign: each leases a
//! batch, and who lost a lease has no say. What one of them sent all the same is found by whoever
//! took the batch over, who looks it up first.
//!
//! | file | tells |
//! | --- | --- |
//! | `apply` | who may apply what, and how it can end |
//! | `run` | one batch after another, at the rate that was asked for |
//! | `brakes` | what stops the next batch: a pause of the platform, a spend cap |
//! | `send` | one batch: intent, exchange, outcome |
//! | `resolve` | what becomes of a batch that was left in the middle |

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::Client;
use bsg_rcs_domain::{Amount, CampaignId, Money};
use bsg_rcs_store::{CampaignRow, CampaignState, Store};

use crate::clock::Clock;
use crate::error::CampaignError;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::run::Run;
use crate::track::has_open_batches;

/// How a campaign is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApplyOptions {
    /// Stops after the first so many recipients, rounded up to a batch.
    pub first: Option<u64>,
    /// The most recipients a second.
    pub rate: Option<u32>,
    /// How long an unknown outcome may still change. Longer than request timeout plus the window
    /// of the platform's duplicate guard (10 seconds, assumption A17); without one, it is that
    /// plus 5 seconds.
    pub settle: Option<Duration>,
    /// Sends nothing again whose outcome is unknown and that is not found: a person decides. For a
    /// platform that neither refuses a known reference (A15) nor finds an accepted message in time
    /// (A20).
    pub hold_unknown: bool,
    /// Takes held batches up again, as if they had never been tried: they are looked up, and what
    /// is not found is sent. A person decided so.
    pub retry_held: bool,
    /// The most that the campaign may cost, in the currency of its plan; without one, the plan's.
    pub max_cost: Option<Amount>,
}

/// Why applying ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// Every batch was sent and settled.
    AllSent,
    /// The platform refused a batch; no more were sent.
    Refused {
        /// The platform's words.
        why: String,
    },
    /// Looking up did not settle these batches; a person must decide.
    Held {
        /// Their numbers, from 0.
        batches: Vec<u32>,
    },
    /// Stopped before the end; applying again goes on.
    Stopped(Stop),
}

/// Why applying stopped before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The first recipients were asked for, and they are sent.
    First,
    /// Somebody wished it.
    Interrupted,
    /// The platform paused a campaign: the funds ran out. Nothing restarts by itself after a
    /// top-up.
    PausedByPlatform {
        /// The platform's campaign.
        remote: u64,
    },
    /// What was billed, or may be, leaves no room for the next batch under the cap on the cost.
    SpendCap {
        /// What was billed so far, or what was sent may cost at worst, whichever is more.
        spent: Money,
        /// What the next batch may cost at worst.
        next: Money,
        /// The cap.
        cap: Money,
    },
    /// Another worker stopped the campaign, for all; applying again goes on.
    Elsewhere,
    /// Somebody stopped the campaign for good.
    ForGood,
}

impl Stop {
    /// Whether it concerns the campaign, and so every worker, rather than this run alone.
    const fn is_for_all(self) -> bool {
        match self {
            Self::PausedByPlatform { .. } | Self::SpendCap { .. } => true,
            Self::First | Self::Interrupted | Self::Elsewhere | Self::ForGood => false,
        }
    }
}

/// What campaign work is done with.
#[derive(Clone)]
pub struct Tools {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// How the platform is reached.
    pub client: Client,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who listens.
    pub progress: Progress,
    /// Who may stop it.
    pub interrupt: Interrupt,
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools").field("client", &self.client).finish_non_exhaustive()
    }
}

/// Applies a campaign. Run again after any end, it goes on where it was.
///
/// # Errors
/// [`CampaignError`]: no such campaign, another process applies it, another platform or account,
/// the platform is not reachable, the store fails. What was sent before is written.
pub async fn apply(
    tools: &Tools,
    id: CampaignId,
    options: ApplyOptions,
) -> Result<Applied, CampaignError> {
    let (campaign, _claim) = begin(tools, id).await?;
    if options.retry_held && tools.store.reopen(id).await? > 0 {
        tools.store.set_state(id, CampaignState::Sending).await?;
    }
    let applied = Run::new(tools, campaign, options)?.batches().await;
    if !pauses(&applied, tools.store.is_shared()) {
        return applied;
    }
    // What is done stays done, however often it is applied.
    if tools.store.campaign(id).await?.is_some_and(|row| row.state == CampaignState::Done) {
        return applied;
    }
    let written = tools.store.set_state(id, CampaignState::Paused).await;
    // Of two failures, the first says more.
    let applied = applied?;
    written?;
    Ok(applied)
}

/// Whether nothing leaves any more until the campaign is applied again. Where others may be at it
/// too, one that stops for itself stops nobody else.
fn pauses(applied: &Result<Applied, CampaignError>, shared: bool) -> bool {
    match applied {
        Ok(Applied::AllSent | Applied::Held { .. }) => false,
        Ok(Applied::Refused { .. }) => true,
        Ok(Applied::Stopped(stop)) => stop.is_for_all() || !shared,
        Err(_) => !shared,
    }
}

/// Loads and claims a campaign that this account may apply.
async fn begin(
    tools: &Tools,
    id: CampaignId,
) -> Result<(CampaignRow, bsg_rcs_store::Claim), CampaignError> {
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let not_applicable = |why: String| CampaignError::NotApplicable { id, why };
    let client = &tools.client;
    if campaign.platform != client.base_url() {
        let planned = &campaign.platform;
        let why = format!("was planned for {planned} and goes nowhere else: plan it anew");
        return Err(not_applicable(why));
    }
    if campaign.account != client.account_fingerprint() {
        let why = "was planned with another API key and is sent with no other: plan it anew";
        return Err(not_applicable(why.to_owned()));
    }
    let claim = tools.store.claim(id).await?;
    // Its state as it is under the claim.
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    match campaign.state {
        CampaignState::Preparing => {
            let why = "was not planned to its end and holds no batches: plan it anew";
            Err(not_applicable(why.to_owned()))
        }
        CampaignState::Done if !has_open_batches(&*tools.store, id).await? => Ok((campaign, claim)),
        CampaignState::Done
        | CampaignState::Planned
        | CampaignState::Sending
        | CampaignState::Paused
        | CampaignState::Stopped => {
            match tools.store.set_state(id, CampaignState::Sending).await? {
                CampaignState::Stopped => Err(not_applicable("was stopped for good".to_owned())),
                _ => Ok((campaign, claim)),
            }
        }
    }
}
