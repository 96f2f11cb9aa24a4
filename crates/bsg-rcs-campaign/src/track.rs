//! Tracking: callbacks (through the store) and polling both add to the sets of reports, until the
//! campaign is done.
//!
//! The store is looked at more and more rarely as the campaign ages. The platform is polled when a
//! campaign's age has doubled since the last poll: callbacks carry the news, polling finds what
//! they lost.

use std::time::Duration;

use bsg_rcs::{MessageFilter, RemoteMessage};
use bsg_rcs_domain::seal::Address;
use bsg_rcs_domain::{CampaignId, Money};
use bsg_rcs_store::{
    BatchRow, BatchState, CampaignRow, CampaignState, Kind, Outcome, Settled, Store, Timestamp,
};
use futures_util::TryStreamExt;

use crate::apply::Tools;
use crate::clock::{after, between};
use crate::compare::{Difference, compare};
use crate::error::CampaignError;
use crate::kept::message_of;
use crate::progress::Event;
use crate::report::{CampaignReport, report, told_until};
use crate::send::open;

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

/// Waits until a campaign is done, or the interrupt is raised; answers how it stands then.
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
    let message = message_of(&campaign)?;
    let mut began = tools.clock.now();
    let mut poll_at = after(began, POLL_FIRST);
    let mut looked_at = began;
    loop {
        let now = tools.clock.now();
        if now < looked_at {
            // The clock was set back: what is waited for is waited for from here.
            (began, poll_at) = (now, after(now, POLL_FIRST));
        }
        looked_at = now;
        if now >= poll_at {
            poll(tools, id).await?;
            poll_at = after(now, between(began, now));
        }
        let mut report = report(&*tools.store, &*tools.clock, id).await?;
        // What was accepted before tracking began should all have been told of by now: what is
        // still open stands in a batch that waits for a person.
        let late = told_until(&campaign, &message, now) >= began;
        // Nobody is given up of whom the platform was not asked.
        let mut asked = true;
        if late || (report.is_done() && report.never_told > 0) {
            asked = poll(tools, id).await?;
            report = self::report(&*tools.store, &*tools.clock, id).await?;
        }
        (tools.progress)(Event::Tracking(report.clone()));
        if asked && report.is_done() {
            // A batch that callbacks told of may still have a worker, who settles it.
            if !has_open_batches(&*tools.store, id).await? {
                tools.store.set_state(id, CampaignState::Done).await?;
            }
            report.differences = differences(tools, id).await?;
            return Ok(report);
        }
        // What was accepted has ended, and the rest waits for a person or another apply.
        let over = late || report.ended() == report.accepted;
        if (asked && over) || !wait(tools, began, now, options).await {
            return Ok(report);
        }
    }
}

/// Whether somebody has work left to do on a batch.
pub(crate) async fn has_open_batches(
    store: &dyn Store,
    id: CampaignId,
) -> Result<bool, CampaignError> {
    Ok(store.batches(id).await?.iter().any(|batch| batch.state.is_open()))
}

/// Where the bill is not what the platform says; none, if it cannot be asked.
async fn differences(tools: &Tools, id: CampaignId) -> Result<Vec<Difference>, CampaignError> {
    match compare(tools, id).await {
        Err(CampaignError::Client(error)) => {
            tracing::warn!(%error, "the platform's own totals could not be read");
            Ok(Vec::new())
        }
        compared => compared,
    }
}

async fn wait(tools: &Tools, began: Timestamp, now: Timestamp, options: TrackOptions) -> bool {
    let span = (between(began, now) / LOOKS_PER_AGE).clamp(LOOK_FIRST, options.look_max);
    let mut interrupt = tools.interrupt.clone();
    tokio::select! {
        biased;
        () = interrupt.raised() => false,
        () = tools.clock.sleep(span) => true,
    }
}

/// Asks the platform about every batch that it took, all or some of it, and that has messages
/// without an end. Answers whether it could be asked about all of them.
///
/// # Errors
/// [`CampaignError`] if the store fails; the platform's failures are passed over.
pub async fn poll(tools: &Tools, id: CampaignId) -> Result<bool, CampaignError> {
    let mut asked = true;
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    for batch in tools.store.batches(id).await? {
        if matches!(batch.state, BatchState::Accepted | BatchState::Held)
            && !batch.remotes.is_empty()
            && has_open_ends(tools, id, &batch).await?
        {
            match poll_batch(tools, &campaign, &batch).await {
                Ok(()) => {}
                Err(CampaignError::Client(error)) => {
                    asked = false;
                    tracing::warn!(%error, batch = batch.number, "the platform could not be polled");
                }
                Err(other) => return Err(other),
            }
        }
    }
    Ok(asked)
}

async fn has_open_ends(
    tools: &Tools,
    id: CampaignId,
    batch: &BatchRow,
) -> Result<bool, CampaignError> {
    let recipients = tools.store.recipients(id, batch.first, batch.count).await?;
    Ok(recipients.iter().any(|to| !to.ended && to.outcome != Some(Outcome::Rejected)))
}

async fn poll_batch(
    tools: &Tools,
    campaign: &CampaignRow,
    batch: &BatchRow,
) -> Result<(), CampaignError> {
    let messages = tools.client.messages();
    let first = tools.store.recipients(campaign.id, 0, 1).await?;
    let only = first.first().filter(|_| campaign.kind == Kind::Single);
    let mut listed: Vec<_> = match only {
        None => {
            let mut listed = Vec::new();
            for remote in &batch.remotes {
                let filter = MessageFilter { campaign: Some(*remote), ..MessageFilter::default() };
                listed.extend(messages.all(filter).try_collect::<Vec<_>>().await?);
            }
            listed
        }
        Some(only) => match only.number {
            // Who was forgotten cannot be asked about.
            None => Vec::new(),
            Some(number) => {
                let minted = || campaign.key.mint(campaign.id, only.index, number);
                let mut listed = messages.find(only.reference.unwrap_or_else(minted)).await?;
                listed.retain(|message| message.number == Some(number));
                listed
            }
        },
    };
    name_currency(tools, &mut listed).await?;
    let reports = listed.into_iter().filter_map(|message| {
        let index = index_of(campaign, &message)?;
        Some((index, message.report))
    });
    // One listing may show a message twice while it is being paged; the set does not mind.
    let reports: Vec<_> = reports.collect();
    let is_empty = reports.is_empty();
    tools.store.add_reports(campaign.id, reports).await?;
    if is_empty || batch.state != BatchState::Accepted {
        return Ok(());
    }
    leave_out(tools, campaign, batch).await
}

/// Prices without a currency are the account's.
async fn name_currency(tools: &Tools, listed: &mut [RemoteMessage]) -> Result<(), CampaignError> {
    if listed.iter().all(|message| message.bare_price.is_none()) {
        return Ok(());
    }
    let currency = tools.client.account().balance().await?.balance.currency;
    for message in listed {
        let bare = message.bare_price.map(|amount| Money::new(amount, currency));
        message.report.price = message.report.price.or(bare);
    }
    Ok(())
}

/// Recipients of an accepted batch that the platform's list has not, though the batch has settled:
/// it left them out without a word (assumption A21). What is reported of one later makes it accepted.
async fn leave_out(
    tools: &Tools,
    campaign: &CampaignRow,
    batch: &BatchRow,
) -> Result<(), CampaignError> {
    if tools.clock.now() < after(batch.changed_at, tools.client.settle_time()) {
        return Ok(());
    }
    let missing = open(tools.store.recipients(campaign.id, batch.first, batch.count).await?);
    let note = "the platform took the batch and has no message for this number";
    let settled = missing.into_iter().map(|to| Settled {
        index: to.index,
        outcome: Outcome::Rejected,
        note: Some(note.to_owned()),
    });
    Ok(tools.store.settle(campaign.id, settled.collect()).await?)
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
