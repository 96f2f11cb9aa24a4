//! A campaign recipient by recipient: a row each, and what the rows come to by reason, country and type.

use std::collections::BTreeMap;

use bsg_rcs_domain::{Amount, CampaignId, Country, Currency, Message, MessageStatus, MessageType};
use bsg_rcs_store::{Changed, Outcome, RecipientRow, Store, Timestamp};

use crate::error::CampaignError;
use crate::kept::message_of;

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
    let batches = store.batches(id).await.map_err(CampaignError::from)?;
    let mut sums = Breakdown::default();
    let mut first = 0;
    loop {
        let rows = store.recipients(id, first, READ_AT_ONCE).await.map_err(CampaignError::from)?;
        let Some(last) = rows.last() else { break };
        first = last.index.saturating_add(1);
        for row in rows {
            let batch = row.index.checked_div(campaign.batch_cap.into()).and_then(|number| {
                batches.get(usize::try_from(number).ok()?).map(|batch| batch.state)
            });
            let outcome = Outcome::of(row.outcome, row.shown.is_some(), batch);
            let line = line(row, outcome, &message);
            sums.add(&line);
            each(&line)?;
        }
    }
    Ok(sums)
}

fn line(row: RecipientRow, outcome: Outcome, message: &Message) -> Line {
    let country = row.number.and_then(Country::of);
    let kind = if row.sms { MessageType::Sms } else { message.message_type() };
    Line { row, outcome, country, kind }
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
            (Outcome::Undetermined, None) => Some("nobody knows whether it was sent".to_owned()),
            (Outcome::Accepted | Outcome::Pending, None) => None,
        }
    }
}

impl Breakdown {
    fn add(&mut self, line: &Line) {
        let country = line.country.map(|country| country.to_string()).unwrap_or_default();
        for sum in [
            self.countries.entry(country.clone()).or_default(),
            self.kinds.entry(line.kind.as_str()).or_default(),
        ] {
            sum.recipients += 1;
            sum.delivered += u64::from(line.is_delivered());
            for price in &line.row.billed {
                let billed = sum.billed.entry(price.currency).or_default();
                *billed = billed.checked_add(price.amount).unwrap_or(*billed);
            }
        }
        if let Some(why) = line.failure() {
            *self.failures.entry((why, country)).or_default() += 1;
        }
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
        let changes = store.changes(after, CHANGES_AT_ONCE).await?;
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
