//! Prices and quotes: what a campaign will cost, before anything is sent.
//!
//! The price depends on the direction and on the type. Three classes of RCS message is our reading
//! (assumption A2); an SMS is paid by the part (A3); only what is delivered is billed.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::string::String;

use crate::country::Country;
use crate::money::{Amount, Currency, Money, NotAddable};

/// What a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageType {
    /// An RCS text message.
    Text,
    /// One RCS card.
    Card,
    /// Two or more RCS cards.
    Carousel,
    /// One part of an SMS.
    Sms,
}

impl MessageType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Text, Self::Card, Self::Carousel, Self::Sms];

    /// The word in price files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Card => "card",
            Self::Carousel => "carousel",
            Self::Sms => "sms",
        }
    }

    /// Reads the word of a price file, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word.trim()))
    }
}

/// Prices by country and type, with a wildcard country, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceList {
    currency: Currency,
    by_country: BTreeMap<(Option<Country>, MessageType), Amount>,
}

impl PriceList {
    /// An empty list in this currency.
    pub const fn new(currency: Currency) -> Self {
        Self { currency, by_country: BTreeMap::new() }
    }

    /// The currency of every price.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The same numbers in another currency. Nothing is converted.
    #[must_use]
    pub fn in_currency(&self, currency: Currency) -> Self {
        Self { currency, by_country: self.by_country.clone() }
    }

    /// Sets the price of a type in a country, or, with `None`, wherever no country's own price is
    /// set. A second price for the same pair is refused: the answer is then `false`, and the first
    /// one stays.
    #[must_use]
    pub fn set(&mut self, country: Option<Country>, kind: MessageType, price: Amount) -> bool {
        match self.by_country.entry((country, kind)) {
            Entry::Vacant(place) => {
                place.insert(price);
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    /// The price of a type in a country, or by the wildcard.
    ///
    /// # Errors
    /// [`MissingPrice`] names the hole.
    pub fn price(
        &self,
        country: Option<Country>,
        kind: MessageType,
    ) -> Result<Money, MissingPrice> {
        country
            .and_then(|_| self.by_country.get(&(country, kind)))
            .or_else(|| self.by_country.get(&(None, kind)))
            .map(|amount| Money::new(*amount, self.currency))
            .ok_or(MissingPrice { country, kind })
    }
}

/// The list has no price for a country and type, and no wildcard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no price for {} in {}; add a line for it, or for every country with *",
    .kind.as_str(),
    .country.as_ref().map_or("an unknown country", Country::as_str)
)]
pub struct MissingPrice {
    /// The country; `None` if the number's country is not known.
    pub country: Option<Country>,
    /// The type.
    pub kind: MessageType,
}

/// What a campaign costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// If every RCS message is delivered.
    pub expected: Money,
    /// If every message goes the dearer of its two ways: RCS, or the alternative channel.
    pub worst: Money,
}

/// Why there is no quote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoQuote {
    /// A price is missing.
    #[error(transparent)]
    Missing(#[from] MissingPrice),
    /// The sum is too great.
    #[error(transparent)]
    Sum(#[from] NotAddable),
}

/// Quotes `recipients` (how many in which country) a message of `kind`, with an alternative
/// channel of so many SMS parts, if it has one.
///
/// # Errors
/// [`NoQuote`] if a price is missing or the sum is too great.
pub fn quote(
    prices: &PriceList,
    recipients: &BTreeMap<Option<Country>, u64>,
    kind: MessageType,
    sms_parts: Option<usize>,
) -> Result<Quote, NoQuote> {
    let nothing = Money::new(Amount::ZERO, prices.currency());
    let mut quote = Quote { expected: nothing, worst: nothing };
    for (country, count) in recipients {
        let rcs = prices.price(*country, kind)?;
        let sms = match sms_parts {
            Some(parts) => {
                let part = prices.price(*country, MessageType::Sms)?;
                times(part, u64::try_from(parts).unwrap_or(u64::MAX))?
            }
            None => nothing,
        };
        quote.expected = quote.expected.checked_add(times(rcs, *count)?)?;
        quote.worst = quote.worst.checked_add(times(dearer(rcs, sms), *count)?)?;
    }
    Ok(quote)
}

/// The higher of two prices of one list.
fn dearer(one: Money, other: Money) -> Money {
    if other.amount > one.amount { other } else { one }
}

fn times(price: Money, count: u64) -> Result<Money, NotAddable> {
    let amount = price.amount.checked_mul(count).ok_or(NotAddable::TooMuch)?;
    Ok(Money { amount, ..price })
}

/// Reads one line of a price file: country (an ISO code or `*`), type, price, currency.
///
/// # Errors
/// A sentence that says which field is wrong and what it may be.
pub fn read_price(
    country: &str,
    kind: &str,
    price: &str,
    currency: &str,
) -> Result<(Option<Country>, MessageType, Money), String> {
    let country = match country.trim() {
        "*" => None,
        code => Some(Country::known(code).map_err(|why| alloc::format!("country: {why}"))?),
    };
    let kind = MessageType::from_word(kind)
        .ok_or_else(|| String::from("type: write text, card, carousel or sms"))?;
    let parsed = Amount::parse(price).map_err(|why| alloc::format!("price: {why}"))?;
    if parsed.rounded || parsed.amount.is_negative() {
        return Err("price: write at most seven decimals and no sign".into());
    }
    let currency = Currency::parse(currency).map_err(|why| alloc::format!("currency: {why}"))?;
    Ok((country, kind, Money::new(parsed.amount, currency)))
}
