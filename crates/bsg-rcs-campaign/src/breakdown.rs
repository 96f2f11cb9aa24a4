//! A campaign recipient by recipient: a row each, and what the rows come to by reason, country and type.

use std::collections::{BTreeMap, VecDeque};

use bsg_rcs_domain::{Amount, CampaignId, Country, Currency, Message, MessageStatus, MessageType};
use bsg_rcs_store::{
    BatchRow, BatchState, CampaignState, Changed, Outcome, RecipientRow, Store, StoreError,
    Timestamp,
};

use crate::cost::{BATCHES_AT_ONCE, plus};
use crate::error::CampaignError;
use crate::stored_plan::message_of;

/// Recipients that are read at once.
const READ_AT_ONCE: u32 = 5000;
/// Changes that are read at once.
const CHANGES_AT_ONCE: u32 = 5000;

/// A recipient and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What the store has of it.
    pub row: RecipientRow,
    /// What became of its message on the way to the platform.
    pub outcome: Outcome,
    /// Where its number belongs, if that is known.
    pub country: Option<Country>,
    /// What its message is paid as.
    pub kind: MessageType,
    /// Whether the campaign was stopped before anything was sent to it.
    pub spared: bool,
    /// Whether the campaign was stopped while it was not known whether its message had arrived.
    pub left_unknown: bool,
}

/// What the rows come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Breakdown {
    /// Recipients by country; empty where none is known.
    pub countries: BTreeMap<String, Sum>,
    /// Recipients by what their messages are paid as.
    pub kinds: BTreeMap<&'static str, Sum>,
    /// Those that did not get it, by why not and country.
    pub failures: BTreeMap<(String, String), u64>,
}

/// Recipients together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sum {
    /// How many.
    pub recipients: u64,
    /// To how many it was delivered, by RCS or by SMS.
    pub delivered: u64,
    /// What they were charged, by currency.
    pub billed: BTreeMap<Currency, Amount>,
}

/// How many had each shown status at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Recipients by shown status.
    pub statuses: BTreeMap<MessageStatus, u64>,
}

/// Reads a campaign recipient by recipient, hands each to `each`, and sums them up. It holds some thousand
/// recipients at a time.
///
/// # Errors
/// [`CampaignError`] if there is no such campaign, the store fails, or `each` does.
pub async fn breakdown<E: From<CampaignError>>(
    store: &dyn Store,
    id: CampaignId,
    mut each: impl FnMut(&Line) -> Result<(), E>,
) -> Result<Breakdown, E> {
    let campaign = store.campaign(id).await.map_err(CampaignError::from)?;
    let campaign = campaign.ok_or(CampaignError::NoCampaign(id))?;
    let message = message_of(&campaign)?;
    let stopped = campaign.state == CampaignState::Stopped;
    let mut batches = Batches { store, id, page: VecDeque::new(), from: Some(0) };
    let mut sums = Breakdown::default();
    let mut first = 0;
    loop {
        let rows = store.recipients(id, first, READ_AT_ONCE).await.map_err(CampaignError::from)?;
        let Some(last) = rows.last() else { break };
        first = last.index.saturating_add(1);
        for row in rows {
            let batch = batches.state_of(row.index).await?;
            let outcome = Outcome::of(row.outcome, row.shown.is_some(), batch);
            let mut line = line(row, outcome, &message);
            if stopped && outcome == Outcome::Pending {
                line.spared = matches!(batch, None | Some(BatchState::Planned));
                line.left_unknown = !line.spared;
            }
            sums.add(&line)?;
            each(&line)?;
        }
    }
    Ok(sums)
}

/// The batches of a campaign beside its recipients, both in the order of the source.
struct Batches<'a> {
    store: &'a dyn Store,
    id: CampaignId,
    page: VecDeque<BatchRow>,
    /// The recipient at which the next page begins; `None` behind the last.
    from: Option<u32>,
}

impl Batches<'_> {
    /// Where the batch of a recipient stands. Recipients are asked about in order.
    async fn state_of(&mut self, index: u32) -> Result<Option<BatchState>, CampaignError> {
        loop {
            match self.page.front() {
                Some(batch) if index < batch.first => return Ok(None),
                Some(batch) if index - batch.first < batch.count => return Ok(Some(batch.state)),
                Some(_) => {
                    self.page.pop_front();
                }
                None => {
                    let Some(from) = self.from else { return Ok(None) };
                    self.page = self.store.batches(self.id, from, BATCHES_AT_ONCE).await?.into();
                    let next = |last: &BatchRow| last.first.checked_add(last.count.max(1));
                    self.from = self.page.back().and_then(next);
                }
            }
        }
    }
}

fn line(row: RecipientRow, outcome: Outcome, message: &Message) -> Line {
    let country = row.number.and_then(Country::of);
    let kind = if row.sms { MessageType::Sms } else { message.message_type() };
    Line { row, outcome, country, kind, spared: false, left_unknown: false }
}

impl Line {
    /// Whether it was delivered.
    pub fn is_delivered(&self) -> bool {
        self.row.sms || self.row.shown.is_some_and(MessageStatus::is_delivered)
    }

    /// Why it did not get there, if it did not and that is certain.
    pub fn failure(&self) -> Option<String> {
        if self.is_delivered() {
            return None;
        }
        let shown = self.row.shown.filter(|shown| shown.is_undelivered_end());
        match (self.outcome, shown) {
            (_, Some(shown)) => Some(shown.as_str().to_owned()),
            (Outcome::Rejected, None) => {
                Some(self.row.note.clone().unwrap_or_else(|| "refused by the platform".to_owned()))
            }
            (Outcome::Undetermined, None) => Some("its outcome is unknown".to_owned()),
            (Outcome::Pending, None) if self.left_unknown => {
                Some("its outcome is unknown".to_owned())
            }
            (Outcome::Pending, None) if self.spared => Some("stopped before sending".to_owned()),
            (Outcome::Accepted | Outcome::Pending, None) => None,
        }
    }
}

impl Breakdown {
    fn add(&mut self, line: &Line) -> Result<(), CampaignError> {
        let country = line.country.map(|country| country.to_string()).unwrap_or_default();
        for sum in [
            self.countries.entry(country.clone()).or_default(),
            self.kinds.entry(line.kind.as_str()).or_default(),
        ] {
            sum.recipients += 1;
            sum.delivered += u64::from(line.is_delivered());
            for price in &line.row.billed {
                let billed = sum.billed.entry(price.currency).or_default();
                *billed = plus(*billed, price.amount)?;
            }
        }
        if let Some(why) = line.failure() {
            *self.failures.entry((why, country)).or_default() += 1;
        }
        Ok(())
    }
}

/// How many had each shown status, from nothing on, oldest first: a moment for each second in which something changed,
/// as far as the log of changes goes back. It holds a byte a recipient.
///
/// # Errors
/// [`CampaignError`] if there is no such campaign or the store fails.
pub async fn course(store: &dyn Store, id: CampaignId) -> Result<Vec<Moment>, CampaignError> {
    let campaign = store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let recipients = usize::try_from(campaign.recipients).unwrap_or(usize::MAX);
    let mut shown: Vec<Option<MessageStatus>> = vec![None; recipients];
    let mut statuses: BTreeMap<MessageStatus, u64> = BTreeMap::new();
    let mut course: Vec<Moment> = Vec::new();
    let mut after = 0;
    loop {
        let changes = match store.changes(after, CHANGES_AT_ONCE).await {
            // What came before was removed from the log.
            Err(StoreError::Pruned { first }) => {
                after = first.saturating_sub(1);
                continue;
            }
            changes => changes?,
        };
        let Some(last) = changes.last() else { return Ok(course) };
        after = last.cursor;
        for change in changes.iter().filter(|change| change.campaign == campaign.id) {
            let Changed::Reported { shown: new, .. } = change.what else { continue };
            let place = usize::try_from(change.index).ok().and_then(|index| shown.get_mut(index));
            let Some(place) = place else { continue };
            if let Some(before) = place.replace(new)
                && let Some(count) = statuses.get_mut(&before)
            {
                *count -= 1;
            }
            *statuses.entry(new).or_default() += 1;
            let second = Timestamp(change.at.0.div_euclid(1000).saturating_mul(1000));
            if course.is_empty() {
                // Before the first change there was nothing.
                let before = Timestamp(second.0.saturating_sub(1000));
                course.push(Moment { at: before, statuses: BTreeMap::new() });
            }
            match course.last_mut() {
                Some(moment) if moment.at >= second => moment.statuses.clone_from(&statuses),
                _ => course.push(Moment { at: second, statuses: statuses.clone() }),
            }
        }
    }
}
