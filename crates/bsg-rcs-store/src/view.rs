//! What a store keeps beside a message's reports, so that nobody reads them all to count: a
//! function of the set, made anew whenever the set grows.

use std::collections::BTreeMap;

use bsg_rcs_domain::{Amount, Channel, Currency, MessageStatus, Money, Reports};

/// What is shown and charged of one recipient's reports.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageView {
    /// The status to show.
    pub shown: MessageStatus,
    /// Whether an end was reported.
    pub ended: bool,
    /// Whether the alternative channel delivered.
    pub sms: bool,
    /// The sum of the charges, by currency.
    pub billed: Vec<Money>,
    /// Whether the reports contradict each other.
    pub contradicted: bool,
}

impl MessageView {
    /// The view of a set of reports. `alternative_channel` is the campaign's.
    pub fn of(reports: &Reports, alternative_channel: bool) -> Self {
        let mut sums: BTreeMap<Currency, Amount> = BTreeMap::new();
        let charges = reports.charges();
        for price in charges.iter().filter_map(|charge| charge.price) {
            let sum = sums.entry(price.currency).or_default();
            *sum = sum.checked_add(price.amount).unwrap_or(*sum);
        }
        Self {
            shown: reports.shown(),
            ended: reports.has_end(alternative_channel),
            sms: charges.iter().any(|charge| charge.channel == Channel::Sms),
            contradicted: !reports.contradictions().is_empty(),
            billed: sums.into_iter().map(|(currency, sum)| Money::new(sum, currency)).collect(),
        }
    }
}
