//! How sends are taken: judged, refused with every fault, or made into messages.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{Amount, CampaignStatus, CivilDateTime, MessageStatus, MessageType};

use crate::api::addressee::Addressee;
use crate::api::command::SendOptions;
use crate::api::outcome::{Answer, Outcome, Refusal, RefusalKind};
use crate::model::account::Account;
use crate::model::campaign::CampaignRecord;
use crate::model::content::{Content, Sms};
use crate::model::counts::Counts;
use crate::model::delays::Delay;
use crate::model::event_queue::Event;
use crate::model::fate::Fate;
use crate::model::history::History;
use crate::model::history::Station;
use crate::model::ids::{AccountIx, CampaignIx, MessageIx};
use crate::model::message::MessageRecord;
use crate::model::message::MessageSpec;
use crate::model::time::VirtualTime;
use crate::rules::validate::Place;
use crate::state::Engine;
use bsg_rcs_domain::Channel;

impl Engine {
    pub(crate) fn send_one(
        &mut self,
        account: AccountIx,
        fingerprint: u64,
        to: Addressee,
        options: SendOptions,
    ) -> Answer {
        self.guard(account, fingerprint)?;
        let mut refusal = Refusal::invalid();
        self.judge_options(account, &options, &[to], &mut refusal);
        let barred = |number| {
            self.refused_as_barred(account, &options.agent, options.check_stop_list, number)
        };
        let taken = self.judge_recipients(account, vec![to], Place::Phone, barred, &mut refusal);
        refusal.unless_empty()?;
        let to = taken.into_iter().next().ok_or_else(no_recipient)?;
        let keeps = options.add_to_contact_book;
        let spec = Arc::new(spec(options));
        let message = self.new_message(account, None, to, &spec, MessageStatus::Accepted);
        let available = self.books.get(account).ledger.available();
        if self.may_go(&message) && message.price > available {
            return Err(no_funds());
        }
        let ix = self.add_message(message);
        if keeps {
            self.add_to_contact_book(account, &[to]);
        }
        // The price was available a moment ago, in the same command.
        self.hand_over(ix);
        self.guard.remember((account, fingerprint), self.now);
        Ok(Outcome::Message(ix))
    }

    pub(crate) fn send_campaign(
        &mut self,
        account: AccountIx,
        fingerprint: u64,
        to: Vec<Addressee>,
        options: SendOptions,
        start_at: Option<CivilDateTime>,
    ) -> Answer {
        self.guard(account, fingerprint)?;
        let campaign = self.take_campaign(account, to, Place::Phones, options, start_at)?;
        self.guard.remember((account, fingerprint), self.now);
        Ok(Outcome::Campaign(campaign))
    }

    /// A campaign to the contacts of these lists, each once and without a reference.
    pub(crate) fn send_to_lists(
        &mut self,
        account: AccountIx,
        fingerprint: u64,
        lists: &[u64],
        options: SendOptions,
        start_at: Option<CivilDateTime>,
    ) -> Answer {
        self.guard(account, fingerprint)?;
        let owner = self.books.get(account);
        let mut refusal = Refusal::invalid();
        owner.lists.judge(lists, "groups", &mut refusal);
        refusal.unless_empty()?;
        let to = owner.members_of(lists);
        let campaign = self.take_campaign(account, to, Place::Groups, options, start_at)?;
        self.guard.remember((account, fingerprint), self.now);
        Ok(Outcome::Campaign(campaign))
    }

    /// Judges a campaign, and makes it if nothing is wrong with it.
    fn take_campaign(
        &mut self,
        account: AccountIx,
        to: Vec<Addressee>,
        place: Place,
        options: SendOptions,
        start_at: Option<CivilDateTime>,
    ) -> Result<CampaignIx, Refusal> {
        let mut refusal = Refusal::invalid();
        self.judge_count(to.len(), place, &mut refusal);
        self.judge_options(account, &options, &to, &mut refusal);
        let start = start_at.map_or(self.now, VirtualTime::from_civil);
        self.judge_start(start, &mut refusal);
        let barred = |number| {
            self.refused_as_barred(account, &options.agent, options.check_stop_list, number)
        };
        let taken = self.judge_recipients(account, to, place, barred, &mut refusal);
        refusal.unless_empty()?;
        if taken.is_empty() {
            return Err(no_recipient());
        }
        if options.add_to_contact_book {
            self.add_to_contact_book(account, &taken);
        }
        Ok(self.add_campaign(account, &taken, spec(options), start))
    }

    fn add_campaign(
        &mut self,
        account: AccountIx,
        to: &[Addressee],
        spec: MessageSpec,
        start: VirtualTime,
    ) -> CampaignIx {
        let spec = Arc::new(spec);
        let campaign = CampaignIx::from_index(self.campaigns.end());
        let first = MessageIx::from_index(self.messages.end());
        let later = start > self.now;
        let status = if later { MessageStatus::Scheduled } else { MessageStatus::Moderation };
        let mut price = Amount::ZERO;
        for addressee in to {
            let message = self.new_message(account, Some(campaign), *addressee, &spec, status);
            if self.may_go(&message) {
                price = price.checked_add(message.price).unwrap_or(price);
            }
            self.add_message(message);
        }
        self.campaigns.push(CampaignRecord {
            account,
            spec,
            status: CampaignStatus::Creation,
            first,
            count: u32::try_from(to.len()).unwrap_or(u32::MAX),
            handed_over: 0,
            created: self.now,
            start: start.max(self.now),
            started: None,
            finished: None,
            calculated_price: price,
            charged: Amount::ZERO,
            counts: Counts::of(status, to.len()),
            sent: 0,
            followers: Vec::new(),
            follower_counts: Counts::default(),
            pump: 0,
        });
        self.moderate(campaign);
        let Delay { least, most } = self.world.delays.moderation;
        let moderation = Duration::from_millis(self.random_between(least, most).into());
        self.queue.plan(self.now.plus(moderation), Event::Moderated(campaign));
        campaign
    }

    /// A message of a request, at the beginning of its way.
    pub(crate) fn new_message(
        &self,
        account: AccountIx,
        campaign: Option<CampaignIx>,
        to: Addressee,
        spec: &Arc<MessageSpec>,
        status: MessageStatus,
    ) -> MessageRecord {
        let barred = !self.agent(&spec.sender).is_some_and(|agent| agent.reaches(to.number));
        MessageRecord {
            account,
            campaign,
            phone: to.number,
            reference: to.reference,
            channel: Channel::Rcs,
            spec: spec.clone(),
            fate: if barred { Fate::Barred } else { self.world.fates.of(to.number) },
            step: 0,
            price: self.price(to.number, spec),
            reservation: None,
            fallback: None,
            origin: None,
            history: History::begin(status, self.now),
            callbacks: Vec::new(),
        }
    }

    /// A17.
    fn guard(&mut self, account: AccountIx, fingerprint: u64) -> Result<(), Refusal> {
        let window = self.world.assumptions.duplicate_window;
        if self.guard.knows((account, fingerprint), self.now, window) {
            let sentence = "Too many duplicate request detected";
            return Err(Refusal::because(RefusalKind::Duplicate, sentence));
        }
        Ok(())
    }

    /// Notes a station of a message's way.
    pub(crate) fn note_station(&mut self, ix: MessageIx, status: MessageStatus) {
        let at = self.now;
        let message = &mut self.messages[ix.at()];
        let before = message.status();
        message.history.push(Station { status, at });
        self.count_change(ix, before, status);
    }
}

pub(crate) fn no_funds() -> Refusal {
    Refusal::because(RefusalKind::Invalid, "Insufficient funds")
}

pub(crate) fn no_recipient() -> Refusal {
    Refusal::because(RefusalKind::Invalid, "No recipient is left to send to.")
}

impl Account {
    /// The contacts of these lists, each once and without a reference.
    pub(crate) fn members_of(&self, lists: &[u64]) -> Vec<Addressee> {
        let members = self.lists.members_of(lists).into_iter();
        let contacts = members.filter_map(|id| self.contacts.get(id));
        contacts.map(|contact| Addressee { number: contact.phone, reference: None }).collect()
    }
}

/// What the messages of a request share.
fn spec(options: SendOptions) -> MessageSpec {
    let SendOptions { agent, content, sms, validity, callback_url, check_stop_list, .. } = options;
    let sms = sms.map(|sms| Arc::new(sms_letter(sms, callback_url.clone())));
    MessageSpec {
        kind: content.kind(),
        sender: agent,
        content,
        parts: 1,
        validity,
        sms,
        callback_url,
        check_stop_list,
    }
}

fn sms_letter(sms: Sms, callback_url: Option<Arc<str>>) -> MessageSpec {
    MessageSpec {
        parts: sms.parts(),
        sender: sms.sender,
        content: Content::Text(sms.text),
        kind: MessageType::Sms,
        validity: sms.validity,
        sms: None,
        callback_url,
        check_stop_list: sms.check_stop_list,
    }
}
