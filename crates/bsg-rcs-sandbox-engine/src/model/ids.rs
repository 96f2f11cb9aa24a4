//! Where things stand in the engine's lists, and the ids that the platform gives out for them.

use serde::{Deserialize, Serialize};
/// Where an account stands in the engine's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountIx(pub(crate) u16);

/// Where a message stands in the engine's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageIx(pub(crate) u32);

/// Where a campaign stands in the engine's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CampaignIx(pub(crate) u32);

/// The first message id: ids exceed 32 bits.
const FIRST_MESSAGE: u64 = 4_419_393_001;
/// The first campaign id.
const FIRST_CAMPAIGN: u64 = 7_000_001;

/// The first id of contacts, contact lists and entries of stop lists.
const FIRST_OTHER: u64 = 600_001;

/// Gives out the ids of contacts, contact lists and entries of stop lists. They count up over all accounts, so that
/// none names a thing of one account and a thing of another.
#[derive(Debug)]
pub(crate) struct Ids(pub(crate) u64);

impl Ids {
    /// An id that nothing has had yet.
    pub(crate) fn fresh(&mut self) -> u64 {
        let id = self.0;
        self.0 += 1;
        id
    }
}

macro_rules! places {
    ($name:ident, $bits:ty, $first:expr) => {
        impl $name {
            /// The id that the platform gives out for it.
            pub fn id(self) -> u64 {
                u64::from(self.0) + $first
            }

            /// The place that an id names, whether something stands there or not.
            pub fn of_id(id: u64) -> Option<Self> {
                <$bits>::try_from(id.checked_sub($first)?).ok().map(Self)
            }

            /// The place as an index.
            pub(crate) fn at(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }

            /// The place with this index.
            pub(crate) fn from_index(index: usize) -> Self {
                Self(<$bits>::try_from(index).unwrap_or(<$bits>::MAX))
            }
        }
    };
}

places!(AccountIx, u16, 1);
places!(MessageIx, u32, FIRST_MESSAGE);
places!(CampaignIx, u32, FIRST_CAMPAIGN);

/// The ids that the first things of an engine get. A fresh one counts from the platform's first ids; one that follows
/// another in the same process goes on where that one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstIds {
    /// Of messages.
    pub message: u64,
    /// Of campaigns.
    pub campaign: u64,
    /// Of contacts, contact lists and entries of stop lists.
    pub other: u64,
}

impl Default for FirstIds {
    fn default() -> Self {
        Self { message: FIRST_MESSAGE, campaign: FIRST_CAMPAIGN, other: FIRST_OTHER }
    }
}
