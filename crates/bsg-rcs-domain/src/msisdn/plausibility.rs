//! Whether a number can exist: a doubt that warns and never refuses, for numbering plans change
//! faster than tables.

use super::Msisdn;
use crate::country::Dialled;
use crate::fault::Fault;
use crate::rules;

/// What the table of calling codes says of a well-formed number. It knows lengths, not which
/// ranges are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plausibility {
    /// Its calling code is assigned, and its national number is as long as such numbers are.
    Plausible,
    /// No calling code begins it.
    UnknownCode,
    /// No number of its calling code has so many digits.
    UnusualLength,
}

impl Plausibility {
    /// The doubt as a fault of `NUM-PLAUSIBLE` (it warns) at `place`; none for a plausible number.
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
        (self != Self::Plausible).then(|| Fault::at(&rules::NUM_PLAUSIBLE, place))
    }
}

impl Msisdn {
    /// Whether the number can exist, by its calling code and length.
    pub fn plausibility(self) -> Plausibility {
        match Dialled::new(self.as_u64()) {
            None => Plausibility::UnknownCode,
            Some(number) if number.has_national_length() => Plausibility::Plausible,
            Some(_) => Plausibility::UnusualLength,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Plausibility::{Plausible, UnknownCode, UnusualLength};
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
        ] {
            let number = Msisdn::from_u64(digits).unwrap();
            assert_eq!(number.plausibility(), expected, "{digits}");
            let rule = number.plausibility().at("phone").map(|fault| fault.rule.id);
            assert_eq!(rule, (expected != Plausible).then_some("NUM-PLAUSIBLE"), "{digits}");
        }
    }
}
