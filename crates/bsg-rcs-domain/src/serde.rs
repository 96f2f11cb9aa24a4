//! Serde, where the feature `serde` asks for it: values as the texts that they are read from, ids as
//! numbers. Reading goes through the same checks as everywhere.

use alloc::borrow::Cow;
use alloc::string::ToString;

use ::serde::de::{Deserialize, Deserializer, Error};
use ::serde::ser::{Serialize, Serializer};

use crate::campaign_status::CampaignStatus;
use crate::country::Country;
use crate::ids::{
    ContactFieldId, ContactId, ContactListId, RemoteCampaignId, StopListEntryId, TariffId,
};
use crate::message::{CallbackUrl, Validity};
use crate::money::{Amount, Currency, Money};
use crate::msisdn::Msisdn;
use crate::reference::ReferenceId;
use crate::reports::MessageId;
use crate::seal::CampaignId;
use crate::status::{MessageStatus, ReportedStatus};
use crate::time::CivilDateTime;

/// Written by one function and read by another, both of texts.
macro_rules! as_text {
    ($($type:ty, $write:expr, $read:expr;)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let write: fn(&$type) -> alloc::string::String = $write;
                serializer.serialize_str(&write(self))
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                let read: fn(&str) -> Result<$type, alloc::string::String> = $read;
                read(&text).map_err(D::Error::custom)
            }
        }
    )*};
}

as_text! {
    Msisdn, |it| it.digits().to_string(), |text| text.parse().map_err(said);
    ReferenceId, ReferenceId::to_string, |text| text.parse().map_err(said);
    Country, Country::to_string, |text| text.parse().map_err(said);
    Currency, Currency::to_string, |text| text.parse().map_err(said);
    Amount, Amount::to_string, |text| text.parse().map_err(said);
    CivilDateTime, CivilDateTime::to_string, |text| text.parse().map_err(said);
    Validity, Validity::to_string, |text| text.parse().map_err(said);
    CallbackUrl, |it| it.as_str().into(), |text| text.parse().map_err(said);
    CampaignId, CampaignId::to_string, |text| text.parse().map_err(said);
    MessageStatus, |it| it.as_str().into(), |text| {
        ReportedStatus::from_word(text).known().ok_or_else(|| "no status of a message".into())
    };
    ReportedStatus, |it| it.as_str().into(), |text| Ok(ReportedStatus::from_word(text));
    CampaignStatus, |it| it.as_str().into(), |text| {
        CampaignStatus::from_word(text).map_err(|_| "no status of a campaign".into())
    };
}

fn said(why: impl ToString) -> alloc::string::String {
    why.to_string()
}

/// Ids as numbers.
macro_rules! as_number {
    ($($type:ty, $number:expr;)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let number: fn(&$type) -> u64 = $number;
                serializer.serialize_u64(number(self))
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                u64::deserialize(deserializer).map(Self::from)
            }
        }
    )*};
}

as_number! {
    ContactId, |id| id.get();
    ContactFieldId, |id| id.get();
    ContactListId, |id| id.get();
    MessageId, |id| id.0;
    RemoteCampaignId, |id| id.get();
    StopListEntryId, |id| id.get();
    TariffId, |id| id.get();
}

/// `{"amount": "1.1000000", "currency": "EUR"}`
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Parts { amount: self.amount, currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Parts::deserialize(deserializer).map(|parts| Self::new(parts.amount, parts.currency))
    }
}

#[derive(::serde::Serialize, ::serde::Deserialize)]
struct Parts {
    amount: Amount,
    currency: Currency,
}

#[cfg(test)]
mod tests {
    use core::fmt::Debug;

    use super::*;

    #[track_caller]
    fn check<T: Serialize + for<'de> Deserialize<'de> + PartialEq + Debug>(value: T, json: &str) {
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
        assert_eq!(serde_json::from_str::<T>(json).unwrap(), value);
    }

    #[test]
    fn values_go_out_as_texts_and_come_back_checked() {
        check(Msisdn::from_u64(380_661_231_231).unwrap(), r#""380661231231""#);
        check(ReferenceId::parse("hello").unwrap(), r#""hello""#);
        check(Country::parse("UA").unwrap(), r#""UA""#);
        let amount = Amount::from_ten_millionths(11_000_000);
        check(Money::new(amount, Currency::EUR), r#"{"amount":"1.1000000","currency":"EUR"}"#);
        check(CivilDateTime::parse("2026-01-05 09:00:00").unwrap(), r#""2026-01-05 09:00:00""#);
        check(Validity::hours(24).unwrap(), r#""24h""#);
        check(MessageStatus::Delivered, r#""delivered""#);
        check(ReportedStatus::Other("orbiting".into()), r#""orbiting""#);
        check(CampaignStatus::Done, r#""done""#);
        check(ContactId::from(7), "7");
        check(MessageId(7), "7");
        for bad in [r#""""#, r#""12""#, "7", "null"] {
            assert!(serde_json::from_str::<Msisdn>(bad).is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<ReferenceId>(r#""a-b""#).is_err());
        assert!(serde_json::from_str::<Validity>(r#""73h""#).is_err());
    }
}
