//! How the domain's values, times and addresses are written where commands are kept: the domain knows no serde.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{Amount, CivilDateTime, Msisdn, ReferenceId};

/// A module for `#[serde(with = ...)]`: the type, what it is written as, and the way there and back.
macro_rules! written {
    ($name:ident, $type:ty, $written:ty, $write:expr, $read:expr) => {
        pub(crate) mod $name {
            use super::*;

            pub(crate) fn serialize<S: serde::Serializer>(
                value: &$type,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                let write: fn(&$type) -> $written = $write;
                serde::Serialize::serialize(&write(value), serializer)
            }

            pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<$type, D::Error> {
                let read: fn($written) -> Option<$type> = $read;
                let written = <$written as serde::Deserialize>::deserialize(deserializer)?;
                let wrong = || serde::de::Error::custom(concat!("invalid ", stringify!($name)));
                read(written).ok_or_else(wrong)
            }
        }
    };
}

written!(number, Msisdn, u64, |number| number.as_u64(), |digits| Msisdn::from_u64(digits).ok());
written!(
    numbers,
    Vec<Msisdn>,
    Vec<u64>,
    |numbers| numbers.iter().map(|number| number.as_u64()).collect(),
    |all| all.into_iter().map(|digits| Msisdn::from_u64(digits).ok()).collect()
);
written!(
    reference,
    Option<ReferenceId>,
    Option<String>,
    |reference| reference.map(|reference| reference.as_str().to_owned()),
    |text| text.map(|text| ReferenceId::parse(&text)).transpose().ok()
);
written!(
    start,
    Option<CivilDateTime>,
    Option<String>,
    |start| start.map(|start| start.to_string()),
    |text| text.map(|text| CivilDateTime::parse(&text)).transpose().ok()
);
written!(amount, Amount, String, |amount| amount.to_string(), |text| Amount::parse(&text)
    .ok()
    .filter(|read| !read.rounded)
    .map(|read| read.amount));
written!(
    optional_amount,
    Option<Amount>,
    Option<String>,
    |amount| amount.map(|amount| amount.to_string()),
    |text| text.map(|text| Amount::parse(&text).map(|read| read.amount)).transpose().ok()
);
// In milliseconds.
written!(
    span,
    Duration,
    u64,
    |span| u64::try_from(span.as_millis()).unwrap_or(u64::MAX),
    |millis| Some(Duration::from_millis(millis))
);
written!(
    text,
    Option<Arc<str>>,
    Option<String>,
    |text| text.as_deref().map(str::to_owned),
    |text| Some(text.map(Into::into))
);
