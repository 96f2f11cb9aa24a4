//! How a campaign goes: moderation, start, handing over message by message, pause, stop.
//!
//! The machine itself is the domain's [`CampaignStatus`]. A message reserves its price when it is handed over; the
//! campaign pauses when the next price exceeds what is available (A18), and nothing but a resume by hand lets it go
//! on (A4).

use bsg_rcs_domain::{CampaignEvent, CampaignStatus, Channel, MessageStatus};

use crate::api::outcome::{Answer, Outcome, Refusal, RefusalKind};
use crate::model::channel::AnyChannel;
use crate::model::event_queue::Event;
use crate::model::fate::Fate;
use crate::model::ids::{AccountIx, CampaignIx, MessageIx};
use crate::model::message::MessageRecord;
use crate::state::Engine;

impl Engine {
    pub(crate) fn moderate(&mut self, campaign: CampaignIx) {
        self.turn(campaign, CampaignEvent::Moderate);
    }

    pub(crate) fn moderated(&mut self, campaign: CampaignIx) {
        if self.is_spam(campaign) {
            if self.turn(campaign, CampaignEvent::Reject) {
                self.bar_unsent(campaign);
            }
            return;
        }
        let start = self.campaigns[campaign.at()].start;
        if start > self.now {
            if self.turn(campaign, CampaignEvent::Schedule) {
                self.queue.plan(start, Event::Start(campaign));
            }
        } else if self.turn(campaign, CampaignEvent::Start) {
            for ix in self.campaigns[campaign.at()].messages() {
                self.note_station(ix, MessageStatus::Accepted);
            }
            self.begin_sending(campaign);
        }
    }

    pub(crate) fn start(&mut self, campaign: CampaignIx) {
        if self.turn(campaign, CampaignEvent::Start) {
            self.begin_sending(campaign);
        }
    }

    fn begin_sending(&mut self, campaign: CampaignIx) {
        self.campaigns[campaign.at()].started = Some(self.now);
        self.pump_anew(campaign);
    }

    fn pump_anew(&mut self, campaign: CampaignIx) {
        let record = &mut self.campaigns[campaign.at()];
        record.pump += 1;
        let pump = record.pump;
        self.queue.plan(self.now, Event::Pump(campaign, pump));
    }

    /// Hands over the next messages of a campaign that sends.
    pub(crate) fn pump(&mut self, campaign: CampaignIx, pump: u32) {
        for _ in 0..self.world.delays.burst {
            let record = &self.campaigns[campaign.at()];
            if record.pump != pump || !record.status.sends() {
                return;
            }
            let Some(message) = record.next_message() else { break };
            if !self.hand_over(message) {
                self.turn(campaign, CampaignEvent::Pause);
                return;
            }
            self.campaigns[campaign.at()].handed_over += 1;
        }
        if self.campaigns[campaign.at()].next_message().is_some() {
            self.queue.plan(self.now.plus(self.world.delays.pause), Event::Pump(campaign, pump));
        } else {
            self.turn(campaign, CampaignEvent::Finish);
        }
    }

    /// Reserves a message's price and sends it on its way; `false` if the funds do not allow it.
    pub(crate) fn hand_over(&mut self, ix: MessageIx) -> bool {
        let message = &self.messages[ix.at()];
        if message.status() == MessageStatus::Scheduled {
            // Noted even if it then waits for funds: a second try finds it accepted.
            self.note_station(ix, MessageStatus::Accepted);
        }
        if !self.may_go(&self.messages[ix.at()]) {
            self.messages[ix.at()].fate = Fate::Barred;
        }
        let message = &self.messages[ix.at()];
        if message.fate != Fate::Barred {
            let (account, price) = (message.account, message.price);
            let Ok(reservation) = self.books.reserve(account, price, ix, self.now) else {
                return false;
            };
            self.messages[ix.at()].reservation = Some(reservation);
            self.note_station(ix, MessageStatus::Sending);
        }
        self.plan_step(ix);
        true
    }

    /// Whether a message may be sent at all: it is not barred already, and its number is not stopped now (A19).
    pub(crate) fn may_go(&self, message: &MessageRecord) -> bool {
        let channel = match message.channel {
            Channel::Rcs => AnyChannel::Rcs,
            Channel::Sms => AnyChannel::Sms,
        };
        let stops = || self.books.get(message.account).stop_list.stops(message.phone, channel);
        message.fate != Fate::Barred && !(message.spec.check_stop_list && stops())
    }

    fn own_campaign(&self, account: AccountIx, id: u64) -> Result<CampaignIx, Refusal> {
        let found = self.campaign(id);
        found.filter(|ix| self.campaigns[ix.at()].account == account).ok_or_else(no_campaign)
    }

    /// A4.
    pub(crate) fn renew(&mut self, account: AccountIx, id: u64) -> Answer {
        self.own_campaign(account, id)?;
        self.resume(id)
    }

    pub(crate) fn stop(&mut self, account: AccountIx, id: u64) -> Answer {
        let campaign = self.own_campaign(account, id)?;
        self.turn_or_refuse(campaign, CampaignEvent::Stop)?;
        if self.world.assumptions.stop_fails_unsent {
            self.bar_unsent(campaign);
        }
        Ok(Outcome::Campaign(campaign))
    }

    /// A8.
    fn is_spam(&self, campaign: CampaignIx) -> bool {
        let content = &self.campaigns[campaign.at()].spec.content;
        let word = self.world.assumptions.spam_word.as_deref();
        word.is_some_and(|word| content.texts().any(|text| text.contains(word)))
    }

    /// What a campaign that is over has not handed over ends as failed.
    fn bar_unsent(&mut self, campaign: CampaignIx) {
        let record = &self.campaigns[campaign.at()];
        let sent = usize::try_from(record.handed_over).unwrap_or(usize::MAX);
        for ix in record.messages().skip(sent) {
            self.messages[ix.at()].fate = Fate::Barred;
            self.plan_step(ix);
        }
    }

    pub(crate) fn pause_by_hand(&mut self, id: u64) -> Answer {
        let campaign = self.campaign(id).ok_or_else(no_campaign)?;
        self.turn_or_refuse(campaign, CampaignEvent::Pause)?;
        Ok(Outcome::Campaign(campaign))
    }

    pub(crate) fn resume(&mut self, id: u64) -> Answer {
        let campaign = self.campaign(id).ok_or_else(no_campaign)?;
        self.turn_or_refuse(campaign, CampaignEvent::Resume)?;
        self.pump_anew(campaign);
        Ok(Outcome::Campaign(campaign))
    }

    fn turn_or_refuse(
        &mut self,
        campaign: CampaignIx,
        event: CampaignEvent,
    ) -> Result<(), Refusal> {
        if self.turn(campaign, event) {
            Ok(())
        } else {
            Err(Refusal::because(RefusalKind::Invalid, "Invalid campaign status"))
        }
    }

    /// Lets a campaign take an event; `false` if it cannot where it stands.
    fn turn(&mut self, campaign: CampaignIx, event: CampaignEvent) -> bool {
        let record = &mut self.campaigns[campaign.at()];
        let Ok(status) = record.status.after(event) else { return false };
        record.status = status;
        if matches!(status, CampaignStatus::Done | CampaignStatus::Stopped | CampaignStatus::Spam) {
            record.finished = Some(self.now);
        }
        true
    }
}

fn no_campaign() -> Refusal {
    Refusal::because(RefusalKind::NotFound, "Campaign was not found")
}
