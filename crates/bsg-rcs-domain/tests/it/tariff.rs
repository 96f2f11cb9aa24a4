//! Prices and quotes.

use std::collections::BTreeMap;

use bsg_rcs_domain::tariff::{MissingPrice, quote, read_price};
use bsg_rcs_domain::{Amount, Country, Currency, MessageType, PriceList};
use proptest::prelude::*;

use crate::big::Big;

fn prices() -> PriceList {
    let mut list = PriceList::new(Currency::EUR);
    for (country, kind, price) in [
        ("*", "text", "0.05"),
        ("UA", "text", "0.01"),
        ("*", "sms", "0.03"),
        ("UA", "SMS", "0.008"),
    ] {
        let (country, kind, money) = read_price(country, kind, price, "eur").unwrap();
        assert!(list.set(country, kind, money.amount));
    }
    list
}

#[test]
fn a_country_has_its_own_price_or_the_wildcards() {
    let (prices, ua, de) = (prices(), Country::parse("UA").unwrap(), Country::parse("de").unwrap());
    let price = |country, kind| prices.price(country, kind).map(|m| m.amount.to_string());
    assert_eq!(price(Some(ua), MessageType::Text).as_deref(), Ok("0.0100000"));
    assert_eq!(price(Some(de), MessageType::Text).as_deref(), Ok("0.0500000"));
    assert_eq!(price(None, MessageType::Text).as_deref(), Ok("0.0500000"));
    let hole = MissingPrice { country: Some(ua), kind: MessageType::Card };
    assert_eq!(price(Some(ua), MessageType::Card), Err(hole));
    assert!(hole.to_string().starts_with("no price for card in UA"));
}

#[test]
fn a_second_price_is_refused_and_the_first_one_stays() {
    let (mut prices, ua) = (prices(), Country::parse("UA").ok());
    assert!(!prices.set(ua, MessageType::Text, Amount::from_ten_millionths(1)));
    assert!(!prices.set(None, MessageType::Text, Amount::from_ten_millionths(1)));
    assert_eq!(prices, self::prices());
}

#[test]
fn a_quote_expects_rcs_and_fears_the_dearer_way() {
    let counts = BTreeMap::from([(Some(Country::parse("UA").unwrap()), 10), (None, 2)]);
    let plain = quote(&prices(), &counts, MessageType::Text, None).unwrap();
    assert_eq!(plain.expected, plain.worst);
    assert_eq!(plain.expected.amount.to_string(), "0.2000000");
    let with_sms = quote(&prices(), &counts, MessageType::Text, Some(2)).unwrap();
    // UA: 2 parts of 0.008 beat 0.01; elsewhere 2 of 0.03 beat 0.05.
    assert_eq!(with_sms.worst.amount.to_string(), "0.2800000");
    assert_eq!(with_sms.expected.amount, plain.expected.amount);
}

#[test]
fn a_price_line_says_which_field_is_wrong() {
    for (line, field) in [
        (["UKR", "text", "1", "EUR"], "country"),
        (["UA", "mms", "1", "EUR"], "type"),
        (["UA", "text", "1,5", "EUR"], "price"),
        (["UA", "text", "-1", "EUR"], "price"),
        (["UA", "text", "0.00000001", "EUR"], "price"),
        (["UA", "text", "1", "EURO"], "currency"),
    ] {
        let [country, kind, price, currency] = line;
        let why = read_price(country, kind, price, currency).unwrap_err();
        assert!(why.starts_with(field), "{why}");
    }
    let mut list = prices();
    assert!(
        !list.set(None, MessageType::Text, Amount::ZERO),
        "a second price for a pair is refused"
    );
}

fn country(letters: &str) -> Option<Country> {
    Country::parse(letters).ok()
}

proptest! {
    /// The sums in numbers that have no bound; a quote is refused only where 128 bits do not hold it.
    #[test]
    fn a_quote_is_the_exact_sum(
        rcs in prop_oneof![0_i128..1_000_000_000, 0..=i128::MAX],
        part in prop_oneof![0_i128..1_000_000_000, 0..=i128::MAX],
        parts in prop::option::of(0_usize..6),
        counts in prop::collection::btree_map("[A-Z]{2}", prop_oneof![0_u64..5000, any::<u64>()], 0..6),
    ) {
        let mut list = PriceList::new(Currency::EUR);
        prop_assert!(list.set(None, MessageType::Card, Amount::from_ten_millionths(rcs)));
        prop_assert!(list.set(None, MessageType::Sms, Amount::from_ten_millionths(part)));
        let sms = Big::from(part).times(parts.unwrap_or(0) as i128);
        let dearer = if sms > Big::from(rcs) { sms } else { Big::from(rcs) };
        let sum = |price: Big| counts.values().fold(Big::ZERO, |sum, count| {
            sum.add(price.times(i128::from(*count)))
        });
        let recipients = counts.iter().map(|(letters, count)| (country(letters), *count)).collect();
        match quote(&list, &recipients, MessageType::Card, parts) {
            Ok(quote) => {
                prop_assert_eq!(Some(quote.expected.amount.ten_millionths()), sum(Big::from(rcs)).small());
                prop_assert_eq!(Some(quote.worst.amount.ten_millionths()), sum(dearer).small());
            }
            Err(_) => prop_assert!(
                sum(dearer).small().is_none() || (sms.small().is_none() && !counts.is_empty())
            ),
        }
    }

    #[test]
    fn what_is_shown_is_read_again(amount in -i128::from(u64::MAX) * 1_000_000..i128::from(u64::MAX) * 1_000_000) {
        let amount = Amount::from_ten_millionths(amount);
        let read = Amount::parse(&amount.to_string()).unwrap();
        prop_assert_eq!((read.amount, read.rounded), (amount, false));
    }
}
