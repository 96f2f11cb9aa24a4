//! A message and its callbacks.
//!
//! There can be millions: what the messages of one request share is kept once, histories and callbacks are short
//! lists of small values, and places in lists are 32-bit numbers.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::ledger::Reservation;
use bsg_rcs_domain::{Amount, Channel, MessageStatus, MessageType, Msisdn, ReferenceId};
use serde::{Deserialize, Serialize};

use crate::model::content::Content;
use crate::model::fate::Fate;
use crate::model::history::History;
use crate::model::ids::{AccountIx, CampaignIx, MessageIx};
use crate::model::time::VirtualTime;

/// What all messages of one request share.
#[derive(Debug, PartialEq, Eq)]
pub struct MessageSpec {
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
pub enum CallbackKind {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    pub said: CallbackKind,
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
    /// The recipient.
    pub phone: Msisdn,
    /// The caller's reference.
    pub reference: Option<ReferenceId>,
    /// Its way of travelling.
    pub channel: Channel,
    /// What it shares with the others of its request.
    pub spec: Arc<MessageSpec>,
    /// What becomes of it.
    pub fate: Fate,
    /// How many steps of its way it has taken.
    pub(crate) step: u8,
    /// What it costs if it is delivered.
    pub price: Amount,
    /// The money that is set aside for it.
    pub(crate) reservation: Option<Reservation>,
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
