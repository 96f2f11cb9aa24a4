//! Looking a number up in the table of calling codes: an index by its first three digits, and a
//! binary search where countries share a code.

use super::Country;
use super::generated::{CODES, PLAN_OF, PLANS, SPLITS};

/// One calling code.
pub(super) struct Plan {
    code: u16,
    /// One bit a length of the national number, in digits.
    lengths: u16,
    /// Whether a 0 before a national number is dropped in the international form.
    drops_zero: bool,
    /// The country that leads; none for codes of no country.
    country: Option<Country>,
    /// Its stretch of the splits, empty if it is not shared.
    splits: (u16, u16),
}

/// From which first seven national digits on a number belongs to which country.
pub(super) type Split = (u32, [u8; 2]);

/// How many national digits decide about the country where a calling code is shared.
const DECIDING_DIGITS: u32 = 7;

/// A row of the generated table.
pub(super) const fn plan(
    code: u16,
    lengths: u16,
    drops_zero: bool,
    country: &[u8; 2],
    split_from: u16,
    split_to: u16,
) -> Plan {
    let country = Some(Country(*country));
    Plan { code, lengths, drops_zero, country, splits: (split_from, split_to) }
}

/// A row of a calling code that belongs to no country.
pub(super) const fn no_country(code: u16, lengths: u16) -> Plan {
    Plan { code, lengths, drops_zero: false, country: None, splits: (0, 0) }
}

/// Whether the table gives numbers to a country.
pub(super) fn names(country: Country) -> bool {
    let Country(code) = country;
    PLANS.iter().any(|plan| plan.country == Some(country))
        || SPLITS.iter().any(|(_, split)| *split == code)
}

/// A number taken apart: its calling code and its national number.
pub(crate) struct Dialled {
    plan: &'static Plan,
    national: u64,
    national_digits: u32,
}

impl Dialled {
    /// Takes the digits of a number apart; `None` if no calling code begins it.
    pub(crate) fn new(number: u64) -> Option<Self> {
        let digits = number.checked_ilog10()?.checked_add(1)?;
        let first = number.checked_div(power_of_ten(digits.checked_sub(3)?)?)?;
        let at = PLAN_OF.get(usize::try_from(first).ok()?)?;
        let plan = PLANS.get(usize::from(*at))?;
        let national_digits = digits.checked_sub(u32::from(plan.code).ilog10())?.checked_sub(1)?;
        let national = number.checked_rem(power_of_ten(national_digits)?)?;
        Some(Self { plan, national, national_digits })
    }

    /// The country that it belongs to; of a shared code, the one that leads where nobody else has
    /// it.
    pub(crate) fn country(&self) -> Option<Country> {
        let (from, to) = self.plan.splits;
        match SPLITS.get(usize::from(from)..usize::from(to)) {
            Some(splits) if !splits.is_empty() => {
                let beginning = self.beginning()?;
                let behind = splits.partition_point(|(start, _)| *start <= beginning);
                splits.get(behind.checked_sub(1)?).map(|(_, country)| Country(*country))
            }
            _ => self.plan.country,
        }
    }

    /// Whether national numbers of its calling code can be as long as this one.
    pub(crate) fn has_national_length(&self) -> bool {
        self.plan.lengths.checked_shr(self.national_digits).unwrap_or(0) & 1 == 1
    }

    /// The first seven digits of the national number, as if zeros followed a shorter one.
    fn beginning(&self) -> Option<u32> {
        let seven = match self.national_digits.checked_sub(DECIDING_DIGITS) {
            Some(more) => self.national.checked_div(power_of_ten(more)?)?,
            None => {
                let missing = DECIDING_DIGITS.checked_sub(self.national_digits)?;
                self.national.checked_mul(power_of_ten(missing)?)?
            }
        };
        u32::try_from(seven).ok()
    }
}

/// The calling code of a country, and whether it drops the 0 before a national number; `None` if
/// the table has no such country.
pub(crate) fn calling_code(country: Country) -> Option<(u16, bool)> {
    let at = CODES.binary_search_by_key(&country.0, |(name, _)| *name).ok()?;
    let (_, code) = CODES.get(at)?;
    let plan = PLANS.binary_search_by_key(code, |plan| plan.code).ok()?;
    PLANS.get(plan).map(|plan| (*code, plan.drops_zero))
}

fn power_of_ten(exponent: u32) -> Option<u64> {
    /// A table is faster than multiplying.
    #[rustfmt::skip]
    const POWERS: [u64; 16] = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
        10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000,
        100_000_000_000_000, 1_000_000_000_000_000,
    ];
    POWERS.get(usize::try_from(exponent).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order() {
        assert!(PLANS.is_sorted_by(|one, other| one.code < other.code));
        assert!(CODES.is_sorted_by(|one, other| one.0 < other.0));
        for plan in &PLANS {
            let splits = &SPLITS[usize::from(plan.splits.0)..usize::from(plan.splits.1)];
            assert!(splits.is_sorted_by(|one, other| one.0 < other.0), "+{}", plan.code);
            assert!(splits.first().is_none_or(|(from, _)| *from == 0), "+{}", plan.code);
        }
    }

    #[test]
    fn every_country_has_a_calling_code_that_leads_back() {
        for (country, code) in &CODES {
            assert_eq!(calling_code(Country(*country)).map(|(code, _)| code), Some(*code));
        }
        assert_eq!(calling_code(Country(*b"ZZ")), None);
    }
}
