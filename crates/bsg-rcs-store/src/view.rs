//! What a store keeps beside a message's reports, so that counting does not read them all:
//! a function of the set, made anew whenever the set grows.

use std::collections::BTreeMap;

use bsg_rcs_domain::{Amount, Channel, Currency, MessageStatus, Money, Reports};

/// What stands in words where a number was that is forgotten.
pub const FORGOTTEN: &str = "(forgotten)";

/// What is shown and charged of one recipient's reports.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageView {
    /// The status to show.
    pub shown: MessageStatus,
    /// Whether an end was reported.
    pub ended: bool,
    /// Whether the alternative channel delivered.
    pub sms: bool,
    /// The sum of the charges, by currency; more than one entry of a currency where one sum would be
    /// too large.
    pub billed: Vec<Money>,
    /// Whether the reports contradict each other.
    pub contradicted: bool,
}

impl MessageView {
    /// The view of a set of reports. `alternative_channel` is the campaign's.
    pub fn of(reports: &Reports, alternative_channel: bool) -> Self {
        let charges = reports.charges();
        let prices = charges.iter().filter_map(|charge| charge.price);
        Self {
            shown: reports.shown(),
            ended: reports.has_end(alternative_channel),
            sms: charges.iter().any(|charge| charge.channel == Channel::Sms),
            contradicted: !reports.contradictions().is_empty(),
            billed: billed(prices),
        }
    }
}

/// The sums by currency. An amount that would make a sum too large stands beside it, so that
/// nothing is lost and adding up the entries says so.
fn billed(prices: impl Iterator<Item = Money>) -> Vec<Money> {
    let mut sums: BTreeMap<Currency, Vec<Amount>> = BTreeMap::new();
    for price in prices {
        let amounts = sums.entry(price.currency).or_default();
        match amounts.last().and_then(|sum| sum.checked_add(price.amount)) {
            Some(sum) => {
                amounts.pop();
                amounts.push(sum);
            }
            None => amounts.push(price.amount),
        }
    }
    let money = |(currency, amounts): (Currency, Vec<Amount>)| {
        amounts.into_iter().map(move |amount| Money::new(amount, currency))
    };
    sums.into_iter().flat_map(money).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_is_too_large_loses_nothing() {
        let euro = |amount| Money::new(Amount::from_ten_millionths(amount), Currency::EUR);
        let prices = [euro(i128::MAX), euro(2), euro(3)];
        assert_eq!(billed(prices.into_iter()), [euro(i128::MAX), euro(5)]);
        assert_eq!(billed([euro(2), euro(3)].into_iter()), [euro(5)]);
    }
}
