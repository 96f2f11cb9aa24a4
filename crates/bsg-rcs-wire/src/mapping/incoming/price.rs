//! Prices as the platform writes them: nothing that it said of money is dropped in silence.

use core::fmt;

use bsg_rcs_domain::{Amount, Currency, Money};
use serde::Deserialize;

use crate::lenient::{Decimal, Maybe};

/// The longest text of an unreadable price that is kept, in characters.
const KEPT: usize = 100;

/// What an answer or a callback says of a price.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Price {
    /// Nothing.
    #[default]
    Unsaid,
    /// An amount in a currency.
    Exact(Money),
    /// As [`Exact`](Self::Exact), written with more than seven places, and rounded half to even.
    Rounded(Money),
    /// An amount, and no currency: that of the campaign or the account is meant.
    Bare {
        /// How much.
        amount: Amount,
        /// Whether it was written with more than seven places, and rounded half to even.
        rounded: bool,
    },
    /// A text that is no price that we read, cut to 100 characters.
    Unreadable(String),
}

impl Price {
    /// The price, if it names its currency.
    pub const fn money(&self) -> Option<Money> {
        match self {
            Self::Exact(money) | Self::Rounded(money) => Some(*money),
            _ => None,
        }
    }

    /// The amount without a currency, if that is all that was said.
    pub const fn bare(&self) -> Option<Amount> {
        match self {
            Self::Bare { amount, .. } => Some(*amount),
            _ => None,
        }
    }

    /// The price; an amount without a currency is taken to be in `currency`.
    pub fn or_in(&self, currency: Currency) -> Option<Money> {
        self.money().or_else(|| Some(Money::new(self.bare()?, currency)))
    }

    /// Whether reading lost something of the amount.
    pub const fn is_rounded(&self) -> bool {
        matches!(self, Self::Rounded(_) | Self::Bare { rounded: true, .. })
    }

    /// Whether nothing was said at all.
    pub const fn is_unsaid(&self) -> bool {
        matches!(self, Self::Unsaid)
    }

    /// Reads an amount and the code beside it. Read are, beside plain amounts: `0,01` (a comma, and not three
    /// digits behind it, or a zero before it), `0.01 EUR`, `EUR 0.01`, and `{"value": ..., "currency": ...}`.
    pub(super) fn read(value: Option<&Decimal>, code: Option<&str>) -> Self {
        let code = code.map(str::trim).filter(|code| !code.is_empty());
        let Some(text) = value.map(|value| value.as_str().trim()).filter(|text| is_said(text))
        else {
            return Self::Unsaid;
        };
        if text.starts_with('{') {
            return Self::of_object(text, code);
        }
        let unreadable = || Self::Unreadable(text.chars().take(KEPT).collect());
        let Some((amount, rounded, named)) = amount_and_code(text) else { return unreadable() };
        match (named, code.and_then(|code| Currency::parse(code).ok())) {
            // Two currencies: neither is to be guessed.
            (Some(named), Some(beside)) if named != beside => unreadable(),
            (named, beside) => Self::of(amount, rounded, named.or(beside)),
        }
    }

    fn of_object(text: &str, code: Option<&str>) -> Self {
        #[derive(Deserialize)]
        struct Nested {
            #[serde(default)]
            value: Option<Decimal>,
            #[serde(default)]
            amount: Option<Decimal>,
            #[serde(default, deserialize_with = "crate::lenient::text")]
            currency: Option<String>,
        }
        let nested = serde_json::from_str::<Maybe<Nested>>(text).ok().and_then(Maybe::into_option);
        let amount =
            nested.as_ref().and_then(|nested| nested.value.as_ref().or(nested.amount.as_ref()));
        let flat = amount.filter(|amount| !amount.as_str().trim_start().starts_with('{'));
        let inner = nested.as_ref().and_then(|nested| nested.currency.as_deref()).or(code);
        match Self::read(flat, inner) {
            Self::Unsaid => Self::Unreadable(text.chars().take(KEPT).collect()),
            price => price,
        }
    }

    fn of(amount: Amount, rounded: bool, currency: Option<Currency>) -> Self {
        match currency.map(|currency| Money::new(amount, currency)) {
            Some(money) if rounded => Self::Rounded(money),
            Some(money) => Self::Exact(money),
            None => Self::Bare { amount, rounded },
        }
    }
}

/// `0.0100000 EUR`, `0.0100000 (no currency)`, `unreadable: free`, `none`; what was rounded says so.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid => f.write_str("none"),
            Self::Exact(money) => money.fmt(f),
            Self::Rounded(money) => write!(f, "{money} (rounded)"),
            Self::Bare { amount, rounded: false } => write!(f, "{amount} (no currency)"),
            Self::Bare { amount, rounded: true } => write!(f, "{amount} (rounded, no currency)"),
            Self::Unreadable(text) => write!(f, "unreadable: {}", crate::shown(text, KEPT)),
        }
    }
}

/// Whether a text says anything: empty things and null do not.
fn is_said(text: &str) -> bool {
    !text.is_empty() && !["null", "[]", "{}"].contains(&text)
}

/// An amount with or without a currency's code before or behind it.
fn amount_and_code(text: &str) -> Option<(Amount, bool, Option<Currency>)> {
    if let Some((amount, rounded)) = amount(text) {
        return Some((amount, rounded, None));
    }
    let code_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (before, from_code) = text.split_at(code_at);
    let (code, behind) = from_code.split_at_checked(3)?;
    let currency = Currency::parse(code).ok()?;
    let number = match (before.trim(), behind.trim()) {
        (number, "") | ("", number) => number,
        _ => return None,
    };
    let (amount, rounded) = amount(number)?;
    Some((amount, rounded, Some(currency)))
}

/// An amount with a point, or with a comma that can only be a decimal one.
fn amount(text: &str) -> Option<(Amount, bool)> {
    let parsed =
        |text: &str| Amount::parse(text).ok().map(|parsed| (parsed.amount, parsed.rounded));
    if let Some(plain) = parsed(text) {
        return Some(plain);
    }
    let (whole, fraction) = text.split_once(',')?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = whole.trim_start_matches(['-', '+']);
    // `1,100` may be a thousand and a hundred.
    let is_decimal = fraction.len() != 3 || unsigned == "0";
    let well_formed = !unsigned.is_empty() && !fraction.is_empty();
    if well_formed && is_decimal && is_digits(unsigned) && is_digits(fraction) {
        return parsed(&format!("{whole}.{fraction}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, code: Option<&str>) -> String {
        let value: Option<Decimal> = serde_json::from_str(json).unwrap();
        Price::read(value.as_ref(), code).to_string()
    }

    #[test]
    fn what_can_be_read_without_guessing_is_read() {
        for (json, code, expected) in [
            (r#""1.1000000""#, Some("EUR"), "1.1000000 EUR"),
            ("1.1", Some(" eur "), "1.1000000 EUR"),
            (r#""1.10""#, None, "1.1000000 (no currency)"),
            (r#""1.10""#, Some(""), "1.1000000 (no currency)"),
            (r#""1.10""#, Some("euros"), "1.1000000 (no currency)"),
            (r#""1,10""#, Some("EUR"), "1.1000000 EUR"),
            (r#""0,01""#, Some("EUR"), "0.0100000 EUR"),
            (r#""0,010""#, Some("EUR"), "0.0100000 EUR"),
            (r#""-1,1000000""#, Some("EUR"), "-1.1000000 EUR"),
            (r#""1.10 EUR""#, None, "1.1000000 EUR"),
            (r#""1,10EUR""#, Some("EUR"), "1.1000000 EUR"),
            (r#""eur 1.10""#, None, "1.1000000 EUR"),
            (r#"{"value": "1.10", "currency": "EUR"}"#, None, "1.1000000 EUR"),
            (r#"{"value": 1.10}"#, Some("EUR"), "1.1000000 EUR"),
            (r#"{"amount": "1,10", "currency": null}"#, None, "1.1000000 (no currency)"),
            ("0.00000015", Some("EUR"), "0.0000002 EUR (rounded)"),
            ("0.00000015", None, "0.0000002 (rounded, no currency)"),
            ("0.1000000000000000055511151231257827", Some("EUR"), "0.1000000 EUR (rounded)"),
            ("null", Some("EUR"), "none"),
            (r#""""#, Some("EUR"), "none"),
            ("[]", Some("EUR"), "none"),
        ] {
            assert_eq!(read(json, code), expected, "{json} {code:?}");
        }
    }

    #[test]
    fn what_would_have_to_be_guessed_is_kept_as_text() {
        for (json, code) in [
            (r#""1,100""#, Some("EUR")),
            (r#""1,100.00""#, Some("EUR")),
            (r#""1 100""#, Some("EUR")),
            (r#""free""#, Some("EUR")),
            (r#""1.10 EURO""#, None),
            (r#""1 EUR 2""#, None),
            (r#""1.10 USD""#, Some("EUR")),
            (r#"{"price": 1}"#, Some("EUR")),
            (r#"{"value": {"value": 1}}"#, Some("EUR")),
            ("true", Some("EUR")),
            ("1e99", Some("EUR")),
        ] {
            assert!(read(json, code).starts_with("unreadable: "), "{json}");
        }
        let long = Price::read(Some(&Decimal::string("x".repeat(5000))), None);
        assert_eq!(long, Price::Unreadable("x".repeat(KEPT)));
    }

    #[test]
    fn a_bare_price_is_given_a_currency_and_others_keep_theirs() {
        let one = Amount::from_ten_millionths(1);
        let usd = Currency::parse("USD").unwrap();
        let bare = Price::Bare { amount: one, rounded: false };
        assert_eq!(bare.or_in(usd), Some(Money::new(one, usd)));
        let exact = Price::Exact(Money::new(one, Currency::EUR));
        assert_eq!(exact.or_in(usd), Some(Money::new(one, Currency::EUR)));
        assert_eq!(Price::Unsaid.or_in(usd), None);
        assert_eq!(Price::Unreadable("free".into()).or_in(usd), None);
    }
}
