//! How sends are taken: judged, refused with every fault, or made into messages.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{Amount, CampaignStatus, CivilDateTime, MessageStatus, MessageType};

use super::command::{Addressee, Answer, Outcome, Refusal, RefusalKind, Terms};
use super::content::{Content, Sms};
use super::delays::Delay;
use super::judge::Place;
use super::queue::Event;
use super::record::{AccountIx, CampaignIx, CampaignRecord, Letter, MessageIx};
use super::time::VirtualTime;
use super::{Counts, Engine, Station};

impl Engine {
    pub(super) fn send_one(
        &mut self,
        account: AccountIx,
        fingerprint: u64,
        to: Addressee,
        terms: Terms,
    ) -> Answer {
        self.guard(account, fingerprint)?;
        let mut refusal = Refusal::invalid();
        self.judge_terms(account, &terms, &[to], &mut refusal);
        let barred =
            |number| self.refused_as_barred(account, &terms.agent, terms.check_stop_list, number);
        let taken = self.judge_recipients(account, vec![to], Place::Phone, barred, &mut refusal);
        refusal.unless_empty()?;
        let to = taken.into_iter().next().ok_or_else(no_recipient)?;
        let keeps = terms.add_to_contact_book;
        let letter = Arc::new(letter(terms));
        let message = self.new_message(account, None, to, &letter, MessageStatus::Accepted);
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

    pub(super) fn send_campaign(
        &mut self,
        account: AccountIx,
        fingerprint: u64,
        to: Vec<Addressee>,
        terms: Terms,
        start_at: Option<CivilDateTime>,
    ) -> Answer {
        self.guard(account, fingerprint)?;
        let campaign = self.take_campaign(account, to, Place::Phones, terms, start_at)?;
        self.guard.remember((account, fingerprint), self.now);
        Ok(Outcome::Campaign(campaign))
    }

    /// A campaign to everybody who is on one of these contact lists, each once and without a reference.
    pub(super) fn send_to_lists(
        &mut self,
        account: AccountIx,
        fingerprint: u64,
        lists: &[u64],
        terms: Terms,
        start_at: Option<CivilDateTime>,
    ) -> Answer {
        self.guard(account, fingerprint)?;
        let owner = self.books.get(account);
        let mut refusal = Refusal::invalid();
        owner.lists.judge(lists, "groups", &mut refusal);
        refusal.unless_empty()?;
        let members = owner.lists.members_of(lists);
        let contacts = members.into_iter().filter_map(|id| owner.contacts.get(id));
        let to = contacts.map(|contact| Addressee { number: contact.phone, reference: None });
        let to: Vec<_> = to.collect();
        let campaign = self.take_campaign(account, to, Place::Groups, terms, start_at)?;
        self.guard.remember((account, fingerprint), self.now);
        Ok(Outcome::Campaign(campaign))
    }

    /// Judges a campaign, and makes it if nothing is wrong with it.
    fn take_campaign(
        &mut self,
        account: AccountIx,
        to: Vec<Addressee>,
        place: Place,
        terms: Terms,
        start_at: Option<CivilDateTime>,
    ) -> Result<CampaignIx, Refusal> {
        let mut refusal = Refusal::invalid();
        self.judge_count(to.len(), place, &mut refusal);
        self.judge_terms(account, &terms, &to, &mut refusal);
        let start = start_at.map_or(self.now, VirtualTime::from_civil);
        self.judge_start(start, &mut refusal);
        let barred =
            |number| self.refused_as_barred(account, &terms.agent, terms.check_stop_list, number);
        let taken = self.judge_recipients(account, to, place, barred, &mut refusal);
        refusal.unless_empty()?;
        if taken.is_empty() {
            return Err(no_recipient());
        }
        if terms.add_to_contact_book {
            self.add_to_contact_book(account, &taken);
        }
        Ok(self.add_campaign(account, &taken, letter(terms), start))
    }

    fn add_campaign(
        &mut self,
        account: AccountIx,
        to: &[Addressee],
        letter: Letter,
        start: VirtualTime,
    ) -> CampaignIx {
        let letter = Arc::new(letter);
        let campaign = CampaignIx::from_index(self.campaigns.len());
        let first = MessageIx::from_index(self.messages.len());
        let later = start > self.now;
        let status = if later { MessageStatus::Scheduled } else { MessageStatus::Accepted };
        let mut price = Amount::ZERO;
        for addressee in to {
            let message = self.new_message(account, Some(campaign), *addressee, &letter, status);
            if self.may_go(&message) {
                price = price.checked_add(message.price).unwrap_or(price);
            }
            self.add_message(message);
        }
        self.campaigns.push(CampaignRecord {
            account,
            letter,
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
    pub(super) fn note_station(&mut self, ix: MessageIx, status: MessageStatus) {
        let at = self.now;
        let message = &mut self.messages[ix.at()];
        let before = message.status();
        message.history.push(Station { status, at });
        self.count_change(ix, before, status);
    }
}

pub(super) fn no_funds() -> Refusal {
    Refusal::because(RefusalKind::Invalid, "Insufficient funds")
}

pub(super) fn no_recipient() -> Refusal {
    Refusal::because(RefusalKind::Invalid, "No recipient is left to send to.")
}

/// What the messages of a request share.
fn letter(terms: Terms) -> Letter {
    let Terms { agent, content, sms, validity, callback_url, check_stop_list, .. } = terms;
    let sms = sms.map(|sms| Arc::new(sms_letter(sms, callback_url.clone())));
    Letter {
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

fn sms_letter(sms: Sms, callback_url: Option<Arc<str>>) -> Letter {
    Letter {
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
