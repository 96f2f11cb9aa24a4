//! A message's truth is the set of what was said of it.
//!
//! Reports are collected in a set; joining two sets is their union, so order, repetition and
//! lateness cannot matter (assumption A7). What we show is a function of the set:
//!
//! | function | of the set |
//! | --- | --- |
//! | [`Reports::shown`] | the status of the highest precedence ([`MessageStatus`]'s order) |
//! | [`Reports::charges`] | one a message id that was delivered or read |
//! | [`Reports::contradictions`] | delivered and ended undelivered; two prices; two channels |
//! | [`Reports::unknown_words`] | status words that we do not know |
//!
//! One reference can have two messages: the RCS message and the SMS of its alternative channel,
//! which has its own id and price (assumption A12).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::money::Money;
use crate::status::{MessageStatus, ReportedStatus};
use crate::time::CivilDateTime;

/// The platform's id of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u64);

impl From<u64> for MessageId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl core::fmt::Display for MessageId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

impl core::str::FromStr for MessageId {
    type Err = core::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse().map(Self)
    }
}

/// The way that a message took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// The RCS message itself.
    Rcs,
    /// The alternative channel.
    Sms,
}

/// One thing that the platform said of one message, in a callback or in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Report {
    /// Which message.
    pub message: MessageId,
    /// Its channel, where the platform named it; callbacks do not.
    pub channel: Option<Channel>,
    /// Its status.
    pub status: ReportedStatus,
    /// Its price, where one was named.
    pub price: Option<Money>,
    /// When it was sent.
    pub sent_at: Option<CivilDateTime>,
    /// When its delivery was reported.
    pub reported_at: Option<CivilDateTime>,
}

/// An order for sorted sets, by message first; it says nothing of which price is higher.
impl Ord for Report {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |report: &Self| {
            let price = report.price.map(|price| (price.currency, price.amount));
            (report.message, report.channel, price, report.sent_at, report.reported_at)
        };
        key(self).cmp(&key(other)).then_with(|| self.status.cmp(&other.status))
    }
}

impl PartialOrd for Report {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Report {
    fn delivered(&self) -> bool {
        self.status.known().is_some_and(MessageStatus::is_delivered)
    }

    fn undelivered_end(&self) -> bool {
        self.status.known().is_some_and(MessageStatus::is_undelivered_end)
    }
}

/// What one delivered message is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Which message.
    pub message: MessageId,
    /// Its channel: [`Reports::channel_of`].
    pub channel: Channel,
    /// The price that was reported with the delivery; of several, the one of the greatest number,
    /// which is the highest if all are of one currency. `None` if none was.
    pub price: Option<Money>,
}

/// Two things that were said of one message and cannot both be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// Delivered, and ended without delivery.
    DeliveredAndNot(MessageId),
    /// Delivered at two prices.
    TwoPrices(MessageId),
    /// An RCS message and an SMS.
    TwoChannels(MessageId),
}

/// Everything that was said of the messages of one reference.
///
/// A sorted list: there are a handful at most.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reports(Vec<Report>);

impl Reports {
    /// Adds a report; says whether it was new.
    pub fn insert(&mut self, report: Report) -> bool {
        match self.0.binary_search(&report) {
            Ok(_) => false,
            Err(place) => {
                self.0.insert(place, report);
                true
            }
        }
    }

    /// Joins another set into this one.
    pub fn join(&mut self, other: Self) {
        self.extend(other.0);
    }

    /// The reports, in an order of their own (not that of arrival).
    pub fn iter(&self) -> impl Iterator<Item = &Report> {
        self.0.iter()
    }

    /// The same as a slice.
    pub(crate) fn as_slice(&self) -> &[Report] {
        &self.0
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The status to show: the highest that was reported. [`MessageStatus::Unknown`] if nothing
    /// was said that we know.
    pub fn shown(&self) -> MessageStatus {
        self.0
            .iter()
            .filter_map(|report| report.status.known())
            .max()
            .unwrap_or(MessageStatus::Unknown)
    }

    /// Whether an end was reported, seen from a message that has an alternative channel or not.
    ///
    /// With one, an undelivered RCS message is not the end as long as nothing was said of its
    /// SMS.
    pub fn has_end(&self, alternative_channel: bool) -> bool {
        if self.shown().is_delivered() {
            return true;
        }
        let mut messages = of_each_message(&self.0);
        let count = messages.clone().count();
        count > 0 && messages.all(ended_undelivered) && (!alternative_channel || count > 1)
    }

    /// What is to be paid: once for each message that was delivered or read.
    pub fn charges(&self) -> Vec<Charge> {
        let charge = |reports: &[Report]| {
            let message = reports.iter().find(|report| report.delivered())?.message;
            Some(Charge {
                message,
                channel: self.channel_of(message),
                price: delivered_prices(reports).max_by_key(|price| (price.amount, price.currency)),
            })
        };
        of_each_message(&self.0).filter_map(charge).collect()
    }

    /// A message's channel: the one that the platform named; else SMS if another message of the
    /// set ended without delivery and this one did not, for only then is the alternative channel
    /// used; else RCS.
    pub fn channel_of(&self, message: MessageId) -> Channel {
        channel(&self.0, message)
    }

    /// Whether the alternative channel delivered.
    pub fn delivered_by_sms(&self) -> bool {
        self.charges().iter().any(|charge| charge.channel == Channel::Sms)
    }

    /// What cannot all be true, message by message.
    pub fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        for reports in of_each_message(&self.0) {
            let Some(message) = reports.first().map(|report| report.message) else { continue };
            if reports.iter().any(Report::delivered) && ended_undelivered(reports) {
                found.push(Contradiction::DeliveredAndNot(message));
            }
            if differ(delivered_prices(reports)) {
                found.push(Contradiction::TwoPrices(message));
            }
            if differ(reports.iter().filter_map(|report| report.channel)) {
                found.push(Contradiction::TwoChannels(message));
            }
        }
        found
    }

    /// The status words that we do not know.
    pub fn unknown_words(&self) -> BTreeSet<&str> {
        self.0
            .iter()
            .filter(|report| report.status.known().is_none())
            .map(|report| report.status.as_str())
            .collect()
    }
}

/// The reports of each message. The set has them message by message.
fn of_each_message(all: &[Report]) -> impl Iterator<Item = &[Report]> + Clone {
    all.chunk_by(|one, next| one.message == next.message)
}

fn channel(all: &[Report], message: MessageId) -> Channel {
    let named = |reports: &[Report]| reports.iter().filter_map(|report| report.channel).min();
    let is_it = |reports: &&[Report]| reports.iter().any(|report| report.message == message);
    let it = of_each_message(all).find(is_it).unwrap_or_default();
    if let Some(channel) = named(it) {
        return channel;
    }
    let mut others = of_each_message(all).filter(|reports| !is_it(reports));
    let another_is_rcs = others.clone().any(|reports| named(reports) == Some(Channel::Rcs));
    if another_is_rcs || (!ended_undelivered(it) && others.any(ended_undelivered)) {
        Channel::Sms
    } else {
        Channel::Rcs
    }
}

fn ended_undelivered(reports: &[Report]) -> bool {
    reports.iter().any(Report::undelivered_end)
}

fn delivered_prices(reports: &[Report]) -> impl Iterator<Item = Money> {
    reports.iter().filter(|report| report.delivered()).filter_map(|report| report.price)
}

fn differ<T: PartialEq>(mut values: impl Iterator<Item = T>) -> bool {
    let first = values.next();
    values.any(|value| Some(value) != first)
}

impl Extend<Report> for Reports {
    fn extend<I: IntoIterator<Item = Report>>(&mut self, reports: I) {
        for report in reports {
            self.insert(report);
        }
    }
}

impl FromIterator<Report> for Reports {
    fn from_iter<I: IntoIterator<Item = Report>>(reports: I) -> Self {
        let mut set = Self::default();
        set.extend(reports);
        set
    }
}
