//! `FromStr`, `TryFrom` and iteration where a reader expects them. Each goes to the `parse` of its type.

use core::str::FromStr;

use crate::batch::{Addressee, Batch};
use crate::country::{Country, NotACountry};
use crate::fault::{Fault, Faults};
use crate::message::{CallbackUrl, NotACallbackUrl, NotAValidity, Validity};
use crate::money::{Amount, Currency, NotACurrency, NotAnAmount};
use crate::msisdn::{Msisdn, NotANumber};
use crate::reports::{Report, Reports};
use crate::seal::{CampaignId, NotACampaignId};
use crate::time::{CivilDateTime, NotADateTime};

/// Reads a text by this function.
macro_rules! from_text {
    ($($type:ty, $error:ty, $parse:path, $doc:literal;)*) => {$(
        #[doc = $doc]
        impl FromStr for $type {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                $parse(text)
            }
        }
    )*};
}

from_text! {
    Msisdn, NotANumber, Msisdn::normalise, "As [`Msisdn::normalise`].";
    Country, NotACountry, Country::parse, "As [`Country::parse`].";
    Currency, NotACurrency, Currency::parse, "As [`Currency::parse`].";
    CivilDateTime, NotADateTime, CivilDateTime::parse, "As [`CivilDateTime::parse`].";
    Validity, NotAValidity, Validity::parse, "As [`Validity::parse`].";
    CallbackUrl, NotACallbackUrl, CallbackUrl::parse, "As [`CallbackUrl::parse`].";
    CampaignId, NotACampaignId, CampaignId::parse, "As [`CampaignId::parse`].";
    Amount, NotAnAmount, exact_amount, "As [`Amount::parse`]; what would have to be rounded is refused.";
}

fn exact_amount(text: &str) -> Result<Amount, NotAnAmount> {
    let parsed = Amount::parse(text)?;
    if parsed.rounded { Err(NotAnAmount) } else { Ok(parsed.amount) }
}

/// As [`Msisdn::from_u64`].
impl TryFrom<u64> for Msisdn {
    type Error = NotANumber;

    fn try_from(digits: u64) -> Result<Self, NotANumber> {
        Self::from_u64(digits)
    }
}

impl<'a> IntoIterator for &'a Batch {
    type Item = &'a Addressee;
    type IntoIter = core::slice::Iter<'a, Addressee>;

    fn into_iter(self) -> Self::IntoIter {
        self.addressees().iter()
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = core::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Faults {
    type Item = Fault;
    type IntoIter = alloc::vec::IntoIter<Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Reports {
    type Item = &'a Report;
    type IntoIter = core::slice::Iter<'a, Report>;

    fn into_iter(self) -> Self::IntoIter {
        self.as_slice().iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_their_types_read_them() {
        assert_eq!("+380 66 123 12 31".parse::<Msisdn>(), Msisdn::from_u64(380_661_231_231));
        assert_eq!(Msisdn::try_from(380_661_231_231), Msisdn::from_u64(380_661_231_231));
        assert_eq!("ua".parse::<Country>(), Country::parse("UA"));
        assert_eq!("eur".parse::<Currency>(), Ok(Currency::EUR));
        assert_eq!("24h".parse::<Validity>(), Validity::hours(24));
        assert!("2026-01-05 09:00:00".parse::<CivilDateTime>().is_ok());
        assert!("https://a.b/c".parse::<CallbackUrl>().is_ok());
        assert!("aaaaaaaaaaaaa".parse::<CampaignId>().is_ok());
        assert_eq!("0.01".parse::<Amount>(), Ok(Amount::from_ten_millionths(100_000)));
        assert_eq!("0.00000001".parse::<Amount>(), Err(NotAnAmount));
    }
}
