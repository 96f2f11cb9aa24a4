//! Messages by status, counted as they go: who asks how many there are does not wait until all are looked at.

use bsg_rcs_domain::{Channel, MessageStatus};

use super::Engine;
use super::record::{CampaignRecord, MessageIx, MessageRecord};

/// Messages by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts([u64; MessageStatus::ALL.len()]);

impl Counts {
    /// So many of one status.
    pub(super) fn of(status: MessageStatus, count: usize) -> Self {
        let mut counts = Self::default();
        *counts.at(status) = u64::try_from(count).unwrap_or(u64::MAX);
        counts
    }

    /// How many have a status.
    pub fn of_status(&self, status: MessageStatus) -> u64 {
        self.0[place(status)]
    }

    /// How many are delivered, read ones with them.
    pub fn delivered(&self) -> u64 {
        let delivered = self.each().filter(|(status, _)| status.is_delivered());
        delivered.map(|(_, count)| count).sum()
    }

    /// Each status that any message has, and how many have it.
    pub fn each(&self) -> impl Iterator<Item = (MessageStatus, u64)> {
        let all = MessageStatus::ALL.into_iter().zip(self.0);
        all.filter(|(_, count)| *count > 0)
    }

    fn at(&mut self, status: MessageStatus) -> &mut u64 {
        &mut self.0[place(status)]
    }

    fn one_more(&mut self, status: MessageStatus) {
        *self.at(status) += 1;
    }

    fn one_moves(&mut self, before: MessageStatus, after: MessageStatus) {
        let before = self.at(before);
        *before = before.saturating_sub(1);
        self.one_more(after);
    }
}

fn place(status: MessageStatus) -> usize {
    MessageStatus::ALL.iter().position(|other| *other == status).unwrap_or(0)
}

impl CampaignRecord {
    /// The counts that a message of this channel is in.
    fn counts_of(&mut self, channel: Channel) -> &mut Counts {
        match channel {
            Channel::Rcs => &mut self.counts,
            Channel::Sms => &mut self.follower_counts,
        }
    }
}

impl Engine {
    /// All messages by status.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Counts a message that is new. Those that a campaign begins with are counted by the campaign itself.
    pub(super) fn count_new(&mut self, ix: MessageIx, message: &MessageRecord) {
        self.counts.one_more(message.status());
        if let (Some(campaign), Some(_)) = (message.campaign, message.origin) {
            let campaign = &mut self.campaigns[campaign.at()];
            campaign.followers.push(ix);
            campaign.follower_counts.one_more(message.status());
        }
    }

    /// Counts a message that went from one status to another.
    pub(super) fn count_change(
        &mut self,
        ix: MessageIx,
        before: MessageStatus,
        after: MessageStatus,
    ) {
        self.counts.one_moves(before, after);
        let message = &self.messages[ix.at()];
        let Some(campaign) = message.campaign else { return };
        let campaign = &mut self.campaigns[campaign.at()];
        campaign.counts_of(message.channel).one_moves(before, after);
        if message.channel == Channel::Rcs && after == MessageStatus::Sent {
            campaign.sent += 1;
        }
    }
}
