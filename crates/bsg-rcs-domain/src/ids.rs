//! The platform's ids, each a type of its own: a contact's cannot stand where a list's is meant.
//!
//! They are numbers that mean nothing here; `get` gives the number, `From<u64>` makes an id of one.

use core::fmt;
use core::num::ParseIntError;
use core::str::FromStr;

/// Defines ids: numbers of 64 bits.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// The id with this number.
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The number.
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl From<u64> for $name {
            fn from(number: u64) -> Self {
                Self(number)
            }
        }

        impl From<$name> for u64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                text.trim().parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A contact of the account.
    ContactId;
    /// A field that contacts of the account have.
    ContactFieldId;
    /// A contact list of the account.
    ContactListId;
    /// A campaign of the platform: one request. Ours are [`CampaignId`](crate::CampaignId).
    RemoteCampaignId;
    /// A number on the stop list.
    StopListEntryId;
    /// A tariff of the account; a send names it by its code.
    TariffId;
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn an_id_is_its_number() {
        let id = ContactId::from(7);
        assert_eq!((id.get(), u64::from(id), id.to_string().as_str()), (7, 7, "7"));
        assert_eq!(" 7 ".parse(), Ok(id));
        assert!("-7".parse::<ContactId>().is_err() && "".parse::<ContactId>().is_err());
    }
}
