//! Whole numbers that come as JSON integers or as decimal strings.

use core::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// A number that some places of the contract write as a JSON integer and others as a string of digits.
pub trait Digits {
    /// The number itself.
    fn digits(&self) -> u64;
}

/// The platform's id of a message or a campaign; larger than 32 bits in its own examples.
///
/// Reads a JSON integer or a decimal string, writes an integer (in callbacks a string, see [`as_text`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u64);

/// A phone number's digits, country code first, unchecked.
///
/// Reads a JSON integer or a decimal string (a leading `+` and spaces around are accepted), writes an integer
/// (in requests and callbacks a string, see [`as_text`]). Its `Debug` hides the middle of the number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(pub u64);

/// A count or a code: a JSON integer or a decimal string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Integer(pub i64);

impl Digits for Id {
    fn digits(&self) -> u64 {
        self.0
    }
}

impl Digits for Phone {
    fn digits(&self) -> u64 {
        self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let masked = crate::masked(&digits);
        // Shorter than any phone number, and perhaps one all the same.
        f.write_str(if masked == digits { "***" } else { &masked })
    }
}

/// Writes a number as a string of digits, for the places where the contract has a string.
///
/// # Errors
///
/// Those of the serializer.
pub fn as_text<N: Digits, S: Serializer>(number: &N, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&number.digits())
}

/// [`as_text`] for a number that may be missing.
///
/// # Errors
///
/// Those of the serializer.
pub fn as_text_if_any<N: Digits, S: Serializer>(
    number: &Option<N>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => as_text(number, serializer),
        None => serializer.serialize_none(),
    }
}

/// Reads digits with nothing but digits in them: `u64::from_str` alone would take a sign.
fn digits_of(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Collects an integer from any of its JSON forms.
struct WholeNumber;

impl Visitor<'_> for WholeNumber {
    type Value = i128;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer or a string of digits")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<i128, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<i128, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<i128, E> {
        let value = value.trim();
        let (sign, digits) = match value.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, value.strip_prefix('+').unwrap_or(value)),
        };
        // The value itself may be a phone number: it does not go into the error.
        digits_of(digits)
            .map(|number| sign * i128::from(number))
            .ok_or_else(|| E::custom("a string that is not a whole number"))
    }
}

/// Implements the readers and writers of one number type.
macro_rules! whole_number {
    ($name:ident, $inner:ty, $write:ident, $out_of_range:literal) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = deserializer.deserialize_any(WholeNumber)?;
                <$inner>::try_from(number).map($name).map_err(|_| D::Error::custom($out_of_range))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.$write(self.0)
            }
        }

        impl From<$inner> for $name {
            fn from(number: $inner) -> Self {
                $name(number)
            }
        }
    };
}

whole_number!(Id, u64, serialize_u64, "an id outside 64 bits");
whole_number!(Phone, u64, serialize_u64, "a phone number outside 64 bits");
whole_number!(Integer, i64, serialize_i64, "an integer outside 64 bits");

#[cfg(test)]
mod tests {
    use super::*;

    fn id(json: &str) -> Option<u64> {
        serde_json::from_str::<Id>(json).ok().map(|id| id.0)
    }

    #[test]
    fn ids_come_as_integers_and_strings() {
        for (json, expected) in [
            ("4419393338", Some(4_419_393_338)),
            (r#""3266500452""#, Some(3_266_500_452)),
            (r#"" 7 ""#, Some(7)),
            ("18446744073709551615", Some(u64::MAX)),
            (r#""18446744073709551615""#, Some(u64::MAX)),
            (r#""18446744073709551616""#, None),
            ("-1", None),
            ("1.5", None),
            (r#""""#, None),
            (r#""++1""#, None),
            (r#""12a""#, None),
            ("null", None),
            ("{}", None),
        ] {
            assert_eq!(id(json), expected, "{json}");
        }
    }

    #[test]
    fn a_plus_before_a_phone_is_read_and_not_written() {
        let phone: Phone = serde_json::from_str(r#""+380661231231""#).unwrap();
        assert_eq!(phone, Phone(380_661_231_231));
        assert_eq!(serde_json::to_string(&phone).unwrap(), "380661231231");
    }

    #[test]
    fn debug_hides_the_middle_of_a_phone() {
        assert_eq!(format!("{:?}", Phone(380_661_231_231)), "380***31");
        assert_eq!(format!("{:?}", Phone(12_345_678)), "***");
        assert_eq!(format!("{:?}", Phone(0)), "***");
    }

    #[test]
    fn integers_keep_their_sign() {
        for (json, expected) in [("-5", -5), (r#""-5""#, -5), (r#""0""#, 0), ("12", 12)] {
            assert_eq!(serde_json::from_str::<Integer>(json).unwrap(), Integer(expected));
        }
    }
}
