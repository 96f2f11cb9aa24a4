//! The report: counts and money, a function of what the store holds and of the time.
//!
//! Always `recipients = accepted + rejected + undetermined + pending`.

use std::collections::BTreeMap;
use std::time::Duration;

use bsg_rcs_domain::message::Validity;
use bsg_rcs_domain::reports::Contradiction;
use bsg_rcs_domain::{Amount, Currency, Message, MessageStatus};
use bsg_rcs_store::{
    ButtonRow, CampaignRow, CampaignState, Outcome, Snapshot, Store, TallyRow, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::error::CampaignError;
use crate::stored_plan::{Estimate, message_of, plan_of};

/// How long after its validity a message may still be reported.
const GRACE: Duration = Duration::from_secs(3600);
/// A start is civil and names no zone: no zone is further from UTC than this.
const ZONE_MAX: Duration = Duration::from_secs(14 * 3600);

/// Where a campaign of ours stands, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShownState {
    /// Its recipients are being read, or its planner died: it is never sent.
    Preparing,
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
    /// The caller's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When the platform was asked to begin, in its own zone; at once without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_at: Option<String>,
    /// Why it is paused, in the platform's words or ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Recipients of the campaign.
    pub recipients: u64,
    /// Messages that the platform took.
    pub accepted: u64,
    /// Messages that the platform refused.
    pub rejected: u64,
    /// Messages whose outcome is not known: they need a manual review.
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
    /// The first hundred recipients whose reports contradict each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<Contradicted>,
    /// Delivered by the alternative channel.
    pub sms: u64,
    /// Delivered, and no price at all could be read: the bill is higher than `billed` by these. Of a
    /// message with two charges, one that is missing is not counted; [`crate::compare()`] finds it.
    #[serde(default)]
    pub unpriced: u64,
    /// Words that were reported as a status and are none that we know, and in how many reports.
    #[serde(default)]
    pub unknown_words: BTreeMap<String, u64>,
    /// What the plan was quoted; `None` without prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<Estimate>,
    /// The cap on the cost that was planned, in the currency of the quote; seven decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<String>,
    /// What was charged by the reports, with seven decimals; sums with their currencies, joined by
    /// ` + `, if there are several.
    pub billed: String,
    /// ISO 4217, of what was charged, else of the plan; `None` if that has none, or the charges are
    /// in several.
    pub currency: Option<String>,
    /// Where what the reports billed is not what the platform says that it charged. Filled by
    /// [`crate::compare()`]; a report of the store alone has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// Of the accepted, those whose end was reported; not part of the document.
    #[serde(skip)]
    ended: u64,
    /// What was charged, by currency.
    #[serde(skip)]
    charged: BTreeMap<Currency, Amount>,
}

/// A batch whose bill is not what the platform says; amounts have seven decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The batch's number, from 0.
    pub batch: u32,
    /// The platform's campaigns that hold its messages.
    pub remotes: Vec<u64>,
    /// What the reports billed.
    pub billed: String,
    /// The platform's own total.
    pub total_price: String,
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

/// A recipient whose reports contradict each other.
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

/// Reports a campaign as it stands now, all of it at one moment.
///
/// # Errors
/// [`CampaignError`] if there is no such campaign, the store fails, or a sum of money is too great
/// to be written.
pub async fn report(
    store: &dyn Store,
    id: bsg_rcs_domain::CampaignId,
) -> Result<CampaignReport, CampaignError> {
    let campaign = store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let message = message_of(&campaign)?;
    let snapshot = store.snapshot(id, told_within(&message)).await?;
    let mut report = of_snapshot(&snapshot)?;
    report.contradictions = contradictions(store, id, &snapshot.contradicted).await?;
    Ok(report)
}

async fn contradictions(
    store: &dyn Store,
    id: bsg_rcs_domain::CampaignId,
    contradicted: &[u32],
) -> Result<Vec<Contradicted>, CampaignError> {
    let mut all = Vec::new();
    for recipient in contradicted {
        let row = store.recipients(id, *recipient, 1).await?.pop();
        let label = row.and_then(|row| row.label);
        let found = store.reports(id, *recipient).await?.contradictions();
        let mut what: Vec<String> = found.iter().map(|one| words(*one).to_owned()).collect();
        what.dedup();
        all.push(Contradicted { recipient: *recipient, label, what });
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

/// How long after it was accepted a message should have been told of.
pub(crate) fn told_within(message: &Message) -> Duration {
    let rcs = message.validity().unwrap_or(Validity::DEFAULT).duration();
    let sms = message.sms().map(|sms| sms.validity().unwrap_or(Validity::DEFAULT).duration());
    rcs.saturating_add(sms.unwrap_or_default()).saturating_add(GRACE)
}

/// Whether what was accepted can be late at this moment: what begins later is not late before its
/// start, in any zone, plus the same wait.
pub(crate) fn can_be_late(campaign: &CampaignRow, wait: Duration, now: Timestamp) -> bool {
    campaign.start_at.is_none_or(|start| {
        let start = Timestamp(start.epoch_seconds().saturating_mul(1000));
        now.before(wait).before(ZONE_MAX) >= start
    })
}

/// The report of a snapshot.
fn of_snapshot(snapshot: &Snapshot) -> Result<CampaignReport, CampaignError> {
    let Snapshot { campaign, tally, now, .. } = snapshot;
    let late = can_be_late(campaign, told_within(&message_of(campaign)?), *now);
    let count = |wanted: &dyn Fn(&TallyRow) -> bool| -> u64 {
        tally.iter().filter(|row| wanted(row)).map(|row| row.count).sum()
    };
    let is_overdue = |row: &TallyRow| row.overdue && late;
    let is_accepted = |row: &TallyRow| row.outcome == Outcome::Accepted;
    let has_end = |row: &TallyRow| has_end(row, is_overdue(row));
    let accepted = count(&is_accepted);
    let pending = count(&|row| row.outcome == Outcome::Pending);
    let never_told = count(&|row| is_accepted(row) && !has_end(row) && is_overdue(row));
    let ended = count(&|row| is_accepted(row) && has_end(row));
    let charged = charged(tally)?;
    let plan = plan_of(campaign)?;
    let (billed, currency) = billed(&charged, plan.currency().as_ref());
    let button = |row: &ButtonRow| Button {
        text: row.text.clone(),
        postback: row.postback.clone(),
        clicks: row.clicks,
    };
    let unknown_words = snapshot.unknown_words.iter();
    Ok(CampaignReport {
        campaign: campaign.id.to_string(),
        state: shown_state(campaign.state, pending == 0 && ended + never_told == accepted),
        name: campaign.name.clone(),
        start_at: campaign.start_at.map(|start| start.to_string()),
        note: campaign.note.clone(),
        recipients: campaign.recipients.into(),
        accepted,
        rejected: count(&|row| row.outcome == Outcome::Rejected),
        undetermined: count(&|row| row.outcome == Outcome::Undetermined),
        pending,
        statuses: statuses(tally),
        never_told,
        clicks: snapshot.clicks,
        buttons: snapshot.buttons.iter().map(button).collect(),
        contradictions: Vec::new(),
        sms: count(&|row| row.sms),
        unpriced: count(&is_unpriced),
        unknown_words: unknown_words.map(|one| (one.word.clone(), one.reports)).collect(),
        quoted: plan.summary.estimate.clone(),
        max_cost: plan.summary.max_cost.clone(),
        billed,
        currency,
        differences: Vec::new(),
        ended,
        charged,
    })
}

/// Whether it was delivered, and no price of it could be read.
pub(crate) fn is_unpriced(row: &TallyRow) -> bool {
    let delivered = row.sms || row.shown.is_some_and(MessageStatus::is_delivered);
    delivered && row.billed.is_empty()
}

/// Whether an end was reported. An undelivered message whose alternative channel was never heard of
/// has ended once the time for that is over.
fn has_end(row: &TallyRow, overdue: bool) -> bool {
    row.ended || (overdue && row.shown.is_some_and(MessageStatus::is_end))
}

fn shown_state(state: CampaignState, over: bool) -> ShownState {
    match state {
        CampaignState::Preparing => ShownState::Preparing,
        CampaignState::Planned => ShownState::Planned,
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
fn charged(tally: &[TallyRow]) -> Result<BTreeMap<Currency, Amount>, CampaignError> {
    let mut sums: BTreeMap<Currency, Amount> = BTreeMap::new();
    for row in tally {
        for price in &row.billed {
            let sum = sums.entry(price.currency).or_default();
            let more = price.amount.checked_mul(row.count).ok_or(CampaignError::SumTooGreat)?;
            *sum = sum.checked_add(more).ok_or(CampaignError::SumTooGreat)?;
        }
    }
    Ok(sums)
}

/// The charges in words. Two currencies on one account are the platform's fault: all are shown.
fn billed(
    sums: &BTreeMap<Currency, Amount>,
    planned: Option<&Currency>,
) -> (String, Option<String>) {
    let mut each = sums.iter();
    match (each.next(), each.next()) {
        (None, _) => (Amount::ZERO.to_string(), planned.map(ToString::to_string)),
        (Some((currency, sum)), None) => (sum.to_string(), Some(currency.to_string())),
        (Some(_), Some(_)) => {
            let each: Vec<_> = sums.iter().map(|(code, sum)| format!("{sum} {code}")).collect();
            (each.join(" + "), None)
        }
    }
}
