//! What people write before a national number that is no part of it, by libphonenumber's rules: a
//! trunk prefix, a carrier's code, a mobile infix; and what is dialled before a number abroad.

use alloc::vec::Vec;

use super::Country;
use super::generated::{COUNTRIES, PREFIXED, REGIONS, STEPS};
use super::pattern::{Digits, Machine};
use super::plan::Dialled;
use super::rows::Region;

/// What became of a national number in the hands of [`Region::without_prefix`].
pub(crate) enum Stripped {
    /// It has no prefix.
    Bare,
    /// Without its prefix it is this.
    Prefixed(Vec<u8>),
}

impl Region {
    /// The region of a country; `None` if the table has no such country.
    pub(crate) fn of(country: Country) -> Option<&'static Self> {
        let at = COUNTRIES.binary_search_by_key(&country.0, |(name, _)| *name).ok()?;
        REGIONS.get(usize::from(COUNTRIES.get(at)?.1))
    }

    /// The region that leads the calling code of a number; `None` if no calling code begins it.
    pub(crate) fn leading(number: &Dialled) -> Option<&'static Self> {
        REGIONS.get(usize::from(number.region()))
    }

    /// Whether the digits look like a national number of the region.
    pub(crate) fn has(&self, national: &Digits) -> bool {
        machine(national).is_whole(self.general)
    }

    /// How many digits of what is dialled before a number abroad begin the digits. What follows is
    /// no 0: no calling code begins so.
    pub(crate) fn dialled_abroad(&self, digits: &Digits) -> Option<usize> {
        let end = machine(digits).beginning(self.abroad)?.end;
        (end > 0 && digits.get(end).is_some_and(|digit| *digit != 0)).then_some(end)
    }

    /// Whether the digits are what is dialled before a national number, all of it.
    pub(crate) fn is_prefix(&self, digits: &Digits) -> bool {
        machine(digits).is_whole(self.national)
    }

    /// Takes a prefix off a national number that stands behind its calling code, as
    /// [`Region::without_prefix`] does, or an infix that is no longer part of such numbers.
    pub(crate) fn without_retired_infix(&self, national: &Digits) -> Stripped {
        match national {
            [RETIRED_INFIX, rest @ ..] if self.code == MEXICO => Stripped::Prefixed(rest.to_vec()),
            _ => self.without_prefix(national),
        }
    }

    /// Takes a prefix off a national number, unless the number is one of the region with it and
    /// none without.
    pub(crate) fn without_prefix(&self, national: &Digits) -> Stripped {
        let Some(met) = machine(national).beginning(self.national).filter(|_| !national.is_empty())
        else {
            return Stripped::Bare;
        };
        let rest = national.get(met.end..).unwrap_or_default();
        let last = met.groups.iter().flatten().next_back();
        let stripped = match (self.rule, last) {
            (Some((digits, group)), Some(_)) => {
                let group = met.groups.get(group).cloned().flatten().unwrap_or_default();
                let kept = national.get(group).unwrap_or_default();
                let digits = digits.iter().map(|digit| digit.wrapping_sub(b'0'));
                digits.chain(kept.iter().copied()).chain(rest.iter().copied()).collect()
            }
            _ => rest.to_vec(),
        };
        if stripped == national || (self.has(national) && !self.has(&stripped)) {
            Stripped::Bare
        } else {
            Stripped::Prefixed(stripped)
        }
    }
}

/// The calling code of Mexico, whose mobiles had an infix behind it until 2019; the metadata no
/// longer says so, and lists still hold it.
const MEXICO: u16 = 52;
/// That infix.
const RETIRED_INFIX: u8 = 1;
/// Both.
const RETIRED: u64 = 521;

/// Whether a national prefix may stand behind the calling code of a number with these first four
/// digits.
#[inline]
pub(crate) fn may_hold_prefix(first_four: u64) -> bool {
    let word = usize::try_from(first_four / 64).unwrap_or(usize::MAX);
    let bits = PREFIXED.get(word).copied().unwrap_or(0);
    bits >> (first_four % 64) & 1 == 1 || first_four / 10 == RETIRED
}

fn machine(digits: &Digits) -> Machine<'_> {
    Machine { steps: &STEPS, digits }
}
