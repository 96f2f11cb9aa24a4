//! Looking a number up in the table of calling codes: an index by its first three digits, and a
//! binary search where countries share a code.

use super::Country;
use super::generated::{BRANCHES, LEAVES, PLAN_OF, PLANS, SPLITS};
use super::rows::{Lengths, Plan, lengths};

/// How many national digits decide about the country where a calling code is shared.
const DECIDING_DIGITS: u32 = 7;
/// How many first digits of a number are looked at: a calling code of at most three, and four more.
const FIRST_DIGITS: u32 = 7;
/// From here on a word in the tree of first digits names a branch, below it a leaf.
const BRANCH: u16 = 256;

/// What a number may be, by how it begins and its length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kinds {
    /// There are such numbers.
    pub(crate) assigned: bool,
    /// Mobiles are among them.
    pub(crate) mobile: bool,
    /// Landlines are among them, and no mobiles.
    pub(crate) landline: bool,
}

/// A number taken apart: its calling code and its national number.
pub(crate) struct Dialled {
    plan: &'static Plan,
    number: u64,
    /// Its first seven digits.
    first: u32,
    national_digits: u32,
}

impl Dialled {
    /// Takes the digits of a number apart; `None` if no calling code begins it, or it has fewer
    /// than seven digits.
    pub(crate) fn new(number: u64) -> Option<Self> {
        let digits = number.checked_ilog10()?.checked_add(1)?;
        let first = number.checked_div(power_of_ten(digits.checked_sub(FIRST_DIGITS)?)?)?;
        let first = u32::try_from(first).ok()?;
        let at = PLAN_OF.get(usize::try_from(first / 10_000).ok()?)?;
        let plan = PLANS.get(usize::from(*at))?;
        let national_digits = digits.checked_sub(plan.code_digits())?;
        Some(Self { plan, number, first, national_digits })
    }

    /// The region that leads its calling code.
    pub(super) const fn region(&self) -> u16 {
        self.plan.region
    }

    /// Its calling code.
    pub(crate) const fn code(&self) -> u16 {
        self.plan.code
    }

    /// How many digits its calling code has.
    pub(crate) const fn code_digits(&self) -> u32 {
        self.plan.code_digits()
    }

    /// How long the numbers are that begin like it.
    fn lengths(&self) -> Option<&'static Lengths> {
        // The digits of the calling code fall off at the left.
        let mut rest = match self.plan.code_digits() {
            1 => (self.first % 1_000_000).wrapping_mul(10),
            2 => (self.first % 100_000).wrapping_mul(100),
            _ => (self.first % 10_000).wrapping_mul(1000),
        };
        let mut at = self.plan.tree;
        while let Some(branch) = at.checked_sub(BRANCH) {
            let digit = usize::try_from(rest / 1_000_000).ok()?;
            rest = (rest % 1_000_000).wrapping_mul(10);
            at = *BRANCHES.get(usize::from(branch))?.get(digit)?;
        }
        LEAVES.get(usize::from(at))
    }

    /// What numbers are that begin like it and are as long.
    #[inline]
    pub(crate) fn kinds(&self) -> Kinds {
        let lengths = self.lengths().copied().unwrap_or(lengths(0, 0, 0));
        let mobile = self.is_long(lengths.mobile);
        Kinds {
            assigned: self.is_long(lengths.any),
            mobile,
            landline: self.is_long(lengths.landline) && !mobile,
        }
    }

    fn is_long(&self, lengths: u16) -> bool {
        lengths.checked_shr(self.national_digits).unwrap_or(0) & 1 == 1
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
        self.is_long(self.plan.lengths)
    }

    /// The first seven digits of the national number, as if zeros followed a shorter one.
    fn beginning(&self) -> Option<u32> {
        let national = self.number.checked_rem(power_of_ten(self.national_digits)?)?;
        let seven = match self.national_digits.checked_sub(DECIDING_DIGITS) {
            Some(more) => national.checked_div(power_of_ten(more)?)?,
            None => {
                let missing = DECIDING_DIGITS.checked_sub(self.national_digits)?;
                national.checked_mul(power_of_ten(missing)?)?
            }
        };
        u32::try_from(seven).ok()
    }
}

impl Plan {
    /// How many digits its calling code has.
    const fn code_digits(&self) -> u32 {
        match self.code {
            0..10 => 1,
            10..100 => 2,
            _ => 3,
        }
    }
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
        for plan in &PLANS {
            let splits = &SPLITS[usize::from(plan.splits.0)..usize::from(plan.splits.1)];
            assert!(splits.is_sorted_by(|one, other| one.0 < other.0), "+{}", plan.code);
            assert!(splits.first().is_none_or(|(from, _)| *from == 0), "+{}", plan.code);
        }
    }
}
