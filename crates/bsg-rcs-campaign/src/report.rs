//! The report: counts and money, a function of what the store holds and of the time.
//!
//! Always `recipients = accepted + rejected + undetermined + pending`.

use std::collections::BTreeMap;
use std::time::Duration;

use bsg_rcs_domain::message::Validity;
use bsg_rcs_domain::reports::Contradiction;
use bsg_rcs_domain::{Amount, Currency, Message, MessageStatus};
use bsg_rcs_store::{ButtonRow, CampaignRow, CampaignState, Outcome, Store, TallyRow, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, before};
use crate::compare::Difference;
use crate::error::CampaignError;
use crate::kept::{message_of, summary_of};

/// How long after its validity a message may still be reported.
const GRACE: Duration = Duration::from_secs(3600);
/// Contradictions that a report lists.
const CONTRADICTIONS_LISTED: u32 = 100;
/// A start is civil and names no zone: no zone is further from UTC than this.
const ZONE_MAX: Duration = Duration::from_secs(14 * 3600);

/// Where a campaign of ours stands, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShownState {
    /// Nothing was sent.
    Planned,
    /// Batches leave, or reports are awaited.
    Sending,
    /// Nothing leaves until it is applied again.
    Paused,
    /// Stopped for good.
    Stopped,
    /// Every accepted message has an end or is never told, and nothing is pending.
    Done,
}

/// How a campaign stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignReport {
    /// The campaign's id.
    pub campaign: String,
    /// Where it stands.
    pub state: ShownState,
    /// Who was to be written to.
    pub recipients: u64,
    /// Messages that the platform took.
    pub accepted: u64,
    /// Messages that the platform refused.
    pub rejected: u64,
    /// Messages of which nobody knows, and a person must decide.
    pub undetermined: u64,
    /// Messages that are not sent, or of which it is not known yet.
    pub pending: u64,
    /// Shown status to count, over the accepted.
    pub statuses: BTreeMap<String, u64>,
    /// Accepted, but no end was reported within validity plus a grace of an hour.
    pub never_told: u64,
    /// Clicks on suggestions.
    pub clicks: u64,
    /// The buttons that were clicked, the most clicked first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// The first hundred recipients of whom was said what cannot both be true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<Contradicted>,
    /// Delivered by the alternative channel.
    pub sms: u64,
    /// What was charged by the reports, seven decimals.
    pub billed: String,
    /// ISO 4217; `None` if nothing was charged and nothing was quoted.
    pub currency: Option<String>,
    /// Where what the reports billed is not what the platform says that it charged. Filled by
    /// [`crate::compare`]; a report of the store alone has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// Of the accepted, those whose end was reported; not part of the document.
    #[serde(skip)]
    ended: u64,
    /// What was charged, by currency.
    #[serde(skip)]
    charged: BTreeMap<Currency, Amount>,
}

/// A button, and how often it was clicked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    pub text: Option<String>,
    /// What it echoes.
    pub postback: Option<String>,
    /// Clicks.
    pub clicks: u64,
}

/// A recipient of whom was said what cannot both be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradicted {
    /// Its index in the campaign, from 0.
    pub recipient: u32,
    /// The caller's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it is: `delivered and not`, `two prices`, `two channels`.
    pub what: Vec<String>,
}

impl CampaignReport {
    /// Whether nothing more can come.
    pub fn is_done(&self) -> bool {
        self.state == ShownState::Done
    }

    /// What was charged in this currency.
    pub fn billed_in(&self, currency: Currency) -> Amount {
        self.charged.get(&currency).copied().unwrap_or_default()
    }

    /// Accepted messages whose end was reported, or will not be any more.
    pub fn ended(&self) -> u64 {
        self.ended.saturating_add(self.never_told)
    }
}

/// Reports a campaign as it stands now.
///
/// # Errors
/// [`CampaignError`] if there is no such campaign or the store fails.
pub async fn report(
    store: &dyn Store,
    clock: &dyn Clock,
    id: bsg_rcs_domain::CampaignId,
) -> Result<CampaignReport, CampaignError> {
    let campaign = store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let message = message_of(&campaign)?;
    let accepted_by = told_until(&campaign, &message, clock.now());
    let tally = store.tally(id, accepted_by).await?;
    let mut report = of_tally(&campaign, &tally, store.clicks(id).await?);
    let button =
        |row: ButtonRow| Button { text: row.text, postback: row.postback, clicks: row.clicks };
    if report.clicks > 0 {
        report.buttons = store.buttons(id).await?.into_iter().map(button).collect();
    }
    report.contradictions = contradictions(store, id).await?;
    Ok(report)
}

async fn contradictions(
    store: &dyn Store,
    id: bsg_rcs_domain::CampaignId,
) -> Result<Vec<Contradicted>, CampaignError> {
    let mut all = Vec::new();
    for recipient in store.contradicted(id, CONTRADICTIONS_LISTED).await? {
        let row = store.recipients(id, recipient, 1).await?.pop();
        let label = row.and_then(|row| row.label);
        let said = store.reports(id, recipient).await?.contradictions();
        let mut what: Vec<String> = said.iter().map(|one| words(*one).to_owned()).collect();
        what.dedup();
        all.push(Contradicted { recipient, label, what });
    }
    Ok(all)
}

const fn words(contradiction: Contradiction) -> &'static str {
    match contradiction {
        Contradiction::DeliveredAndNot(_) => "delivered and not",
        Contradiction::TwoPrices(_) => "two prices",
        Contradiction::TwoChannels(_) => "two channels",
    }
}

/// Messages accepted at or before this moment should have been told of by `now`.
pub(crate) fn told_until(campaign: &CampaignRow, message: &Message, now: Timestamp) -> Timestamp {
    let rcs = message.validity().unwrap_or(Validity::DEFAULT).duration();
    let sms = message.sms().map(|sms| sms.validity().unwrap_or(Validity::DEFAULT).duration());
    let wait = rcs.saturating_add(sms.unwrap_or_default()).saturating_add(GRACE);
    let until = before(now, wait);
    match campaign.start_at {
        // What begins later is not late before its start, in whatever zone, plus the same wait.
        Some(start) => {
            let start = Timestamp(start.epoch_seconds().saturating_mul(1000));
            if before(until, ZONE_MAX) < start { Timestamp(i64::MIN) } else { until }
        }
        None => until,
    }
}

/// The report of a tally.
fn of_tally(campaign: &CampaignRow, tally: &[TallyRow], clicks: u64) -> CampaignReport {
    let count = |wanted: fn(&TallyRow) -> bool| -> u64 {
        tally.iter().filter(|row| wanted(row)).map(|row| row.count).sum()
    };
    let accepted = count(|row| row.outcome == Outcome::Accepted);
    let pending = count(|row| row.outcome == Outcome::Pending);
    let never_told = count(|row| row.outcome == Outcome::Accepted && !has_end(row) && row.overdue);
    let ended = count(|row| row.outcome == Outcome::Accepted && has_end(row));
    let charged = charged(tally);
    let (billed, currency) = billed(&charged, campaign);
    CampaignReport {
        campaign: campaign.id.to_string(),
        state: shown_state(campaign.state, pending == 0 && ended + never_told == accepted),
        recipients: campaign.recipients.into(),
        accepted,
        rejected: count(|row| row.outcome == Outcome::Rejected),
        undetermined: count(|row| row.outcome == Outcome::Undetermined),
        pending,
        statuses: statuses(tally),
        never_told,
        clicks,
        buttons: Vec::new(),
        contradictions: Vec::new(),
        sms: count(|row| row.sms),
        billed,
        currency,
        differences: Vec::new(),
        ended,
        charged,
    }
}

/// Whether an end was reported. An undelivered message whose alternative channel was never heard of
/// has ended once the time for that is over.
fn has_end(row: &TallyRow) -> bool {
    row.ended || (row.overdue && row.shown.is_some_and(MessageStatus::is_end))
}

fn shown_state(state: CampaignState, over: bool) -> ShownState {
    match state {
        CampaignState::Preparing | CampaignState::Planned => ShownState::Planned,
        CampaignState::Stopped => ShownState::Stopped,
        CampaignState::Sending | CampaignState::Paused | CampaignState::Done if over => {
            ShownState::Done
        }
        CampaignState::Paused => ShownState::Paused,
        CampaignState::Sending | CampaignState::Done => ShownState::Sending,
    }
}

fn statuses(tally: &[TallyRow]) -> BTreeMap<String, u64> {
    let mut statuses = BTreeMap::new();
    for row in tally.iter().filter(|row| row.outcome == Outcome::Accepted) {
        // Unknown says nothing: then the acceptance itself is all that was said.
        let told = row.shown.filter(|shown| *shown != MessageStatus::Unknown);
        let shown = told.unwrap_or(MessageStatus::Accepted);
        *statuses.entry(shown.as_str().to_owned()).or_default() += row.count;
    }
    statuses
}

/// The sum of the charges, by currency.
fn charged(tally: &[TallyRow]) -> BTreeMap<Currency, Amount> {
    let mut sums: BTreeMap<Currency, Amount> = BTreeMap::new();
    for row in tally {
        for price in &row.billed {
            let sum = sums.entry(price.currency).or_default();
            let more = price.amount.checked_mul(row.count).unwrap_or_default();
            *sum = sum.checked_add(more).unwrap_or(*sum);
        }
    }
    sums
}

/// The charges in words. Two currencies on one account are the platform's fault: both are shown.
fn billed(sums: &BTreeMap<Currency, Amount>, campaign: &CampaignRow) -> (String, Option<String>) {
    let mut sums = sums.iter();
    match (sums.next(), sums.next()) {
        (None, _) => {
            let quoted = summary_of(campaign).ok().and_then(|plan| plan.estimate);
            (Amount::ZERO.to_string(), quoted.map(|estimate| estimate.currency))
        }
        (Some((currency, sum)), None) => (sum.to_string(), Some(currency.to_string())),
        (Some((one, sum)), Some((other, more))) => (format!("{sum} {one} + {more} {other}"), None),
    }
}
