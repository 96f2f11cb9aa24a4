//! Planning: recipients checked, normalised, deduplicated and written with the batch boundaries;
//! the price quoted. Nothing is sent.

mod refuse;

use std::collections::BTreeMap;

use bsg_rcs::Client;
use bsg_rcs_domain::recipients::Verdict;
use bsg_rcs_domain::tariff::{Quote, quote};
use bsg_rcs_domain::{
    BatchCap, CampaignId, CivilDateTime, Country, Faults, Intake, Message, Money, PriceList, Rule,
    SealKey,
};
use bsg_rcs_store::{CampaignRow, CampaignState, Kind, NewRecipient, PlanEnd, Store, StoreError};

use self::refuse::{NumberSum, RECENT, check_cost, digest};
use crate::clock::{Clock, before};
use crate::error::CampaignError;
use crate::input::message::MessageFile;
use crate::input::recipients::{RecipientsFile, Row};
use crate::kept::{Estimate, PlanSummary, RefusedLine};
use crate::progress::{Event, Progress};

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
    /// What is said.
    pub message: Message,
    /// Where to.
    pub destination: Destination,
    /// The caller's name for it.
    pub name: Option<String>,
    /// Prices to quote by.
    pub prices: Option<PriceList>,
    /// The most that the worst case may cost.
    pub max_cost: Option<Money>,
    /// When the platform shall begin.
    pub start_at: Option<CivilDateTime>,
    /// Plans the same message to the same recipients again.
    pub again: bool,
    /// Recipients a batch.
    pub cap: BatchCap,
}

/// Plans a campaign. If it fails, nothing of it stays.
///
/// # Errors
/// [`CampaignError`]: unreadable recipients, nobody to write to, a message that is forbidden in a
/// recipient's country, a missing price, a worst case
/// beyond the cap or unknown, the same plan made within 24 hours, a store that fails.
pub async fn plan(
    store: &dyn Store,
    clock: &dyn Clock,
    order: &PlanOrder,
    mut recipients: RecipientsFile,
    progress: &Progress,
) -> Result<PlanSummary, CampaignError> {
    let campaign = new_campaign(order, Kind::Campaign, clock)?;
    let id = campaign.id;
    store.create(campaign).await?;
    let planned = fill(store, clock, order, id, &mut recipients, progress).await;
    if planned.is_err() {
        // What failed is told; that it also could not be cleared away adds nothing to it: a
        // campaign that is being prepared is never sent.
        let _ = store.discard(id).await;
    }
    planned
}

/// Judges recipients as [`plan`] does, and quotes; writes nothing.
///
/// # Errors
/// As [`plan`], but for those about the store.
pub fn check(
    message: &Message,
    prices: Option<&PriceList>,
    recipients: &mut RecipientsFile,
) -> Result<PlanSummary, CampaignError> {
    let mut reading = Reading::of(BatchCap::PLATFORM);
    while let Some(row) = recipients.next(&reading.intake)? {
        reading.take(&row);
        reading.fresh.clear();
    }
    reading.conclude(String::new(), message, prices)
}

/// A campaign that is about to be prepared.
pub(crate) fn new_campaign(
    order: &PlanOrder,
    kind: Kind,
    clock: &dyn Clock,
) -> Result<CampaignRow, CampaignError> {
    let message = serde_json::to_string(&MessageFile::from(&order.message))
        .map_err(|_| CampaignError::Corrupt("message"))?;
    Ok(CampaignRow {
        id: CampaignId(u64::from_be_bytes(random()?)),
        kind,
        name: order.name.clone(),
        created_at: clock.now(),
        state: CampaignState::Preparing,
        key: SealKey::from_bytes(random()?),
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

pub(crate) fn random<const N: usize>() -> Result<[u8; N], CampaignError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| CampaignError::Random)?;
    Ok(bytes)
}

async fn fill(
    store: &dyn Store,
    clock: &dyn Clock,
    order: &PlanOrder,
    id: CampaignId,
    recipients: &mut RecipientsFile,
    progress: &Progress,
) -> Result<PlanSummary, CampaignError> {
    let mut reading = Reading::of(order.cap);
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
        }
        if !more {
            break;
        }
    }
    let summary = reading.conclude(id.to_string(), &order.message, order.prices.as_ref())?;
    check_cost(order, reading.quote)?;
    let max_cost = order.max_cost.map(|cap| cap.amount.to_string());
    let summary = PlanSummary { max_cost, ..summary };
    let end = PlanEnd {
        recipients: written,
        digest: digest(order, reading.numbers),
        summary: serde_json::to_string(&summary).map_err(|_| CampaignError::Corrupt("plan"))?,
        worst: reading.worst,
        unless_since: (!order.again).then(|| before(clock.now(), RECENT)),
    };
    match store.finish_plan(id, end).await {
        Err(StoreError::Planned(before)) => Err(CampaignError::PlannedBefore(before)),
        ended => Ok(ended.map(|()| summary)?),
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
    doubtful: u64,
    doubts: Vec<RefusedLine>,
    /// Of each batch.
    countries: Vec<Countries>,
    numbers: NumberSum,
    quote: Option<Quote>,
    /// What each batch costs at worst; empty without prices.
    worst: Vec<Money>,
}

impl Reading {
    fn of(cap: BatchCap) -> Self {
        Self {
            cap,
            intake: Intake::default(),
            fresh: Vec::new(),
            refusals: Vec::new(),
            doubtful: 0,
            doubts: Vec::new(),
            countries: Vec::new(),
            numbers: NumberSum::default(),
            quote: None,
            worst: Vec::new(),
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
                self.count_country(Country::of(number));
                if let Some(doubt) = number.plausibility().at("phone") {
                    self.doubtful += 1;
                    note(&mut self.doubts, row, doubt.rule);
                }
                self.numbers.add(number);
                self.fresh.push(NewRecipient { number, label: recipient.label, reference: None });
            }
            Verdict::Refused(why) => note(&mut self.refusals, row, why.rule()),
            Verdict::Duplicate => {}
        }
    }

    fn conclude(
        &mut self,
        campaign: String,
        message: &Message,
        prices: Option<&PriceList>,
    ) -> Result<PlanSummary, CampaignError> {
        let counts = self.intake.counts();
        if counts.kept == 0 {
            return Err(CampaignError::NoRecipients { read: counts.read, refused: counts.refused });
        }
        let mut all = Countries::new();
        for (country, count) in self.countries.iter().flatten() {
            *all.entry(*country).or_default() += count;
        }
        for country in all.keys() {
            check_country(message, *country)?;
        }
        if let Some(prices) = prices {
            let sms_parts = message.sms().map(|sms| sms.parts());
            let of = |countries| quote(prices, countries, message.message_type(), sms_parts);
            self.quote = Some(of(&all)?);
            let worst = self.countries.iter().map(|batch| of(batch).map(|quote| quote.worst));
            self.worst = worst.collect::<Result<_, _>>()?;
        }
        Ok(PlanSummary {
            campaign,
            read: counts.read,
            refused: counts.refused,
            duplicates: counts.duplicates,
            recipients: counts.kept,
            batches: counts.kept.div_ceil(self.cap.get().into()),
            refusals: std::mem::take(&mut self.refusals),
            doubtful: self.doubtful,
            doubts: std::mem::take(&mut self.doubts),
            estimate: self.quote.map(Estimate::from),
            max_cost: None,
        })
    }
}
