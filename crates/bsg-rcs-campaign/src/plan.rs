//! Planning: recipients checked, normalised, deduplicated and written with the batch boundaries;
//! the price quoted. Nothing is sent.

mod refuse;

use std::collections::BTreeMap;

use bsg_rcs::Client;
use bsg_rcs_domain::recipients::Verdict;
use bsg_rcs_domain::tariff::{MessageType, NoQuote, Quote, quote};
use bsg_rcs_domain::{
    BatchCap, CampaignId, CivilDateTime, Country, Faults, Intake, Message, Money, PriceList, Rule,
    SealKey,
};
use bsg_rcs_store::{
    CampaignRow, CampaignState, Guard, Kind, NewRecipient, PlanEnd, Store, StoreError, Timestamp,
};

use self::refuse::check_cost;
pub(crate) use self::refuse::{NumberSum, RECENT, digest};
use crate::error::CampaignError;
use crate::input::message::MessageFile;
use crate::input::recipients::{RecipientsFile, Row};
use crate::interrupt::Interrupt;
use crate::progress::{Event, Progress};
use crate::random;
use crate::stored_plan::{Estimate, PlanSummary, RefusedLine, StoredPlan, UnitPrice};

/// Recipients that are written at once.
const CHUNK: usize = 5000;
/// Refusals, and doubts, that a plan lists.
const REFUSALS_LISTED: usize = 100;
/// Characters of a refused value that a plan keeps.
const VALUE_KEPT: usize = 64;

/// Where a campaign goes, and on whose account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The platform's base URL.
    pub platform: String,
    /// The fingerprint of the account's key.
    pub account: String,
}

impl From<&Client> for Destination {
    fn from(client: &Client) -> Self {
        Self { platform: client.base_url().to_owned(), account: client.account_fingerprint() }
    }
}

/// What is to be planned.
#[derive(Debug, Clone)]
pub struct PlanOrder {
    /// The message.
    pub message: Message,
    /// Platform and account.
    pub destination: Destination,
    /// The caller's name for it.
    pub name: Option<String>,
    /// Prices to quote by.
    pub prices: Option<PriceList>,
    /// The most that the worst case may cost.
    pub max_cost: Option<Money>,
    /// When the platform is to begin.
    pub start_at: Option<CivilDateTime>,
    /// Plans it although the same was sent to the same recipients within 24 hours.
    pub again: bool,
    /// Recipients a batch.
    pub cap: BatchCap,
}

/// Plans a campaign. If it fails or is interrupted, nothing of it stays.
///
/// # Errors
/// [`CampaignError`]: unreadable recipients, no valid recipient, a message that is forbidden in a
/// recipient's country, a missing price, a worst case beyond the cap or unknown, the same sent
/// within 24 hours, the interrupt, a store that fails.
pub async fn plan(
    store: &dyn Store,
    order: &PlanOrder,
    mut recipients: RecipientsFile,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<PlanSummary, CampaignError> {
    let campaign = new_campaign(order, Kind::Campaign)?;
    let id = campaign.id;
    // Until it is dropped, others see that the preparation goes on.
    let _claim = store.claim(id).await?;
    store.create(campaign).await?;
    let planned = fill(store, order, id, &mut recipients, progress, interrupt).await;
    if planned.is_err() {
        // The first failure is told. That the preparation could not be removed adds nothing: it is
        // never sent, and the next plan removes it.
        let _ = store.discard(id).await;
    }
    planned
}

/// Removes what dead planners left behind; answers how many preparations there were.
///
/// # Errors
/// [`CampaignError`] if the store fails; removing again goes on.
pub async fn discard_abandoned(store: &dyn Store) -> Result<u64, CampaignError> {
    let mut removed = 0;
    for id in store.abandoned().await? {
        removed += u64::from(store.discard(id).await?);
    }
    Ok(removed)
}

/// What checking a list found.
#[derive(Debug)]
pub struct CheckedList {
    /// What was counted, refused and doubted; the price, if it can be quoted.
    pub summary: PlanSummary,
    /// What keeps such a plan from being made: no recipient, a message that is forbidden in a
    /// recipient's country, a missing price.
    pub problems: Vec<CampaignError>,
}

/// Judges recipients as [`plan`] does, and quotes the message, if there is one; writes nothing.
///
/// # Errors
/// [`CampaignError::Input`] if the list cannot be read to its end.
pub fn check(
    message: Option<&Message>,
    prices: Option<&PriceList>,
    recipients: &mut RecipientsFile,
) -> Result<CheckedList, CampaignError> {
    let mut reading = Reading::of(BatchCap::PLATFORM);
    while let Some(row) = recipients.next(&reading.intake)? {
        reading.take(&row);
        reading.fresh.clear();
    }
    let problems = reading.judge(message, prices);
    Ok(CheckedList { summary: reading.summary(String::new()), problems })
}

/// A campaign that is about to be prepared.
pub(crate) fn new_campaign(order: &PlanOrder, kind: Kind) -> Result<CampaignRow, CampaignError> {
    let message = serde_json::to_string(&MessageFile::from(&order.message))
        .map_err(|_| CampaignError::Corrupt("message"))?;
    Ok(CampaignRow {
        id: CampaignId(u64::from_be_bytes(random::bytes()?)),
        kind,
        name: order.name.clone(),
        // The store stamps it.
        created_at: Timestamp(0),
        begun_at: None,
        state: CampaignState::Preparing,
        note: None,
        key: SealKey::from_bytes(random::bytes()?),
        platform: order.destination.platform.clone(),
        account: order.destination.account.clone(),
        message,
        alternative_channel: order.message.sms().is_some(),
        digest: String::new(),
        start_at: order.start_at,
        batch_cap: order.cap.get(),
        recipients: 0,
        summary: String::new(),
    })
}

async fn fill(
    store: &dyn Store,
    order: &PlanOrder,
    id: CampaignId,
    recipients: &mut RecipientsFile,
    progress: &Progress,
    interrupt: &Interrupt,
) -> Result<PlanSummary, CampaignError> {
    let mut reading = Reading { numbers: Some(NumberSum::default()), ..Reading::of(order.cap) };
    let mut written = 0;
    loop {
        let row = recipients.next(&reading.intake)?;
        let more = row.is_some();
        if let Some(row) = row {
            reading.take(&row);
        }
        if reading.fresh.len() >= CHUNK || (!more && !reading.fresh.is_empty()) {
            let chunk = std::mem::take(&mut reading.fresh);
            let count = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
            store.add_recipients(id, written, chunk).await?;
            written = written.checked_add(count).ok_or(CampaignError::TooManyRecipients)?;
            let lines = reading.intake.counts().read;
            progress(Event::Read { lines, kept: written.into() });
            if interrupt.is_raised() {
                return Err(CampaignError::Interrupted);
            }
        }
        if !more {
            break;
        }
    }
    if let Some(problem) =
        reading.judge(Some(&order.message), order.prices.as_ref()).into_iter().next()
    {
        return Err(problem);
    }
    let summary = reading.summary(id.to_string());
    let unit_prices = std::mem::take(&mut reading.unit_prices);
    let plan = StoredPlan { summary, unit_prices, currency: None, again: order.again };
    finish(store, order, id, plan, &reading).await
}

/// Writes the end of a plan.
async fn finish(
    store: &dyn Store,
    order: &PlanOrder,
    id: CampaignId,
    mut plan: StoredPlan,
    reading: &Reading,
) -> Result<PlanSummary, CampaignError> {
    check_cost(order, reading.quote)?;
    plan.summary.max_cost = order.max_cost.map(|cap| cap.amount.to_string());
    let end = PlanEnd {
        recipients: u32::try_from(plan.summary.recipients)
            .map_err(|_| CampaignError::TooManyRecipients)?,
        digest: digest(&order.message, reading.numbers.unwrap_or_default()),
        summary: plan.to_json()?,
        worst: reading.worst.clone(),
        guard: (!order.again).then_some(Guard::Begun { within: RECENT }),
        batch_size: None,
    };
    match store.finish_plan(id, end).await {
        Err(StoreError::Planned(before)) => Err(CampaignError::PlannedBefore(before)),
        ended => Ok(ended.map(|()| plan.summary)?),
    }
}

/// Refuses a message that is forbidden in a recipient's country.
pub(crate) fn check_country(
    message: &Message,
    country: Option<Country>,
) -> Result<(), CampaignError> {
    let faults = country.map(|country| message.faults_in(country)).unwrap_or_default();
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults).into()) }
}

/// Notes a line, unless enough of them are noted.
fn note(lines: &mut Vec<RefusedLine>, row: &Row<'_>, rule: &Rule) {
    if lines.len() < REFUSALS_LISTED {
        lines.push(RefusedLine {
            line: row.line,
            value: row.written.chars().take(VALUE_KEPT).collect(),
            rule: rule.id.to_owned(),
        });
    }
}

/// Recipients by country.
type Countries = BTreeMap<Option<Country>, u64>;

/// What is known of the recipients while they are read.
struct Reading {
    cap: BatchCap,
    intake: Intake,
    fresh: Vec<NewRecipient>,
    refusals: Vec<RefusedLine>,
    refused_by_rule: BTreeMap<&'static str, u64>,
    doubtful: u64,
    doubts: Vec<RefusedLine>,
    /// Of each batch.
    countries: Vec<Countries>,
    /// What the plan is recognised by; none where nothing is planned, for it takes time.
    numbers: Option<NumberSum>,
    quote: Option<Quote>,
    /// What each batch costs at worst; empty without prices.
    worst: Vec<Money>,
    /// What one message costs in each country; empty without prices.
    unit_prices: Vec<UnitPrice>,
}

impl Reading {
    fn of(cap: BatchCap) -> Self {
        Self {
            cap,
            intake: Intake::default(),
            fresh: Vec::new(),
            refusals: Vec::new(),
            refused_by_rule: BTreeMap::new(),
            doubtful: 0,
            doubts: Vec::new(),
            countries: Vec::new(),
            numbers: None,
            quote: None,
            worst: Vec::new(),
            unit_prices: Vec::new(),
        }
    }

    fn count_country(&mut self, country: Option<Country>) {
        // The counts include this one.
        if (self.intake.counts().kept - 1).is_multiple_of(self.cap.get().into()) {
            self.countries.push(Countries::new());
        }
        if let Some(batch) = self.countries.last_mut() {
            *batch.entry(country).or_default() += 1;
        }
    }

    fn take(&mut self, row: &Row<'_>) {
        match row.taken_into(&mut self.intake, Some(row.label)) {
            Verdict::Kept(recipient) => {
                let number = recipient.number;
                self.count_country(recipient.country);
                if let Some(rule) = recipient.doubt.rule() {
                    self.doubtful += 1;
                    note(&mut self.doubts, row, rule);
                }
                if let Some(numbers) = &mut self.numbers {
                    numbers.add(number);
                }
                self.fresh.push(NewRecipient { number, label: recipient.label, reference: None });
            }
            Verdict::Refused(why) => {
                *self.refused_by_rule.entry(why.rule().id).or_default() += 1;
                note(&mut self.refusals, row, why.rule());
            }
            Verdict::Duplicate => {}
        }
    }

    /// What keeps the plan from being made; quotes it, if it can be quoted.
    fn judge(
        &mut self,
        message: Option<&Message>,
        prices: Option<&PriceList>,
    ) -> Vec<CampaignError> {
        let counts = self.intake.counts();
        if counts.kept == 0 {
            let (read, refused) = (counts.read, counts.refused);
            let refusals = self.refusals.clone();
            return vec![CampaignError::NoRecipients { read, refused, refusals }];
        }
        let Some(message) = message else { return Vec::new() };
        let all = self.all_countries();
        let judge = |country: &Option<Country>| check_country(message, *country).err();
        let mut problems: Vec<_> = all.keys().filter_map(judge).collect();
        if let Some(prices) = prices {
            problems.extend(self.quote(message, prices, &all).err());
        }
        problems
    }

    fn all_countries(&self) -> Countries {
        let mut all = Countries::new();
        for (country, count) in self.countries.iter().flatten() {
            *all.entry(*country).or_default() += count;
        }
        all
    }

    fn quote(
        &mut self,
        message: &Message,
        prices: &PriceList,
        all: &Countries,
    ) -> Result<(), CampaignError> {
        let sms_parts = message.sms().map(|sms| sms.parts());
        let of = |countries| quote(prices, countries, message.message_type(), sms_parts);
        self.quote = Some(of(all)?);
        let worst = self.countries.iter().map(|batch| of(batch).map(|quote| quote.worst));
        self.worst = worst.collect::<Result<_, _>>()?;
        let units = all.keys().map(|country| unit_price(prices, message, *country));
        self.unit_prices = units.collect::<Result<_, _>>()?;
        Ok(())
    }

    fn summary(&mut self, campaign: String) -> PlanSummary {
        let counts = self.intake.counts();
        let name = |country: Option<Country>| {
            country.map_or_else(|| "unknown".to_owned(), |country| country.to_string())
        };
        let by_rule = std::mem::take(&mut self.refused_by_rule).into_iter();
        let countries = self.all_countries().into_iter();
        PlanSummary {
            campaign,
            read: counts.read,
            refused: counts.refused,
            duplicates: counts.duplicates,
            recipients: counts.kept,
            batches: counts.kept.div_ceil(self.cap.get().into()),
            refusals: std::mem::take(&mut self.refusals),
            doubtful: self.doubtful,
            doubts: std::mem::take(&mut self.doubts),
            refused_by_rule: by_rule.map(|(rule, count)| (rule.to_owned(), count)).collect(),
            countries: countries.map(|(country, count)| (name(country), count)).collect(),
            estimate: self.quote.map(Estimate::from),
            max_cost: None,
            excluded: 0,
        }
    }
}

/// What one message costs in a country, by each of its ways.
fn unit_price(
    prices: &PriceList,
    message: &Message,
    country: Option<Country>,
) -> Result<UnitPrice, CampaignError> {
    let missing = |why| CampaignError::Quote(NoQuote::Missing(why));
    let rcs = prices.price(country, message.message_type()).map_err(missing)?;
    let sms = match message.sms() {
        None => None,
        Some(sms) => {
            let part = prices.price(country, MessageType::Sms).map_err(missing)?;
            let parts = u64::try_from(sms.parts()).unwrap_or(u64::MAX);
            Some(part.amount.checked_mul(parts).ok_or(CampaignError::SumTooGreat)?.to_string())
        }
    };
    let country = country.map(|country| country.to_string());
    Ok(UnitPrice { country, rcs: rcs.amount.to_string(), sms })
}
