//! Phone numbers: what the platform takes, how people write them, and whether they can exist.

mod plausibility;

use alloc::string::String;
use core::fmt;
use core::num::NonZeroU64;

pub use plausibility::Plausibility;

use crate::country::{self, Country};
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

    /// Reads a number as people write it: digits, a leading `+` or `00`, spaces, dots, dashes and
    /// parentheses.
    ///
    /// # Errors
    /// [`NotANumber`] with the rule that is broken: `NUM-EMPTY`, `NUM-CHAR`, `NUM-LEN`,
    /// `NUM-NATIONAL`.
    pub fn normalise(written: &str) -> Result<Self, NotANumber> {
        match plain(written) {
            Some(number) => Ok(number),
            None => Self::normalise_any(written),
        }
    }

    fn normalise_any(written: &str) -> Result<Self, NotANumber> {
        let trimmed = written.trim();
        let (marked, rest) = match trimmed.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, trimmed),
        };
        let digits = collect_digits(rest)?;
        if digits.length == 0 {
            return Err(if trimmed.is_empty() { NotANumber::Empty } else { NotANumber::Length(0) });
        }
        let zeros_before = if marked || digits.leading_zeros != 2 { 0 } else { 2 };
        if digits.leading_zeros > zeros_before {
            return Err(NotANumber::National);
        }
        let length = digits.length.saturating_sub(zeros_before);
        if digits.overflowed {
            return Err(NotANumber::Length(length));
        }
        Self::from_u64(digits.value)
    }

    /// Reads a number like [`Msisdn::normalise`], and a national one (with a single 0 in front) as
    /// a number of the default country, if there is one.
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
    /// Those of [`Msisdn::normalise`]; `NUM-NATIONAL` too if the country has no such number: what
    /// is completed by us is not to be doubtful. The 0 is the only national prefix that is
    /// understood; others (the 8 of +7, the 06 of +36) are refused.
    pub fn normalise_in(written: &str, default: Option<Country>) -> Result<Self, NotANumber> {
        match (Self::normalise(written), default) {
            (Err(NotANumber::National), Some(country)) => {
                national(written, country).ok_or(NotANumber::National)
            }
            (read, _) => read,
        }
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
}

impl NotANumber {
    /// The rule that is broken.
    pub const fn rule(self) -> &'static Rule {
        match self {
            Self::Empty => &rules::NUM_EMPTY,
            Self::Character(_) => &rules::NUM_CHAR,
            Self::Length(_) => &rules::NUM_LEN,
            Self::National => &rules::NUM_NATIONAL,
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

/// A number that is written in digits alone, as most are: read without looking for anything else.
fn plain(written: &str) -> Option<Msisdn> {
    let bytes = written.as_bytes();
    if !(9..=15).contains(&bytes.len()) || bytes.first() == Some(&b'0') {
        return None;
    }
    let value = bytes.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| value.wrapping_mul(10).wrapping_add(digit.into()))
    })?;
    Msisdn::from_u64(value).ok()
}

struct Digits {
    value: u64,
    length: usize,
    leading_zeros: usize,
    overflowed: bool,
}

fn collect_digits(written: &str) -> Result<Digits, NotANumber> {
    let mut digits = Digits { value: 0, length: 0, leading_zeros: 0, overflowed: false };
    for character in written.chars() {
        let Some(digit) = character.to_digit(10) else {
            match character {
                ' ' | '.' | '-' | '(' | ')' => continue,
                other => return Err(NotANumber::Character(other)),
            }
        };
        if digit == 0 && digits.leading_zeros == digits.length {
            digits.leading_zeros = digits.leading_zeros.saturating_add(1);
        }
        digits.length = digits.length.saturating_add(1);
        match digits.value.checked_mul(10).and_then(|tens| tens.checked_add(digit.into())) {
            Some(value) => digits.value = value,
            None => digits.overflowed = true,
        }
    }
    Ok(digits)
}

/// A national number, written with a single 0 in front, as a number of `country`.
fn national(written: &str, country: Country) -> Option<Msisdn> {
    let digits = collect_digits(written.trim()).ok().filter(|digits| digits.leading_zeros == 1)?;
    let (code, drops_zero) = country::calling_code(country)?;
    let count = digits.length.checked_sub(usize::from(drops_zero))?;
    let room = 10_u64.checked_pow(u32::try_from(count).ok()?)?;
    let value = u64::from(code).checked_mul(room)?.checked_add(digits.value)?;
    Msisdn::from_u64(value).ok().filter(|number| number.plausibility() == Plausibility::Plausible)
}

fn decimal_length(digits: u64) -> usize {
    digits.checked_ilog10().map_or(1, |log| usize::try_from(log).unwrap_or(0).saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for written in [
            "380661231231",
            "+380661231231",
            "00380661231231",
            " 380 66 123 12 31 ",
            "+380 (66) 123-12-31",
            "380.66.123.12.31",
            "(+380)661231231",
        ] {
            let number = Msisdn::normalise(written);
            if written.starts_with('(') {
                assert_eq!(number, Err(NotANumber::Character('+')), "{written}");
            } else {
                assert_eq!(number.map(Msisdn::as_u64), Ok(380_661_231_231), "{written}");
            }
        }
    }

    #[test]
    fn what_is_refused_and_why() {
        use NotANumber::{Character, Empty, Length, National};
        for (written, why) in [
            ("", Empty),
            ("   ", Empty),
            ("+", Length(0)),
            ("()", Length(0)),
            ("12345678", Length(8)),
            ("+0012345678901", National),
            ("0661231231", National),
            ("000661231231", National),
            ("1234567890123456", Length(16)),
            ("99999999999999999999999999", Length(26)),
            ("0012345678", Length(8)),
            ("38066123123x", Character('x')),
            ("٣٨٠٦٦١٢٣١٢٣١", Character('٣')),
            ("3806612\t31231", Character('\t')),
            ("++380661231231", Character('+')),
        ] {
            assert_eq!(Msisdn::normalise(written), Err(why), "{written:?}");
        }
    }

    #[test]
    fn a_national_number_needs_its_country() {
        for (written, country, number) in [
            ("0661231231", "UA", Ok(380_661_231_231)),
            ("(066) 123-12-31", "UA", Ok(380_661_231_231)),
            ("020 7946 0018", "GB", Ok(442_079_460_018)),
            // In Italy the 0 is part of the number.
            ("06 1234 5678", "IT", Ok(390_612_345_678)),
            ("+380661231231", "DE", Ok(380_661_231_231)),
            ("00380661231231", "DE", Ok(380_661_231_231)),
            ("380661231231", "DE", Ok(380_661_231_231)),
            // Too short for Ukraine, no prefix of Hungary's, no country at all, no second 0.
            ("066123123", "UA", Err(NotANumber::National)),
            ("06123123123", "HU", Err(NotANumber::National)),
            ("0661231231", "ZZ", Err(NotANumber::National)),
            ("000661231231", "UA", Err(NotANumber::National)),
            ("+0661231231", "UA", Err(NotANumber::National)),
            ("066123123x", "UA", Err(NotANumber::Character('x'))),
            ("0123456789012345678901234567890", "UA", Err(NotANumber::National)),
        ] {
            let read = Msisdn::normalise_in(written, Country::parse(country).ok());
            assert_eq!(read.map(Msisdn::as_u64), number, "{written} {country}");
        }
        assert_eq!(Msisdn::normalise_in("0661231231", None), Err(NotANumber::National));
    }

    #[test]
    fn the_bounds_are_nine_and_fifteen_digits() {
        assert!(Msisdn::from_u64(99_999_999).is_err());
        assert!(Msisdn::from_u64(100_000_000).is_ok());
        assert!(Msisdn::from_u64(999_999_999_999_999).is_ok());
        assert_eq!(Msisdn::from_u64(1_000_000_000_000_000), Err(NotANumber::Length(16)));
    }
}
