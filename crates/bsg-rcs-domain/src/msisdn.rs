//! Phone numbers: what the platform takes, how people write them, and whether they can exist.

mod handset;
mod plausibility;
mod reading;
mod written;

use alloc::string::String;
use core::fmt;
use core::num::NonZeroU64;

pub use plausibility::Plausibility;
pub use reading::Reading;

use crate::country::{Country, Dialled};
use crate::fault::Fault;
use crate::rules::{self, Rule};

/// A phone number in international form: 9 to 15 digits, country code first, never a leading 0.
///
/// It has no `Display` and a masked `Debug`, so that a number does not reach a log by accident:
/// ask for [`Msisdn::digits`] or [`Msisdn::masked`].
///
/// ```
/// use bsg_rcs_domain::Msisdn;
///
/// let number = Msisdn::normalise("+380 (66) 123-12-31")?;
/// assert_eq!(number.as_u64(), 380661231231);
/// assert_eq!(format!("{number:?}"), "Msisdn(380*******31)");
/// # Ok::<(), bsg_rcs_domain::msisdn::NotANumber>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Msisdn(NonZeroU64);

/// The least number of nine digits that does not begin with 0.
const LEAST: u64 = 100_000_000;
/// The greatest number of fifteen digits.
const GREATEST: u64 = 999_999_999_999_999;

impl Msisdn {
    /// The number with these digits.
    ///
    /// # Errors
    /// `NUM-LEN` unless it has 9 to 15 digits.
    pub fn from_u64(digits: u64) -> Result<Self, NotANumber> {
        match NonZeroU64::new(digits) {
            Some(number) if (LEAST..=GREATEST).contains(&digits) => Ok(Self(number)),
            _ => Err(NotANumber::Length(decimal_length(digits))),
        }
    }

    /// Reads a number as people write it: digits of any script, a leading `+` or `00`, spaces,
    /// dashes, dots, slashes and parentheses. A trunk prefix behind the calling code (`+49 (0) 171`,
    /// `+49 0171`) is taken off where the numbering plan has one, and so is a mobile infix that is
    /// no part of the international form (Argentina's 15, Mexico's 1).
    ///
    /// # Errors
    /// [`NotANumber`] with the rule that is broken: `NUM-EMPTY`, `NUM-CHAR`, `NUM-LEN`,
    /// `NUM-NATIONAL`.
    pub fn normalise(written: &str) -> Result<Self, NotANumber> {
        Self::normalise_in(written, None)
    }

    /// Reads a number like [`Msisdn::normalise`], and a national one as a number of the default
    /// country, if there is one. [`Reading::of`] keeps the doubts as well.
    ///
    /// ```
    /// use bsg_rcs_domain::{Country, Msisdn};
    ///
    /// let ukraine = Country::parse("UA").ok();
    /// let number = Msisdn::normalise_in("066 123 12 31", ukraine)?;
    /// assert_eq!(number.as_u64(), 380661231231);
    /// assert!(Msisdn::normalise_in("066 123 12 31", None).is_err());
    /// # Ok::<(), bsg_rcs_domain::msisdn::NotANumber>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Msisdn::normalise`]; `NUM-NATIONAL` too if the country has no such number, and
    /// `NUM-AMBIGUOUS` if it can be one of that country and one of another.
    pub fn normalise_in(written: &str, default: Option<Country>) -> Result<Self, NotANumber> {
        Reading::of(written, default).map(|reading| reading.number)
    }

    /// The digits as an integer.
    pub const fn as_u64(self) -> u64 {
        self.0.get()
    }

    /// The digits, for a request or a person who may see them.
    pub const fn digits(self) -> impl fmt::Display {
        self.0
    }

    /// The number with only its first three and last two digits, for logs.
    pub const fn masked(self) -> Masked {
        Masked(self)
    }
}

impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Msisdn({})", self.masked())
    }
}

/// A number with its middle hidden: `380*******31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Masked(Msisdn);

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = alloc::format!("{}", self.0.digits());
        let hidden_to = digits.len().saturating_sub(2);
        let shown: String = digits
            .chars()
            .enumerate()
            .map(|(at, digit)| if at < 3 || at >= hidden_to { digit } else { '*' })
            .collect();
        f.write_str(&shown)
    }
}

/// Why a text is no phone number that the platform takes. It quotes at most one character, never
/// the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotANumber {
    /// Nothing was written.
    #[error("{}", rules::NUM_EMPTY.says)]
    Empty,
    /// A character that no number has.
    #[error("{says}; here {0:?}", says = rules::NUM_CHAR.says)]
    Character(char),
    /// Not 9 to 15 digits; this many.
    #[error("{says}; here {0}", says = rules::NUM_LEN.says)]
    Length(usize),
    /// A national number: it begins with a single 0.
    #[error("{}", rules::NUM_NATIONAL.says)]
    National,
    /// A number of the default country, or one of another country.
    #[error("{}", rules::NUM_AMBIGUOUS.says)]
    Ambiguous,
}

impl NotANumber {
    /// The rule that is broken.
    pub const fn rule(self) -> &'static Rule {
        match self {
            Self::Empty => &rules::NUM_EMPTY,
            Self::Character(_) => &rules::NUM_CHAR,
            Self::Length(_) => &rules::NUM_LEN,
            Self::National => &rules::NUM_NATIONAL,
            Self::Ambiguous => &rules::NUM_AMBIGUOUS,
        }
    }

    /// The same as a fault at `place`.
    pub fn at(self, place: &str) -> Fault {
        match self {
            Self::Length(digits) => {
                Fault::measured(&rules::NUM_LEN, place, u64::try_from(digits).unwrap_or(u64::MAX))
            }
            other => Fault::at(other.rule(), place),
        }
    }
}

fn decimal_length(digits: u64) -> usize {
    digits.checked_ilog10().map_or(1, |log| usize::try_from(log).unwrap_or(0).saturating_add(1))
}

impl Country {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_nine_and_fifteen_digits() {
        assert!(Msisdn::from_u64(99_999_999).is_err());
        assert!(Msisdn::from_u64(100_000_000).is_ok());
        assert!(Msisdn::from_u64(999_999_999_999_999).is_ok());
        assert_eq!(Msisdn::from_u64(1_000_000_000_000_000), Err(NotANumber::Length(16)));
    }
}
