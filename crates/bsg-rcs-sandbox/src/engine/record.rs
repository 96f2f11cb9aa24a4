//! What the engine keeps of messages and campaigns.
//!
//! There can be millions of messages: what those of one request share is kept once, histories and callbacks
//! are short lists of small values, and places in lists are 32-bit numbers. What happens to a record is
//! elsewhere.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::ledger::Reservation;
use bsg_rcs_domain::{
    Amount, CampaignStatus, Channel, MessageStatus, MessageType, Msisdn, ReferenceId,
};

use super::content::Content;
use super::fate::Fate;
use super::history::History;
use super::tally::Counts;
use super::time::VirtualTime;

/// Where an account stands in the engine's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountIx(pub(super) u16);

/// Where a message stands in the engine's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageIx(pub(super) u32);

/// Where a campaign stands in the engine's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CampaignIx(pub(super) u32);

/// The first message id: ids exceed 32 bits.
const FIRST_MESSAGE: u64 = 4_419_393_001;
/// The first campaign id.
const FIRST_CAMPAIGN: u64 = 7_000_001;

/// The first id of contacts, contact lists and entries of stop lists.
const FIRST_OTHER: u64 = 600_001;

/// Gives out the ids of contacts, contact lists and entries of stop lists. They count up over all accounts, so that
/// none names a thing of one account and a thing of another.
#[derive(Debug)]
pub(super) struct Ids(u64);

impl Default for Ids {
    fn default() -> Self {
        Self(FIRST_OTHER)
    }
}

impl Ids {
    /// An id that nothing has had yet.
    pub(super) fn fresh(&mut self) -> u64 {
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
            pub(super) fn at(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }

            /// The place with this index.
            pub(super) fn from_index(index: usize) -> Self {
                Self(<$bits>::try_from(index).unwrap_or(<$bits>::MAX))
            }
        }
    };
}

places!(AccountIx, u16, 1);
places!(MessageIx, u32, FIRST_MESSAGE);
places!(CampaignIx, u32, FIRST_CAMPAIGN);

/// What all messages of one request share.
#[derive(Debug, PartialEq, Eq)]
pub struct Letter {
    /// The agent, or the sender of an SMS.
    pub sender: String,
    /// What it says; of an SMS too.
    pub content: Content,
    /// What a message of it is paid as.
    pub kind: MessageType,
    /// How many parts it is cut into.
    pub parts: u16,
    /// How long delivery may be tried.
    pub validity: Duration,
    /// The alternative channel: the SMS that follows a message without delivery.
    pub sms: Option<Arc<Self>>,
    /// Where the reports of its messages go, instead of the account's URL.
    pub callback_url: Option<Arc<str>>,
    /// Whether a number on the stop list of its channel is not sent to.
    pub check_stop_list: bool,
}

/// What a callback says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The message has this status.
    Status(MessageStatus),
    /// This button of this card was clicked.
    Click {
        /// The card, from 0.
        card: u8,
        /// The button on it, from 0.
        suggestion: u8,
    },
}

/// What became of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// On its way.
    Waiting,
    /// Answered with 200.
    Acknowledged,
    /// Never answered with 200.
    GivenUp,
    /// Lost on purpose, by a fault script.
    Dropped,
}

/// A callback of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallbackNote {
    /// What it says.
    pub said: Said,
    /// When that happened.
    pub at: VirtualTime,
    /// What became of it.
    pub delivery: Delivery,
    /// How often it was sent.
    pub attempts: u16,
}

/// One message.
#[derive(Debug)]
pub struct MessageRecord {
    /// Whose it is.
    pub account: AccountIx,
    /// The campaign that it belongs to.
    pub campaign: Option<CampaignIx>,
    /// To whom.
    pub phone: Msisdn,
    /// The caller's reference.
    pub reference: Option<ReferenceId>,
    /// Its way of travelling.
    pub channel: Channel,
    /// What it shares with the others of its request.
    pub letter: Arc<Letter>,
    /// What becomes of it.
    pub fate: Fate,
    /// How many steps of its way it has taken.
    pub(super) step: u8,
    /// What it costs if it is delivered.
    pub price: Amount,
    /// The money that is set aside for it.
    pub(super) reservation: Option<Reservation>,
    /// The SMS that followed it.
    pub fallback: Option<MessageIx>,
    /// The message that it follows, if it is an SMS.
    pub origin: Option<MessageIx>,
    /// Where it was and is; never empty.
    pub history: History,
    /// What was told of it.
    pub callbacks: Vec<CallbackNote>,
}

impl MessageRecord {
    /// Where it stands.
    pub fn status(&self) -> MessageStatus {
        self.history.last().map_or(MessageStatus::Accepted, |station| station.status)
    }

    /// When it first had a status.
    pub fn since(&self, status: MessageStatus) -> Option<VirtualTime> {
        let first = self.history.iter().find(|station| station.status == status);
        first.map(|station| station.at)
    }

    /// When it was taken.
    pub fn created(&self) -> VirtualTime {
        self.history.first().map_or(VirtualTime::from_millis(0), |station| station.at)
    }
}

/// One campaign.
#[derive(Debug)]
pub struct CampaignRecord {
    /// Whose it is.
    pub account: AccountIx,
    /// What its messages share.
    pub letter: Arc<Letter>,
    /// Where it stands.
    pub status: CampaignStatus,
    /// Its first message; the others follow.
    pub first: MessageIx,
    /// How many messages it has, fallback SMS apart.
    pub count: u32,
    /// How many of them were handed over.
    pub handed_over: u32,
    /// When it was taken.
    pub created: VirtualTime,
    /// When it is to start.
    pub start: VirtualTime,
    /// When it did start.
    pub started: Option<VirtualTime>,
    /// When it ended.
    pub finished: Option<VirtualTime>,
    /// What it costs if every message is delivered.
    pub calculated_price: Amount,
    /// What its messages were charged so far, fallback SMS with them.
    pub charged: Amount,
    /// Its messages by status, fallback SMS apart.
    pub counts: Counts,
    /// How many of its messages were sent at some time, fallback SMS apart.
    pub sent: u64,
    /// The SMS that followed its messages, oldest first.
    pub followers: Vec<MessageIx>,
    /// Those SMS by status.
    pub follower_counts: Counts,
    /// The pump that works for it; those of before a pause find another number and rest.
    pub(super) pump: u32,
}

impl CampaignRecord {
    /// Its messages, fallback SMS apart.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = MessageIx> + use<> {
        let first = self.first.0;
        (first..first.saturating_add(self.count)).map(MessageIx)
    }

    /// The message that is handed over next.
    pub(super) fn next_message(&self) -> Option<MessageIx> {
        (self.handed_over < self.count)
            .then(|| MessageIx(self.first.0.saturating_add(self.handed_over)))
    }
}
