//! Sending one batch: the intent is written, the request leaves, the outcome is written.
//!
//! What leaves is the open part of the batch, read in the transaction that writes the intent:
//! recipients with a known message, recipients that the platform refused by name, and forgotten
//! numbers are left out.
//!
//! | the platform answered | the batch becomes | then |
//! | --- | --- | --- |
//! | accepted | accepted | it is settled |
//! | a refusal that names recipients | these are rejected | the others are sent at once |
//! | a refusal that names none, the first try | planned again | the campaign pauses |
//! | the same, but an earlier try may have arrived | unknown | it is looked up |
//! | nothing that can be known, or a reference is known | unknown | it is looked up |
//! | nothing, and no request left | what it was before | tried again a few times |

use std::sync::atomic::Ordering;
use std::time::Duration;

use bsg_rcs::{CampaignSend, ErrorKind, Rejection, SendOutcome};
use bsg_rcs_domain::{Batch, CivilDateTime};
use bsg_rcs_store::{BatchState, CampaignState, Kind, Outcome, RecipientRow, SendStart, Settled};

use crate::applied::Stop;
use crate::error::CampaignError;
use crate::hand::{Hand, open};
use crate::progress::Event;
use crate::stop_conditions::{Permit, StopConditions};

/// How often a call that certainly changed nothing is tried, in all.
pub(crate) const TRIES: u32 = 5;
/// The wait after the first such try; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How often recipients that are refused by name are taken out of a batch before the refusal
/// counts as one of the whole request.
const ROUNDS: u32 = 10;
/// No zone is further from UTC than this: a start names none.
const ZONE_MAX: i64 = 14 * 3600;

/// What is to be done with a batch next.
pub(crate) enum Step {
    /// Send it.
    Send,
    /// Look it up.
    Resolve,
    /// Nothing: this became of it.
    End(End),
}

/// What became of a batch in this run.
#[derive(Debug)]
pub(crate) enum End {
    /// The platform has its messages, or refused all of its recipients by name.
    Accepted,
    /// Looking up did not settle it.
    Held,
    /// The platform refused the request without naming a recipient; nothing was sent.
    Refused { why: String },
    /// A stop condition keeps it back.
    Stopped(Stop),
    /// The interrupt was raised.
    Interrupted,
    /// The campaign is not being sent any more.
    Withdrawn(CampaignState),
}

/// What came of one try.
enum Try {
    Step(Step),
    Answered(Vec<RecipientRow>, SendOutcome<u64>),
}

/// Sends what is open of a batch that certainly was not sent before, or was looked up and not found.
pub(crate) async fn send(
    hand: &mut Hand<'_>,
    conditions: &StopConditions<'_>,
) -> Result<Step, CampaignError> {
    for _ in 0..ROUNDS {
        let (recipients, outcome) = match attempt(hand, conditions).await? {
            Try::Step(step) => return Ok(step),
            Try::Answered(recipients, outcome) => (recipients, outcome),
        };
        match outcome {
            SendOutcome::Accepted(remote) => {
                hand.change(BatchState::Accepted, Some(remote), None).await?;
                hand.work.latest_remote.store(remote, Ordering::Relaxed);
                return Ok(Step::End(End::Accepted));
            }
            SendOutcome::Rejected(why) => {
                if !take_out(hand, &recipients, &why).await? && !drop_start(hand, &why).await? {
                    return refused(hand, why.to_string()).await;
                }
            }
            SendOutcome::Unknown(unknown) => return unknown_outcome(hand, unknown.why).await,
            SendOutcome::AlreadyKnown(known) => {
                return unknown_outcome(hand, known.refusal.to_string()).await;
            }
        }
    }
    refused(hand, "the platform refused more recipients each time".to_owned()).await
}

/// One exchange, tried again while it certainly does not leave.
async fn attempt(
    hand: &mut Hand<'_>,
    conditions: &StopConditions<'_>,
) -> Result<Try, CampaignError> {
    let mut tries = 1;
    loop {
        let error = match try_once(hand, conditions).await? {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if tries == TRIES || !may_pass(&error) {
            return Err(error.into());
        }
        let wait = FIRST_WAIT * 2_u32.pow(tries - 1);
        tries += 1;
        (hand.work.tools.progress)(Event::Unreachable { wait, why: error.to_string() });
        if !hand.pause(wait).await? {
            return Ok(Try::Step(Step::End(End::Interrupted)));
        }
    }
}

/// One try; the inner error is that nothing left.
async fn try_once(
    hand: &mut Hand<'_>,
    conditions: &StopConditions<'_>,
) -> Result<Result<Try, bsg_rcs::Error>, CampaignError> {
    let end = |end| Ok(Ok(Try::Step(Step::End(end))));
    // The slots are never closed; a batch that is sent again waits for one as any other.
    let _slot = hand.while_held(hand.work.slots.acquire()).await?;
    match hand.while_held(conditions.permit(&hand.row)).await?? {
        Permit::Granted => {}
        Permit::Refused(stop) => return end(End::Stopped(stop)),
        Permit::Interrupted => return end(End::Interrupted),
    }
    // The token before the intent: a login can take as long as a send.
    if let Err(error) = hand.while_held(hand.work.tools.client.authorise()).await? {
        return Ok(Err(error));
    }
    let recipients = match hand.begin_sending().await? {
        SendStart::Recipients(recipients) => open(recipients),
        SendStart::Not(state) => return end(End::Withdrawn(state)),
    };
    if recipients.is_empty() {
        hand.change(BatchState::Accepted, None, None).await?;
        return end(End::Accepted);
    }
    let to = hand.addressees(&recipients)?;
    let outcome = hand.while_held(exchange(hand, &to)).await?;
    match outcome {
        Ok(outcome) => Ok(Ok(Try::Answered(recipients, outcome))),
        Err(error) => {
            hand.take_back(None, Vec::new()).await?;
            Ok(Err(error))
        }
    }
}

async fn exchange(hand: &Hand<'_>, to: &Batch) -> Result<SendOutcome<u64>, bsg_rcs::Error> {
    let work = hand.work;
    let client = &work.tools.client;
    match (work.campaign.kind, to.addressees()) {
        (Kind::Single, [only]) => {
            let send = bsg_rcs::SingleSend::to(only.number)
                .reference(only.reference)
                .leave_while(hand.gate());
            let outcome = client.messages().send(&work.message, &send).await?;
            Ok(outcome.map(|message| message.report.message.0))
        }
        _ => {
            let send = CampaignSend::to(to.clone()).leave_while(hand.gate());
            let send = match start(hand) {
                Some(start) => send.start_at(start),
                None => send,
            };
            let outcome = client.campaigns().send(&work.message, &send).await?;
            Ok(outcome.map(|campaign| campaign.id.get()))
        }
    }
}

/// The start that the batch still has: none once it has passed.
fn start(hand: &Hand<'_>) -> Option<CivilDateTime> {
    let passed = hand.work.start_passed.load(Ordering::Relaxed);
    hand.work.campaign.start_at.filter(|_| !passed)
}

/// Tells once that the start has passed, and sends without it from then on.
fn pass_start(hand: &Hand<'_>, start: CivilDateTime) {
    if !hand.work.start_passed.swap(true, Ordering::Relaxed) {
        (hand.work.tools.progress)(Event::StartPassed { start });
    }
}

/// Takes the start out of a batch that is refused for it alone, if it can have passed in some zone;
/// whether it did so. Nothing was sent.
async fn drop_start(hand: &mut Hand<'_>, why: &Rejection) -> Result<bool, CampaignError> {
    let Some(start) = hand.work.campaign.start_at else { return Ok(false) };
    let faults = why.faults();
    let of_start = |place: &Option<String>| place.as_deref() == Some("start_at");
    let only_start = !faults.is_empty() && faults.iter().all(|fault| of_start(&fault.place));
    let now = hand.work.tools.clock.now().0.div_euclid(1000);
    let can_have_passed = start.epoch_seconds() <= now.saturating_add(ZONE_MAX);
    if !only_start || !can_have_passed || hand.work.start_passed.load(Ordering::Relaxed) {
        return Ok(false);
    }
    pass_start(hand, start);
    hand.take_back(None, Vec::new()).await?;
    Ok(true)
}

/// Takes out of a batch the recipients that the platform refused by name; whether there were any,
/// and nothing else was wrong.
async fn take_out(
    hand: &mut Hand<'_>,
    recipients: &[RecipientRow],
    why: &Rejection,
) -> Result<bool, CampaignError> {
    let refused = why.recipients().into_iter().map(|at| {
        let note = Some(why.words_for(at));
        let index = recipients.get(at)?.index;
        Some(Settled { index, outcome: Outcome::Rejected, note })
    });
    let Some(refused) = refused.collect::<Option<Vec<_>>>().filter(|all| !all.is_empty()) else {
        return Ok(false);
    };
    hand.take_back(None, refused).await?;
    Ok(true)
}

/// A request that was refused as a whole: nothing of it was sent.
async fn refused(hand: &mut Hand<'_>, why: String) -> Result<Step, CampaignError> {
    if hand.unsent() != BatchState::Planned {
        // This try was refused; an earlier one may have arrived all the same.
        return unknown_outcome(hand, why).await;
    }
    hand.take_back(Some(why.clone()), Vec::new()).await?;
    Ok(Step::End(End::Refused { why }))
}

async fn unknown_outcome(hand: &mut Hand<'_>, why: String) -> Result<Step, CampaignError> {
    hand.become_unknown(Some(why)).await?;
    Ok(Step::Resolve)
}

/// Whether a call that failed may succeed later, as it is.
pub(crate) fn may_pass(error: &bsg_rcs::Error) -> bool {
    !matches!(error.kind(), ErrorKind::KeyRefused(_) | ErrorKind::Request(_))
}
