//! Tracking: callbacks (through the store) and polling both add to the sets of reports, until the
//! campaign is done.
//!
//! The store is looked at more and more rarely as the campaign ages. The platform is polled when a
//! campaign's age has doubled since the last poll: callbacks carry the news, polling finds what
//! they lost. A campaign that was stopped is polled once more, then tracking ends.

use std::collections::BTreeSet;
use std::time::Duration;

use bsg_rcs::{MessageFilter, RemoteMessage};
use bsg_rcs_domain::seal::Address;
use bsg_rcs_domain::{CampaignId, CampaignStatus, Channel};
use bsg_rcs_store::{BatchRow, BatchState, CampaignRow, CampaignState, Kind, Outcome, Settled};
use futures_util::TryStreamExt;

use crate::bare_prices::name_currency;
use crate::compare::compare;
use crate::cost::BATCHES_AT_ONCE;
use crate::error::CampaignError;
use crate::hand::{addressee, open};
use crate::progress::Event;
use crate::report::{CampaignReport, Difference, can_be_late, is_unpriced, report, told_within};
use crate::stored_plan::message_of;
use crate::tools::Tools;

/// The first wait between two looks at the store.
const LOOK_FIRST: Duration = Duration::from_secs(1);
/// Looks are apart a tenth of the campaign's age.
const LOOKS_PER_AGE: u32 = 10;
/// The age at which the platform is polled first.
const POLL_FIRST: Duration = Duration::from_secs(10);

/// How a campaign is tracked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackOptions {
    /// The longest wait between two looks at the store.
    pub look_max: Duration,
}

impl Default for TrackOptions {
    fn default() -> Self {
        Self { look_max: Duration::from_secs(5) }
    }
}

/// Waits until a campaign is done or stopped, or the interrupt is raised; answers how it stands
/// then.
///
/// # Errors
/// [`CampaignError`] if there is no such campaign or the store fails. A platform that cannot be
/// polled is polled again later.
pub async fn track(
    tools: &Tools,
    id: CampaignId,
    options: TrackOptions,
) -> Result<CampaignReport, CampaignError> {
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let wait_for_ends = told_within(&message_of(&campaign)?);
    let began = tools.clock.monotonic();
    let mut polled_at = Duration::ZERO;
    loop {
        let age = tools.clock.monotonic().saturating_sub(began);
        if age >= POLL_FIRST.max(polled_at * 2) {
            polled_at = age;
            poll(tools, id).await?;
        }
        let mut report = report(&*tools.store, id).await?;
        // What was accepted before tracking began should all have been told of by now: what is
        // still open stands in a batch that is held.
        let now = tools.store.now().await?;
        let late = age >= wait_for_ends && can_be_late(&campaign, wait_for_ends, now);
        let stopped = is_stopped(tools, id).await?;
        // Nothing is given up, and no price missed, that the platform was not asked about.
        let mut asked = true;
        let ended = report.is_done() || report.ended() == report.accepted;
        if late || stopped || (ended && report.never_told + report.unpriced > 0) {
            asked = poll(tools, id).await?;
            report = self::report(&*tools.store, id).await?;
        }
        (tools.progress)(Event::Tracking(Box::new(report.clone())));
        if asked && report.is_done() {
            // The store keeps it as it is while a worker still has to settle a batch.
            tools.store.set_state(id, CampaignState::Done, None).await?;
            report.differences = differences(tools, id).await?;
            return Ok(report);
        }
        // What was accepted has ended, and the rest is held or waits for another apply.
        let over = late || report.ended() == report.accepted;
        if stopped || (asked && over) || !wait(tools, age, options).await {
            return Ok(report);
        }
    }
}

async fn is_stopped(tools: &Tools, id: CampaignId) -> Result<bool, CampaignError> {
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    Ok(campaign.state == CampaignState::Stopped)
}

/// Where the bill is not what the platform says; none, if it cannot be asked.
async fn differences(tools: &Tools, id: CampaignId) -> Result<Vec<Difference>, CampaignError> {
    match compare(tools, id).await {
        Err(error @ (CampaignError::Client(_) | CampaignError::NotApplicable { .. })) => {
            tracing::warn!(%error, "the platform's own totals could not be read");
            Ok(Vec::new())
        }
        compared => compared,
    }
}

async fn wait(tools: &Tools, age: Duration, options: TrackOptions) -> bool {
    tools.pause((age / LOOKS_PER_AGE).clamp(LOOK_FIRST, options.look_max)).await
}

/// Asks the platform about every batch that it took, all or some of it, and that has messages
/// without an end; about the others too, while delivered messages have no price. Answers whether it
/// could be asked about all of them; it could not, if the interrupt was raised meanwhile.
///
/// # Errors
/// [`CampaignError`] if the store fails; the platform's failures are passed over.
pub async fn poll(tools: &Tools, id: CampaignId) -> Result<bool, CampaignError> {
    let (mut asked, mut from) = (true, 0);
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let tally = tools.store.tally(id, Duration::ZERO).await?;
    let unpriced = tally.iter().any(is_unpriced);
    loop {
        let rows = tools.store.batches(id, from, BATCHES_AT_ONCE).await?;
        let Some(last) = rows.last() else { return Ok(asked) };
        from = last.first.saturating_add(last.count.max(1));
        let is_asked = |batch: &&BatchRow| {
            may_be_taken(&campaign, batch) && (unpriced || batch.without_end > 0)
        };
        for batch in rows.iter().filter(is_asked) {
            match tools.unless_interrupted(poll_batch(tools, &campaign, batch)).await {
                None => return Ok(false),
                Some(Ok(())) => {}
                Some(Err(CampaignError::Client(error))) => {
                    asked = false;
                    let batch = batch.number;
                    tracing::warn!(%error, batch, "the platform could not be polled");
                }
                Some(Err(other)) => return Err(other),
            }
        }
    }
}

/// Whether the platform may have messages of a batch that can be asked about: of a single send by
/// its reference, else by the ids of the platform's campaigns. The state of the batch does not
/// matter: after a stop, or the death of a worker, nobody else asks about those that are unknown or
/// being sent.
fn may_be_taken(campaign: &CampaignRow, batch: &BatchRow) -> bool {
    match campaign.kind {
        Kind::Single => !matches!(batch.state, BatchState::Planned | BatchState::Rejected),
        Kind::Campaign => !batch.remotes.is_empty(),
    }
}

async fn poll_batch(
    tools: &Tools,
    campaign: &CampaignRow,
    batch: &BatchRow,
) -> Result<(), CampaignError> {
    let mut listed = match campaign.kind {
        Kind::Single => find_single(tools, campaign).await?,
        Kind::Campaign => list_remotes(tools, &batch.remotes).await?,
    };
    name_currency(tools, campaign, &mut listed).await?;
    let (mut reports, mut unmatched) = (Vec::new(), 0_u64);
    for message in &listed {
        match index_of(campaign, message) {
            Some(index) => reports.push((index, message.report.clone())),
            None => unmatched += 1,
        }
    }
    // One listing may show a message twice while it is being paged; the set does not mind.
    tools.store.add_reports(campaign.id, reports).await?;
    if unmatched > 0 || campaign.kind == Kind::Single || batch.state != BatchState::Accepted {
        return Ok(());
    }
    leave_out(tools, campaign, batch, &listed).await
}

async fn list_remotes(tools: &Tools, remotes: &[u64]) -> Result<Vec<RemoteMessage>, CampaignError> {
    let mut listed = Vec::new();
    for remote in remotes {
        let filter = MessageFilter::default().campaign(*remote);
        listed.extend(tools.client.messages().all(filter).try_collect::<Vec<_>>().await?);
    }
    Ok(listed)
}

/// The messages of a single send; none if its number was forgotten, for it cannot be asked about.
async fn find_single(
    tools: &Tools,
    campaign: &CampaignRow,
) -> Result<Vec<RemoteMessage>, CampaignError> {
    let only = tools.store.recipients(campaign.id, 0, 1).await?;
    let Some(to) = only.first().and_then(|only| addressee(campaign, only)) else {
        return Ok(Vec::new());
    };
    let mut found = tools.client.messages().find(to.reference).await?.messages;
    found.retain(|message| message.number == Some(to.number));
    Ok(found)
}

/// Rejects recipients of an accepted batch that the platform left out without a word (assumption
/// A21): only once the platform is through with its campaigns, and lists as many messages as it
/// says that they have. A later report makes such a recipient accepted.
async fn leave_out(
    tools: &Tools,
    campaign: &CampaignRow,
    batch: &BatchRow,
    listed: &[RemoteMessage],
) -> Result<(), CampaignError> {
    let missing = open(tools.store.recipients(campaign.id, batch.first, batch.count).await?);
    if missing.is_empty() || !lists_all(tools, &batch.remotes, listed).await? {
        return Ok(());
    }
    let note = "the platform took the batch and has no message for this number";
    let settled = missing.into_iter().map(|to| Settled {
        index: to.index,
        outcome: Outcome::Rejected,
        note: Some(note.to_owned()),
    });
    Ok(tools.store.settle(campaign.id, settled.collect()).await?)
}

/// Whether these are all messages that the platform's campaigns will ever have.
async fn lists_all(
    tools: &Tools,
    remotes: &[u64],
    listed: &[RemoteMessage],
) -> Result<bool, CampaignError> {
    let mut total = 0;
    for remote in remotes {
        let detail = tools.client.campaigns().detail(*remote).await?;
        match (detail.status.is_ok_and(CampaignStatus::is_final), detail.total_messages) {
            (true, Some(messages)) => total += messages,
            _ => return Ok(false),
        }
    }
    let different: BTreeSet<_> = listed.iter().map(|message| message.report.message).collect();
    let rcs = listed.iter().filter(|message| message.report.channel != Some(Channel::Sms));
    let rcs: BTreeSet<_> = rcs.map(|message| message.report.message).collect();
    // Whether the total counts the SMS of the alternative channel is not documented.
    let counts = [different.len(), rcs.len()];
    Ok(counts.iter().any(|count| u64::try_from(*count).is_ok_and(|count| count == total)))
}

/// Which recipient a listed message is for: its seal must fit its number.
fn index_of(campaign: &CampaignRow, message: &RemoteMessage) -> Option<u32> {
    let (reference, number) = (message.reference?, message.number?);
    match Address::read(&reference) {
        Some(address) if address.campaign() == campaign.id => {
            address.open(&campaign.key, number).ok()
        }
        // A single send may carry its caller's own reference; it has one recipient.
        _ if campaign.kind == Kind::Single => Some(0),
        _ => None,
    }
}
