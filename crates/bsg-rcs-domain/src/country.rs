//! Countries of numbers, by calling code, and by the first digits behind it where countries share
//! one (+1, +7, +44, ...).
//!
//! The table is made from libphonenumber's metadata by `cargo xtask codegen`; it takes 7 KiB and a
//! look-up tens of nanoseconds. Numbering plans change faster than tables: what the table does not
//! know is doubted, never refused.

mod generated;
mod plan;

use core::fmt;

pub(crate) use plan::{Dialled, calling_code};

use crate::msisdn::Msisdn;

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

    /// A country that the code names.
    pub(crate) const fn literal(code: [u8; 2]) -> Self {
        Self(code)
    }

    /// The country that a number belongs to; `None` if its calling code is not assigned, or
    /// belongs to no country (satellites, international freephone).
    ///
    /// Of a shared calling code, a number that no country claims counts to the one that leads
    /// (+1: US, +7: RU).
    ///
    /// ```
    /// use bsg_rcs_domain::{Country, Msisdn};
    ///
    /// let number = Msisdn::normalise("+1 416 555 0123")?;
    /// assert_eq!(Country::of(number), Country::parse("CA").ok());
    /// # Ok::<(), bsg_rcs_domain::msisdn::NotANumber>(())
    /// ```
    pub fn of(number: Msisdn) -> Option<Self> {
        Dialled::new(number.as_u64())?.country()
    }

    /// Whether there are numbers that belong to it: what is no country is told from one by this.
    pub fn has_numbers(self) -> bool {
        plan::names(self)
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

#[cfg(test)]
mod tests {
    use super::*;

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
