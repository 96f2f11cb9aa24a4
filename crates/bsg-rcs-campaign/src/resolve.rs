//! Resolving: a batch whose outcome is unknown is looked up by its references before anything of
//! it is sent again.
//!
//! | found of its messages | before it has settled | after |
//! | --- | --- | --- |
//! | all | accepted | accepted |
//! | some | look again | once no more are found, the missing are sent again; after three attempts held |
//! | fewer than callbacks told of | look again | held: looking up is not to be trusted |
//! | none | look again | sent again under the same references; after three attempts held |
//! | messages that cannot be told apart | look again | held: absence must not be concluded |
//!
//! A message counts as found only if it went to the same number; one that a callback with a valid
//! seal told of counts too. Settling takes longer than the request timeout plus the window of the
//! platform's duplicate guard, on the clock of the process that looks: a worker that takes a batch
//! over waits for all of it. That the platform refuses a known reference (A15) and finds an
//! accepted message (A20) is what makes this safe; [`crate::ApplyOptions::hold_unknown`] is for a
//! platform that does neither.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bsg_rcs::RemoteMessage;
use bsg_rcs_domain::ReferenceId;
use bsg_rcs_store::{BatchState, CampaignState, Kind, RecipientRow};

use crate::bare_prices::price_in;
use crate::error::CampaignError;
use crate::hand::{Hand, is_living, open};
use crate::progress::Event;
use crate::send::{End, Step, TRIES, may_pass};

/// Attempts after which a batch that is never found is held for manual review.
const ATTEMPTS_MAX: u32 = 3;
/// Between two looks at a batch that has not settled.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Counts a batch among those that wait for their outcome, until it is dropped.
struct Waiting<'a>(&'a AtomicU64);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What one look found.
struct Look {
    /// The platform's campaign (or message, of a single send).
    remote: Option<u64>,
    /// Whether what is not found is certainly not there.
    is_complete: bool,
}

/// Settles a batch that was left in the middle.
pub(crate) async fn resolve(hand: &mut Hand<'_>) -> Result<Step, CampaignError> {
    let work = hand.work;
    let _waiting = Waiting::new(&work.resolving);
    work.has_room.notify_one();
    let (mut failures, mut found_before, mut remote) = (0, None, None);
    loop {
        // Read before looking: what is not found then has not arrived before it settled.
        let waited = work.tools.clock.monotonic().saturating_sub(hand.uncertain_since);
        let wait = work.settle.saturating_sub(waited);
        let Some(look) = work.tools.unless_interrupted(look_up(hand)).await else {
            return Ok(Step::End(End::Interrupted));
        };
        let look = match look {
            Ok(look) => look,
            Err(CampaignError::Client(error)) if failures + 1 < TRIES && may_pass(&error) => {
                failures += 1;
                let why = error.to_string();
                (work.tools.progress)(Event::Unreachable { wait: LOOK_EVERY, why });
                if !hand.pause(LOOK_EVERY).await? {
                    return Ok(Step::End(End::Interrupted));
                }
                continue;
            }
            Err(other) => return Err(other),
        };
        failures = 0;
        if look.remote.is_some() && look.remote != remote {
            // What was found is not looked up again: where it is must not be forgotten.
            hand.change(BatchState::Unknown, look.remote, None).await?;
            remote = look.remote;
        }
        let recipients = hand.recipients().await?;
        let living = recipients.iter().filter(|to| is_living(to)).count();
        let missing = open(recipients).len();
        let found = living.saturating_sub(missing);
        // If callbacks alone told of them, the platform's campaign is still to be learnt.
        if missing == 0 && (remote.is_some() || wait.is_zero()) {
            hand.change(BatchState::Accepted, remote, None).await?;
            return Ok(Step::End(End::Accepted));
        }
        // A part may be followed by more of it: only what stays as it is counts as all of it.
        if wait.is_zero() && (found == 0 || found_before == Some(found)) {
            return conclude(hand, found, living, look.is_complete).await;
        }
        found_before = wait.is_zero().then_some(found);
        let wait = if wait.is_zero() { LOOK_EVERY } else { wait };
        let why = hand.row.note.clone().unwrap_or_else(|| "its worker died".to_owned());
        (work.tools.progress)(Event::Resolving { batch: hand.row.number, wait, why });
        if !hand.pause(wait.min(LOOK_EVERY)).await? {
            return Ok(Step::End(End::Interrupted));
        }
    }
}

/// Decides what a settled batch is that was not found whole.
async fn conclude(
    hand: &mut Hand<'_>,
    found: usize,
    living: usize,
    is_complete: bool,
) -> Result<Step, CampaignError> {
    let mut note = format!("{found} of {living} messages were found");
    if !is_complete {
        note.push_str(", and the platform listed some that cannot be told apart");
    }
    let out_of_tries = hand.work.options.hold_unknown || hand.row.attempts >= ATTEMPTS_MAX;
    if out_of_tries || !is_complete || (found > 0 && !finds_what_was_told(hand).await?) {
        hand.change(BatchState::Held, None, Some(note)).await?;
        return Ok(Step::End(End::Held));
    }
    if found > 0 {
        hand.change(BatchState::Unknown, None, Some(note)).await?;
    }
    match campaign_state(hand).await? {
        CampaignState::Sending => Ok(Step::Send),
        other => Ok(Step::End(End::Withdrawn(other))),
    }
}

async fn campaign_state(hand: &Hand<'_>) -> Result<CampaignState, CampaignError> {
    let id = hand.work.campaign.id;
    let campaign = hand.work.tools.store.campaign(id).await?;
    Ok(campaign.ok_or(CampaignError::NoCampaign(id))?.state)
}

/// Whether the platform finds a message that a callback told of. If not, that it finds no more of
/// them says nothing.
async fn finds_what_was_told(hand: &Hand<'_>) -> Result<bool, CampaignError> {
    let mut recipients = hand.recipients().await?;
    recipients.retain(|to| to.shown.is_some() && is_living(to));
    recipients.truncate(1);
    if recipients.is_empty() {
        return Ok(false);
    }
    let told = hand.addressees(&recipients)?;
    let client = &hand.work.tools.client;
    let looked_up = hand.while_held(client.look_up(told.addressees())).await??;
    Ok(!looked_up.messages.is_empty())
}

/// Looks a batch up by its references, and writes what was found.
async fn look_up(hand: &Hand<'_>) -> Result<Look, CampaignError> {
    let mut recipients = open(hand.recipients().await?);
    if recipients.is_empty() {
        // All are told of; where they are is still to be learnt.
        recipients = hand.recipients().await?;
        recipients.retain(is_living);
    }
    if recipients.is_empty() {
        return Ok(Look { remote: None, is_complete: true });
    }
    let work = hand.work;
    let of = |to: &RecipientRow| Some((hand.addressee(to)?.reference, to.index));
    let indices: HashMap<ReferenceId, u32> = recipients.iter().filter_map(of).collect();
    let to = hand.addressees(&recipients)?;
    let looked_up = hand.while_held(work.tools.client.look_up(to.addressees())).await??;
    let currency = work.plan.currency();
    let of = |mut message: RemoteMessage| {
        currency.into_iter().for_each(|currency| price_in(&mut message, currency));
        Some((*indices.get(&message.reference?)?, message.report))
    };
    let reports: Vec<_> = looked_up.messages.into_iter().filter_map(of).collect();
    let remote = match work.campaign.kind {
        Kind::Single => reports.first().map(|(_, report)| report.message.0),
        Kind::Campaign => looked_up.campaign.map(u64::from),
    };
    work.tools.store.add_reports(work.campaign.id, reports).await?;
    Ok(Look { remote, is_complete: looked_up.is_complete })
}
