//! A campaign: what its messages share, where it stands, and its messages by status.

use std::sync::Arc;

use bsg_rcs_domain::{Amount, CampaignStatus, Channel};

use crate::model::counts::Counts;
use crate::model::ids::{AccountIx, MessageIx};
use crate::model::message::MessageSpec;
use crate::model::time::VirtualTime;

/// One campaign.
#[derive(Debug)]
pub struct CampaignRecord {
    /// Whose it is.
    pub account: AccountIx,
    /// What its messages share.
    pub spec: Arc<MessageSpec>,
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
    pub(crate) pump: u32,
}

impl CampaignRecord {
    /// Its messages, fallback SMS apart.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = MessageIx> + use<> {
        let first = self.first.0;
        (first..first.saturating_add(self.count)).map(MessageIx)
    }

    /// The message that is handed over next.
    pub(crate) fn next_message(&self) -> Option<MessageIx> {
        (self.handed_over < self.count)
            .then(|| MessageIx(self.first.0.saturating_add(self.handed_over)))
    }

    /// The counts that a message of this channel is in.
    pub(crate) fn counts_of(&mut self, channel: Channel) -> &mut Counts {
        match channel {
            Channel::Rcs => &mut self.counts,
            Channel::Sms => &mut self.follower_counts,
        }
    }
}
