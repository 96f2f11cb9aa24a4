//! Prices and quotes.

use std::collections::BTreeMap;

use bsg_rcs_domain::tariff::{MissingPrice, quote, read_price};
use bsg_rcs_domain::{Amount, Country, Currency, MessageType, PriceList};

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
