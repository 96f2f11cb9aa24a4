//! Whether a number can exist: a doubt that warns and never refuses, for numbering plans change
//! faster than tables.

use super::Msisdn;
use crate::country::{Country, Dialled};
use crate::fault::Fault;
use crate::rules::{self, Rule};

/// What the table of numbering plans says of a well-formed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Plausibility {
    /// Its calling code is assigned, and numbers that begin like it are as long as it is.
    Plausible,
    /// No calling code begins it.
    UnknownCode,
    /// No number of its calling code has so many digits.
    UnusualLength,
    /// Numbers of its calling code can be so long, but none that begins like it is.
    Unassigned,
    /// It is written like a national number, with a trunk prefix that is no calling code.
    TrunkPrefix,
    /// It is a landline, and no mobile begins like it.
    Landline,
}

impl Plausibility {
    /// The doubt as a fault (it warns) at `place`: of `NUM-LANDLINE` for a landline, of
    /// `NUM-PLAUSIBLE` for the others; none for a plausible number.
    ///
    /// ```
    /// use bsg_rcs_domain::Msisdn;
    /// use bsg_rcs_domain::msisdn::Plausibility;
    ///
    /// let short = Msisdn::normalise("380 66 123 12")?;
    /// assert_eq!(short.plausibility(), Plausibility::UnusualLength);
    /// assert_eq!(short.plausibility().at("phone").unwrap().rule.id, "NUM-PLAUSIBLE");
    /// # Ok::<(), bsg_rcs_domain::msisdn::NotANumber>(())
    /// ```
    pub fn at(self, place: &str) -> Option<Fault> {
        self.rule().map(|rule| Fault::at(rule, place))
    }

    /// The rule that doubts it; none for a plausible number.
    pub const fn rule(self) -> Option<&'static Rule> {
        match self {
            Self::Plausible => None,
            Self::Landline => Some(&rules::NUM_LANDLINE),
            Self::UnknownCode | Self::UnusualLength | Self::Unassigned | Self::TrunkPrefix => {
                Some(&rules::NUM_PLAUSIBLE)
            }
        }
    }
}

impl Msisdn {
    /// Whether the number can exist, and can be a mobile, by how it begins and its length.
    pub fn plausibility(self) -> Plausibility {
        Dialled::new(self.as_u64()).map_or(Plausibility::UnknownCode, |number| of(&number))
    }

    /// The country that it belongs to, and whether it can exist.
    #[inline]
    pub(super) fn looked_up(self) -> (Option<Country>, Plausibility) {
        match Dialled::new(self.as_u64()) {
            Some(number) => (number.country(), of(&number)),
            None => (None, Plausibility::UnknownCode),
        }
    }

    /// Whether numbers that begin like this one are as long as it is.
    pub(super) fn is_assigned(self) -> bool {
        Dialled::new(self.as_u64()).is_some_and(|number| number.kinds().assigned)
    }

    /// Whether it can be a mobile.
    pub(super) fn may_be_mobile(self) -> bool {
        Dialled::new(self.as_u64()).is_some_and(|number| number.kinds().mobile)
    }
}

#[inline]
fn of(number: &Dialled) -> Plausibility {
    match number.kinds() {
        kinds if kinds.landline => Plausibility::Landline,
        kinds if kinds.assigned => Plausibility::Plausible,
        _ if number.has_national_length() => Plausibility::Unassigned,
        _ => Plausibility::UnusualLength,
    }
}

#[cfg(test)]
mod tests {
    use super::Plausibility::{Landline, Plausible, Unassigned, UnknownCode, UnusualLength};
    use super::*;

    #[test]
    fn a_number_is_judged_by_its_calling_code_and_length() {
        for (digits, expected) in [
            (12_025_550_123, Plausible),
            (120_255_501_234, UnusualLength),
            (491_701_234_567, Plausible),
            (4_412_345_678, UnusualLength),
            (380_661_231_231, Plausible),
            (38_066_123_123, UnusualLength),
            (38_066_123_123_123, UnusualLength),
            (999_999_999_999_999, UnknownCode),
            (210_123_456_789, UnknownCode),
            // Satellites: a calling code of no country, with lengths of its own.
            (881_612_345_678, Plausible),
            // Of Thailand's numbers with eight digits none begins with 41.
            (6_641_234_567, Unassigned),
            (436_641_234_567, Plausible),
            (43_662_123_456, Landline),
            (442_079_460_018, Landline),
        ] {
            let number = Msisdn::from_u64(digits).unwrap();
            assert_eq!(number.plausibility(), expected, "{digits}");
            let rule = number.plausibility().at("phone").map(|fault| fault.rule.id);
            let of = match expected {
                Plausible => None,
                Landline => Some("NUM-LANDLINE"),
                _ => Some("NUM-PLAUSIBLE"),
            };
            assert_eq!(rule, of, "{digits}");
        }
    }
}
