//! From what was written to the number that is meant: calling codes, what is dialled before a
//! number abroad, trunk prefixes, and the default country's national numbers.

use alloc::vec::Vec;

use super::written::Written;
use super::{Msisdn, NotANumber, Plausibility};
use crate::country::{Country, Dialled, Digits, Region, Stripped, may_hold_prefix};

/// A number that was read, with what is to be said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The number.
    pub number: Msisdn,
    /// It was written like a national number, with a trunk prefix of its own in front.
    has_trunk_prefix: bool,
}

impl Reading {
    /// Reads a number as a person writes it, one without a `+` or `00` as a national number of the
    /// default country, if there is one.
    ///
    /// A number without both that begins with a calling code is one of that code, unless the
    /// default country has such a number and the other reading is none that can be a mobile.
    ///
    /// ```
    /// use bsg_rcs_domain::Country;
    /// use bsg_rcs_domain::msisdn::{Plausibility, Reading};
    ///
    /// let russia = Country::parse("RU").ok();
    /// let reading = Reading::of("8 495 123 45 67", russia)?;
    /// assert_eq!(reading.number.as_u64(), 74951234567);
    /// // Without the country it can only be read as a number of Vietnam, and is doubted.
    /// let reading = Reading::of("8 495 123 45 67", None)?;
    /// assert_eq!(reading.plausibility(), Plausibility::TrunkPrefix);
    /// # Ok::<(), bsg_rcs_domain::msisdn::NotANumber>(())
    /// ```
    ///
    /// # Errors
    /// [`NotANumber`] with the rule that is broken.
    #[inline]
    pub fn of(written: &str, default: Option<Country>) -> Result<Self, NotANumber> {
        let region = default.and_then(Region::of);
        let read = match written.strip_prefix('+') {
            Some(marked) => plain(marked, None).or_else(|| grouped(marked, true)),
            None => plain(written, region).or_else(|| grouped(written, region.is_none())),
        };
        match read {
            Some(number) => Ok(Self::clear(number)),
            None => Self::of_any(written, region),
        }
    }

    fn of_any(written: &str, region: Option<&'static Region>) -> Result<Self, NotANumber> {
        let written = Written::parse(written)?;
        Reader { written: &written, region }.read()
    }

    /// What is to be doubted of it.
    pub fn plausibility(self) -> Plausibility {
        self.looked_up().1
    }

    /// The number's country and what is to be doubted of it, looked up together.
    #[inline]
    pub(crate) fn looked_up(self) -> (Option<Country>, Plausibility) {
        let (country, plausibility) = self.number.looked_up();
        (country, if self.has_trunk_prefix { Plausibility::TrunkPrefix } else { plausibility })
    }

    /// Whether [`Msisdn::plausibility`] says all that is to be doubted: nothing more is known from
    /// how it was written.
    pub const fn is_clear(self) -> bool {
        !self.has_trunk_prefix
    }

    /// A number of which nothing more is known from how it was written.
    pub(crate) const fn clear(number: Msisdn) -> Self {
        Self { number, has_trunk_prefix: false }
    }
}

/// A number that is written in digits alone, as most are: read without looking for anything else.
#[inline]
fn plain(written: &str, region: Option<&Region>) -> Option<Msisdn> {
    let (first, rest) = written.as_bytes().split_first_chunk::<8>()?;
    if !(1..=7).contains(&rest.len()) || first.first() == Some(&b'0') {
        return None;
    }
    let [first_four, next_four] = eight_digits(*first)?;
    let first = first_four.wrapping_mul(10_000).wrapping_add(next_four);
    let value = rest.iter().try_fold(first, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| value.wrapping_mul(10).wrapping_add(digit.into()))
    })?;
    let number = Msisdn::from_u64(value).ok()?;
    match region {
        // A number that exists as it stands is not looked at more closely.
        None => (!may_hold_prefix(first_four) || number.is_assigned()).then_some(number),
        // A mobile of the default country with its calling code: no other reading is better.
        Some(region) => {
            let dialled = Dialled::new(value)?;
            (dialled.code() == region.code && dialled.kinds().mobile).then_some(number)
        }
    }
}

/// A number in groups, as most others are: digits, spaces, dashes and parentheses. It begins with its
/// calling code, and no prefix can stand behind that; anything else is left to the long way.
fn grouped(written: &str, is_international: bool) -> Option<Msisdn> {
    if !is_international {
        return None;
    }
    let (mut value, mut count, mut first_four) = (0_u64, 0_u32, 0_u64);
    let (mut opened, mut is_pending) = (None, false);
    for byte in written.bytes() {
        match byte {
            b'0'..=b'9' if count < 15 => {
                value = value.wrapping_mul(10).wrapping_add(u64::from(byte & 0xf));
                count = count.saturating_add(1);
                is_pending = false;
                if count == 4 {
                    first_four = value;
                }
            }
            b' ' => {}
            b'-' if count > 0 => is_pending = true,
            b'(' if opened.is_none() => opened = Some(count),
            b')' if opened.is_some_and(|from| from < count) => opened = None,
            _ => return None,
        }
    }
    // A first 0 is no calling code, and a first 8 by itself may be a trunk prefix.
    let may_be_national = first_four < 1000 || first_four / 1000 == 8;
    let is_whole = count >= 9 && opened.is_none() && !is_pending;
    (is_whole && !may_be_national && !may_hold_prefix(first_four))
        .then(|| Msisdn::from_u64(value).ok())
        .flatten()
}

/// The values of the first four and the last four of eight digits, all worked out at once; none if
/// another character is among them.
#[inline]
fn eight_digits(text: [u8; 8]) -> Option<[u64; 2]> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let text = u64::from_le_bytes(text);
    // In ASCII, digits are 0x30 to 0x39, and with 6 more they still begin with 3.
    let high = |bytes: u64| bytes & (EACH * 0xf0);
    if high(text) != EACH * 0x30 || high(text.wrapping_add(EACH * 0x06)) != EACH * 0x30 {
        return None;
    }
    // Neighbours are joined: digits to pairs, pairs to fours. The first digit is the lowest byte.
    let digits = text & (EACH * 0x0f);
    let pairs = (digits.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    Some([fours & 0xffff, fours >> 32])
}

/// Reads a number that is more than digits.
struct Reader<'a> {
    written: &'a Written,
    /// The default country's.
    region: Option<&'static Region>,
}

/// A national number that was completed.
struct Completed {
    number: Msisdn,
    /// It had a trunk prefix.
    prefixed: bool,
}

impl Reader<'_> {
    fn read(&self) -> Result<Reading, NotANumber> {
        let digits = self.written.digits();
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        if self.written.marked {
            return self.international(0).map(Reading::clear);
        }
        if let Some(number) = self.dialled_abroad(zeros)? {
            return Ok(Reading::clear(number));
        }
        match (zeros, self.region) {
            (0, None) => self.without_country(),
            (0, Some(region)) => self.either(region),
            (1, Some(region)) => {
                let completed = completed(digits, region).ok_or(NotANumber::National)?;
                Ok(Reading::clear(completed.number))
            }
            _ => Err(NotANumber::National),
        }
    }

    /// A number behind what is dialled before a number abroad: 00, or what the default country
    /// dials.
    fn dialled_abroad(&self, zeros: usize) -> Result<Option<Msisdn>, NotANumber> {
        let digits = self.written.digits();
        let of_country = self.region.and_then(|region| region.dialled_abroad(digits));
        let of_country = of_country.filter(|length| zeros != 2 || *length != 2);
        let of_country = of_country
            .and_then(|length| self.international(length).ok())
            .filter(|number| number.is_assigned());
        if zeros != 2 {
            return Ok(of_country);
        }
        let everywhere = self.international(2);
        match (of_country, everywhere) {
            (Some(one), Ok(other)) if other.is_assigned() && one != other => {
                Err(NotANumber::Ambiguous)
            }
            (Some(number), _) => Ok(Some(number)),
            (None, everywhere) => everywhere.map(Some),
        }
    }

    /// A number without any mark, and no country is given: it begins with its calling code.
    fn without_country(&self) -> Result<Reading, NotANumber> {
        let has_trunk_prefix = self.has_trunk_group();
        self.international(0).map(|number| Reading { number, has_trunk_prefix })
    }

    /// A number without any mark: one of the default country, or one that begins with its calling
    /// code.
    fn either(&self, region: &'static Region) -> Result<Reading, NotANumber> {
        let national = completed(self.written.digits(), region);
        let whole = self.international(0).ok().filter(|_| !self.has_trunk_group());
        let whole = whole.filter(|number| number.is_assigned());
        match (national, whole) {
            (Some(national), None) => Ok(Reading::clear(national.number)),
            (Some(national), Some(_)) if national.prefixed => Ok(Reading::clear(national.number)),
            (Some(national), Some(whole)) => {
                chosen(national.number, whole, region).map(Reading::clear)
            }
            (None, Some(whole)) => Ok(Reading::clear(whole)),
            (None, None) => self.without_country(),
        }
    }

    /// Whether the first group of digits is one that people of several countries write before a
    /// national number, and no calling code: 8 as in `8 495 123 45 67`.
    fn has_trunk_group(&self) -> bool {
        self.written.first_group == 1 && self.written.digits().first() == Some(&8)
    }

    /// The digits from one on, as a number that begins with its calling code.
    fn international(&self, from: usize) -> Result<Msisdn, NotANumber> {
        let digits = self.written.digits().get(from..).unwrap_or_default();
        if digits.first() == Some(&0) {
            return Err(NotANumber::National);
        }
        let in_parentheses = self.written.in_parentheses.clone();
        let group = in_parentheses
            .and_then(|group| Some(group.start.checked_sub(from)?..group.end.checked_sub(from)?));
        let prefixed = group.and_then(|group| without_group(digits, group));
        without_prefix(prefixed.as_deref().unwrap_or(digits))
    }
}

/// Which of two readings is meant: one of the default country, or one with its calling code.
fn chosen(national: Msisdn, whole: Msisdn, region: &Region) -> Result<Msisdn, NotANumber> {
    let is_own = Dialled::new(whole.as_u64()).is_some_and(|whole| whole.code() == region.code);
    match (national.may_be_mobile(), whole.may_be_mobile()) {
        _ if national == whole => Ok(whole),
        (true, false) => Ok(national),
        (false, true) => Ok(whole),
        _ if is_own => Ok(whole),
        _ => Err(NotANumber::Ambiguous),
    }
}

/// The national number of a region that the digits are, with its calling code; none if the region
/// has no such number.
fn completed(digits: &Digits, region: &Region) -> Option<Completed> {
    let with_code = |national: &Digits| {
        let number = number(&joined(region.code, national)).ok()?;
        // Of a shared calling code, it may be another country's.
        let leading = || Region::leading(&Dialled::new(number.as_u64())?);
        let has = region.has(national) || leading().is_some_and(|leading| leading.has(national));
        (has && number.is_assigned()).then_some(number)
    };
    if let Stripped::Prefixed(national) = region.without_prefix(digits)
        && let Some(number) = with_code(&national)
    {
        return Some(Completed { number, prefixed: true });
    }
    with_code(digits).map(|number| Completed { number, prefixed: false })
}

/// The digits without a group in parentheses, if that is a trunk prefix behind the calling code.
fn without_group(digits: &Digits, group: core::ops::Range<usize>) -> Option<Vec<u8>> {
    let (region, code) = calling_code(digits)?;
    let written = digits.get(group.clone())?;
    let is_prefix = group.start == code && region.is_prefix(written);
    is_prefix.then(|| {
        let before = digits.iter().take(group.start);
        before.chain(digits.iter().skip(group.end)).copied().collect()
    })
}

/// The number of digits that begin with a calling code, without a national prefix behind it if
/// that makes a number of them.
fn without_prefix(digits: &Digits) -> Result<Msisdn, NotANumber> {
    let as_written = number(digits);
    let better = || {
        if as_written.is_ok_and(Msisdn::is_assigned) {
            return None;
        }
        let (region, code) = calling_code(digits)?;
        let national = digits.get(code..)?;
        let Stripped::Prefixed(national) = region.without_retired_infix(national) else {
            return None;
        };
        let number = number(&joined(region.code, &national)).ok()?;
        (region.has(&national) && number.is_assigned()).then_some(number)
    };
    better().map_or(as_written, Ok)
}

/// The region that leads the calling code, and how many digits that has.
fn calling_code(digits: &Digits) -> Option<(&'static Region, usize)> {
    // Longer than a number, a text may still begin with a calling code and hold a prefix.
    let first = digits.get(..15.min(digits.len()))?;
    let dialled = Dialled::new(value(first)?)?;
    let code = usize::try_from(dialled.code_digits()).ok()?;
    Some((Region::leading(&dialled)?, code))
}

fn joined(code: u16, national: &Digits) -> Vec<u8> {
    let mut digits = Vec::with_capacity(national.len().saturating_add(3));
    for digit in [code / 100, code / 10 % 10, code % 10] {
        if !digits.is_empty() || digit != 0 {
            digits.push(u8::try_from(digit).unwrap_or(0));
        }
    }
    digits.extend_from_slice(national);
    digits
}

fn number(digits: &Digits) -> Result<Msisdn, NotANumber> {
    let value = value(digits).ok_or(NotANumber::Length(digits.len()))?;
    if digits.len() < 9 { Err(NotANumber::Length(digits.len())) } else { Msisdn::from_u64(value) }
}

fn value(digits: &Digits) -> Option<u64> {
    digits
        .iter()
        .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(*digit)))
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// Digits alone, with a plus or without, are read the same way and faster.
        #[test]
        fn the_short_way_says_what_the_long_way_says(
            beginning in prop_oneof![
                Just(""), Just("380"), Just("3800"), Just("49"), Just("521"), Just("5411"), Just("86179"),
                Just("7"), Just("78"), Just("11"), Just("0"), Just("+"), Just("+3800"), Just("44180020"),
            ],
            rest in "[0-9]{4,14}|[0-9]{3}[/:٣a][0-9]{6}|[0-9 ()-]{6,20}|[ ]?[(][0-9]{1,3}[)][0-9 -]{7,12}",
            country in prop_oneof![Just(""), Just("UA"), Just("DE"), Just("RU"), Just("AR"), Just("US")],
        ) {
            let written = String::from(beginning) + &rest;
            let default = Country::parse(country).ok();
            let long = Reading::of_any(&written, default.and_then(Region::of));
            prop_assert_eq!(Reading::of(&written, default), long, "{}", written);
        }
    }
}
