//! Countries of numbers, by calling code, and by the first digits behind it where countries share
//! one (+1, +7, +44, ...).
//!
//! The table is made from libphonenumber's metadata by `cargo xtask codegen`; a look-up takes some
//! nanoseconds. Numbering plans change faster than tables: what the table does not
//! know is doubted, never refused.

mod generated;
mod pattern;
mod plan;
mod region;
mod rows;

use core::fmt;

pub(crate) use pattern::Digits;
pub(crate) use plan::Dialled;
pub(crate) use region::{Stripped, may_hold_prefix};
pub(crate) use rows::Region;

/// A country: two capital letters of ISO 3166-1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Reads a code in any case; whether ISO lists it is not checked.
    ///
    /// # Errors
    /// [`NotACountry`] unless it is two ASCII letters.
    pub fn parse(text: &str) -> Result<Self, NotACountry> {
        let code: [u8; 2] = text.trim().as_bytes().try_into().map_err(|_| NotACountry)?;
        if code.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(code.map(|letter| letter.to_ascii_uppercase())))
        } else {
            Err(NotACountry)
        }
    }

    /// Reads a code that a person wrote: only a country that has numbers is one.
    ///
    /// ```
    /// use bsg_rcs_domain::Country;
    ///
    /// assert_eq!(Country::known("gb").unwrap().as_str(), "GB");
    /// let why = Country::known("UK").unwrap_err().to_string();
    /// assert_eq!(why, "UK is not a country code: did you mean GB?");
    /// ```
    ///
    /// # Errors
    /// [`UnknownCountry`], with the country that is likely meant.
    pub fn known(text: &str) -> Result<Self, UnknownCountry> {
        match Self::parse(text) {
            Ok(country) if country.has_numbers() => Ok(country),
            Ok(country) => Err(UnknownCountry::Code(country)),
            Err(NotACountry) => Err(UnknownCountry::Form),
        }
    }

    /// The country that is meant by a code that is none: codes that the European Union, vehicles
    /// and older lists use.
    fn meant(self) -> Option<Self> {
        const MEANT: [([u8; 2], [u8; 2]); 9] = [
            (*b"AN", *b"CW"),
            (*b"BU", *b"MM"),
            (*b"EL", *b"GR"),
            (*b"EN", *b"GB"),
            (*b"FX", *b"FR"),
            (*b"SU", *b"RU"),
            (*b"TP", *b"TL"),
            (*b"UK", *b"GB"),
            (*b"ZR", *b"CD"),
        ];
        MEANT.iter().find(|(code, _)| *code == self.0).map(|(_, meant)| Self(*meant))
    }

    /// A country that the code names.
    pub(crate) const fn literal(code: [u8; 2]) -> Self {
        Self(code)
    }

    /// Whether there are numbers that belong to it: what is no country is told from one by this.
    pub fn has_numbers(self) -> bool {
        Region::of(self).is_some()
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country is two letters, such as UA")]
pub struct NotACountry;

/// A person wrote a country that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownCountry {
    /// Not two letters.
    Form,
    /// Two letters that no country has whose numbers are known.
    Code(Country),
}

impl fmt::Display for UnknownCountry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => NotACountry.fmt(f),
            Self::Code(code) => match code.meant() {
                Some(meant) => write!(f, "{code} is not a country code: did you mean {meant}?"),
                None => {
                    write!(f, "{code} is not a country code of ISO 3166 that has phone numbers")
                }
            },
        }
    }
}

impl core::error::Error for UnknownCountry {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::msisdn::Msisdn;

    #[test]
    fn only_countries_have_numbers() {
        for (code, has) in [("UA", true), ("us", true), ("CA", true), ("KZ", true), ("GG", true)]
            .into_iter()
            .chain([("XX", false), ("UK", false), ("EU", false)])
        {
            assert_eq!(Country::parse(code).unwrap().has_numbers(), has, "{code}");
        }
    }

    #[test]
    fn a_code_that_is_no_country_is_refused_with_what_is_meant() {
        for (text, says) in [
            ("UK", "UK is not a country code: did you mean GB?"),
            ("el", "EL is not a country code: did you mean GR?"),
            ("XX", "XX is not a country code of ISO 3166 that has phone numbers"),
            ("EU", "EU is not a country code of ISO 3166 that has phone numbers"),
            ("GER", "a country is two letters, such as UA"),
            ("", "a country is two letters, such as UA"),
        ] {
            assert_eq!(Country::known(text).unwrap_err().to_string(), says);
        }
        assert!(generated::COUNTRIES.iter().all(|(code, _)| Country(*code).meant().is_none()));
    }

    #[test]
    fn numbers_find_their_country() {
        for (number, country) in [
            (380_661_231_231, Some("UA")),
            (491_701_234_567, Some("DE")),
            (12_025_550_123, Some("US")),
            (79_161_234_567, Some("RU")),
            (77_011_234_567, Some("KZ")),
            (442_071_234_567, Some("GB")),
            (14_165_550_123, Some("CA")),
            (18_765_550_123, Some("JM")),
            (447_781_123_456, Some("GG")),
            (447_911_123_456, Some("GG")),
            (447_911_223_456, Some("GB")),
            (390_669_812_345, Some("VA")),
            (390_612_345_678, Some("IT")),
            (262_639_123_456, Some("YT")),
            (358_181_234_567, Some("AX")),
            (590_590_271_234, Some("BL")),
            (5_993_181_234, Some("BQ")),
            (61_891_641_234, Some("CX")),
            // Seven digits decide; a shorter national number counts as if zeros followed.
            (599_318_123, Some("BQ")),
            (442_071_234, Some("GB")),
            (800_123_456_789, None),
            (999_123_456_789, None),
        ] {
            let number = Msisdn::from_u64(number).unwrap();
            assert_eq!(
                Country::of(number).as_ref().map(Country::as_str),
                country,
                "{}",
                number.digits()
            );
        }
    }
}
