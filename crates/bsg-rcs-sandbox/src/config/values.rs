//! The values of a configuration file: each is read with its bounds, or refused with words that say what may stand there.

use std::time::Duration;

use bsg_rcs_domain::{Amount, CivilDateTime, Country, Currency, Msisdn};
use bsg_rcs_sandbox_engine::{Delay, Fate, KnownReference};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::Speed;
use crate::span::Span;

/// The longest delay, in milliseconds: 30 days.
pub(super) const DELAY_MAX: u64 = 30 * 86_400_000;
/// The longest span of anything else, in milliseconds: ten years.
pub(super) const SPAN_MAX: u64 = 3650 * 86_400_000;

/// A number or a text, as it is written.
enum Written {
    Whole(u64),
    Decimal(String),
    Text(String),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Written;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number or a text in quotes")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Written, E> {
                let whole = u64::try_from(number);
                Ok(whole.map_or_else(|_| Written::Decimal(number.to_string()), Written::Whole))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Written, E> {
                Ok(Written::Whole(number))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Written, E> {
                Ok(Written::Decimal(number.to_string()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Written, E> {
                Ok(Written::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// A type that is read from [`Written`] by a function.
macro_rules! value {
    ($(#[$doc:meta])* $name:ident$(<const $bound:ident: u64>)?($type:ty), $written:ident => $read:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(super) struct $name$(<const $bound: u64>)?(pub(super) $type);

        impl<'de, $(const $bound: u64)?> Deserialize<'de> for $name$(<$bound>)? {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let $written = Written::deserialize(deserializer)?;
                let read: Result<$type, String> = $read;
                read.map(Self).map_err(D::Error::custom)
            }
        }
    };
}

value!(
    /// An amount of money: a text with at most seven decimals, not below zero.
    Money(Amount),
    written => match written {
        Written::Text(text) => Amount::parse(&text).map_err(|why| why.to_string()).and_then(|read| {
            if read.rounded || read.amount.is_negative() {
                Err("write at most seven decimals and no sign".into())
            } else {
                Ok(read.amount)
            }
        }),
        Written::Whole(number) => Err(format!("write money in quotes, \"{number}\"")),
        Written::Decimal(number) => {
            Err(format!("money is exact: write it in quotes, \"{number}\""))
        }
    }
);
value!(
    /// A span of time: a whole number of milliseconds, or a text such as `"2s"`; at most so many milliseconds.
    Time<const MOST: u64>(Duration),
    written => {
        let span = match written {
            Written::Whole(millis) => Ok(Duration::from_millis(millis)),
            Written::Text(text) => Span::try_from(text).map(|span| span.0).map_err(str::to_owned),
            Written::Decimal(_) => Err("write milliseconds, or a time such as \"2s\"".into()),
        };
        span.and_then(|span| {
            let fits = span <= Duration::from_millis(MOST);
            fits.then_some(span).ok_or_else(|| format!("at most {MOST} milliseconds"))
        })
    }
);
value!(
    /// A whole number from 1, at most so large.
    Count<const MOST: u64>(u16),
    written => match written {
        Written::Whole(number) if (1..=MOST).contains(&number) => {
            u16::try_from(number).map_err(|why| why.to_string())
        }
        _ => Err(format!("write a whole number from 1 to {MOST}")),
    }
);
value!(
    /// A speed: a number, or one in quotes.
    Pace(Speed),
    written => {
        let text = match written {
            Written::Whole(number) => number.to_string(),
            Written::Decimal(text) | Written::Text(text) => text,
        };
        text.parse().map_err(|why: super::InvalidSpeed| why.to_string())
    }
);

/// A type that is read from a text by a function.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident($type:ty), $text:ident => $read:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(try_from = "String")]
        pub(super) struct $name(pub(super) $type);

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from($text: String) -> Result<Self, String> {
                let read: Result<$type, String> = $read;
                read.map(Self)
            }
        }
    };
}

text!(
    /// A text that is not empty.
    Name(String),
    text => if text.is_empty() { Err("it is empty".into()) } else { Ok(text) }
);
text!(
    /// The name of an agent: at most 40 characters.
    AgentName(String),
    text => match text.chars().count() {
        0 => Err("it is empty".into()),
        1..=40 => Ok(text),
        _ => Err("at most 40 characters".into()),
    }
);
text!(
    /// An address that the sandbox can post to.
    CallbackUrl(String),
    text => {
        let is_http = text.starts_with("http://") && text.parse::<http::Uri>().is_ok();
        if is_http { Ok(text) } else { Err("the sandbox posts to http:// addresses".into()) }
    }
);
text!(
    /// A civil date-time.
    Start(CivilDateTime),
    text => CivilDateTime::parse(&text).map_err(|why| why.to_string())
);
text!(
    /// A phone number, as people write it.
    Number(Msisdn),
    text => Msisdn::normalise(&text).map_err(|why| why.to_string())
);
text!(
    /// A currency's code.
    CurrencyCode(Currency),
    text => Currency::parse(&text).map_err(|why| why.to_string())
);
text!(
    /// A country's code.
    CountryCode(Country),
    text => country(&text)
);
text!(
    /// A country's code, or `*` for every country.
    AnyCountry(Option<Country>),
    text => if text == "*" { Ok(None) } else { country(&text).map(Some) }
);
text!(
    /// A fate by its word.
    FateWord(Fate),
    text => Fate::from_word(&text).ok_or_else(|| {
        format!("no such fate; there are {}", Fate::words().collect::<Vec<_>>().join(", "))
    })
);
text!(
    /// What happens to a known reference, by the letter of its assumption.
    ReferenceLetter(KnownReference),
    text => match text.as_str() {
        "a" => Ok(KnownReference::RefuseRequest),
        "b" => Ok(KnownReference::RejectMessage),
        "c" => Ok(KnownReference::SendAgain),
        _ => Err("write \"a\", \"b\" or \"c\"".into()),
    }
);

fn country(code: &str) -> Result<Country, String> {
    let country = Country::parse(code).map_err(|why| why.to_string())?;
    let known = country.has_numbers().then_some(country);
    known.ok_or_else(|| format!("no country is called {country}"))
}

/// How long something takes: the least and the most, or one for both.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Bounds")]
pub(super) struct DelayBounds(pub(super) Delay);

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "write the least and the most, such as [\"1s\", \"5s\"], or one for both"
)]
enum Bounds {
    Both(Time<DELAY_MAX>),
    Each([Time<DELAY_MAX>; 2]),
}

impl TryFrom<Bounds> for DelayBounds {
    type Error = &'static str;

    fn try_from(bounds: Bounds) -> Result<Self, &'static str> {
        let millis = |time: Time<DELAY_MAX>| u32::try_from(time.0.as_millis()).unwrap_or(u32::MAX);
        let (least, most) = match bounds {
            Bounds::Both(both) => (millis(both.clone()), millis(both)),
            Bounds::Each([least, most]) => (millis(least), millis(most)),
        };
        if least > most {
            return Err("the least comes first");
        }
        Ok(Self(Delay::between(least, most)))
    }
}
