//! Which sends are taken: the rules of the platform about agents, recipients, references and funds.
//!
//! What a JSON schema can tell was judged before. A refusal names every fault that was found, each at its place in
//! the request.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{
    Amount, CampaignStatus, CivilDateTime, Country, MessageStatus, MessageType, Msisdn,
};

use super::assumptions::{KnownReference, RefusedRecipient};
use super::command::{Addressee, Answer, Outcome, Refusal, RefusalKind, Terms};
use super::content::{Content, Sms};
use super::queue::Event;
use super::record::{AccountIx, CampaignIx, CampaignRecord, Letter, MessageIx};
use super::time::VirtualTime;
use super::world::{Agent, Owner};
use super::{Engine, Station};

/// Recipients of one request.
const RECIPIENTS_MAX: usize = 5000;
/// A campaign starts on one of so many days, today counted.
const START_DAYS: i64 = 30;
/// How long moderation takes, in milliseconds.
const MODERATION: (u32, u32) = (500, 2_000);

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
        let taken = self.judge_recipients(account, vec![to], |_| "phone".into(), &mut refusal);
        refusal.unless_empty()?;
        let to = taken.into_iter().next().ok_or_else(no_recipient)?;
        let letter = Arc::new(letter(terms));
        let message = self.new_message(account, None, to, &letter, MessageStatus::Accepted);
        let available = self.books.get(account).ledger.available();
        if message.fate != super::Fate::Barred && message.price > available {
            return Err(Refusal::because(RefusalKind::Invalid, "Insufficient funds"));
        }
        let ix = self.add_message(message);
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
        let mut refusal = Refusal::invalid();
        if to.len() > RECIPIENTS_MAX {
            refusal.add("phones", format!("At most {RECIPIENTS_MAX} recipients."));
        }
        self.judge_terms(account, &terms, &to, &mut refusal);
        let start = start_at.map_or(self.now, VirtualTime::from_civil);
        self.judge_start(start, &mut refusal);
        let taken = self.judge_recipients(account, to, |at| format!("phones[{at}]"), &mut refusal);
        refusal.unless_empty()?;
        if taken.is_empty() {
            return Err(no_recipient());
        }
        let campaign = self.add_campaign(account, &taken, letter(terms), start);
        self.guard.remember((account, fingerprint), self.now);
        Ok(Outcome::Campaign(campaign))
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
            if message.fate != super::Fate::Barred {
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
            pump: 0,
        });
        self.moderate(campaign);
        let (least, most) = MODERATION;
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

    fn judge_terms(
        &self,
        account: AccountIx,
        terms: &Terms,
        to: &[Addressee],
        refusal: &mut Refusal,
    ) {
        self.judge_agent(account, &terms.agent, refusal);
        let unknown = |code: &i64| !self.world.tariff_codes.contains(code);
        if terms.tariff_code.as_ref().is_some_and(unknown) {
            refusal.message = "Tariff was not found".into();
            refusal.add("tariff_code", "Tariff was not found");
        }
        let ukrainian =
            |to: &Addressee| Country::of(to.number).is_some_and(|country| country.as_str() == "UA");
        terms.content.judge(to.iter().any(ukrainian), refusal);
        if let Some(sms) = &terms.sms {
            sms.judge(refusal);
        }
    }

    fn judge_agent(&self, account: AccountIx, name: &str, refusal: &mut Refusal) {
        let account = self.books.get(account);
        let in_test_mode = account.verified.is_some();
        let agent = self.agent(name).filter(|agent| match &agent.owner {
            Owner::Platform => in_test_mode,
            Owner::Account(key) => *key == account.key,
        });
        match agent {
            None if in_test_mode => {
                refusal.add("sender", "In test mode only the platform's test agent may send.");
            }
            None => refusal.add("sender", "The agent is not registered for this account."),
            Some(agent) if !agent.active => refusal.add("sender", "The agent is not active yet."),
            Some(_) => {}
        }
    }

    /// A14, and the thirty days.
    fn judge_start(&self, start: VirtualTime, refusal: &mut Refusal) {
        // A date-time has whole seconds: the one that runs is not past.
        let this_second = self.now.minus(Duration::from_millis(999));
        if start < this_second && self.world.assumptions.past_start_refused {
            refusal.add("start_at", "The start is in the past.");
        }
        if start >= self.now.midnight_after(START_DAYS) {
            refusal.add("start_at", format!("The start is more than {START_DAYS} days away."));
        }
    }

    /// The recipients that are taken; what refuses the whole request is noted.
    fn judge_recipients(
        &self,
        account: AccountIx,
        to: Vec<Addressee>,
        place: impl Fn(usize) -> String,
        refusal: &mut Refusal,
    ) -> Vec<Addressee> {
        let assumed = &self.world.assumptions;
        let mut numbers = HashSet::with_capacity(to.len());
        let mut references = HashSet::with_capacity(to.len());
        let mut taken = Vec::with_capacity(to.len());
        for (at, addressee) in to.into_iter().enumerate() {
            if !numbers.insert(addressee.number) && assumed.repeated_number_refused {
                let sentence = "The number is repeated in this request.";
                refusal.add(format!("{}.number", place(at)), sentence);
            }
            let again = addressee.reference.is_some_and(|reference| {
                !references.insert(reference) || self.references.contains_key(&(account, reference))
            });
            match assumed.known_reference {
                KnownReference::RefuseRequest if again => {
                    let sentence = "The reference_id is known already.";
                    refusal.add(format!("{}.reference_id", place(at)), sentence);
                }
                KnownReference::RejectMessage if again => continue,
                _ => {}
            }
            if self.is_unverified(account, addressee.number) {
                if assumed.refused_recipient == RefusedRecipient::LeaveOut {
                    continue;
                }
                let sentence = "In test mode only verified contacts may be sent to.";
                refusal.add(format!("{}.number", place(at)), sentence);
            }
            taken.push(addressee);
        }
        taken
    }

    fn is_unverified(&self, account: AccountIx, number: Msisdn) -> bool {
        let verified = self.books.get(account).verified.as_ref();
        verified.is_some_and(|verified| !verified.contains(&number))
    }

    pub(super) fn agent(&self, name: &str) -> Option<&Agent> {
        self.world.agents.iter().find(|agent| agent.name == name)
    }

    /// What a message to a number costs; nothing, where the list has no price.
    pub(super) fn price(&self, number: Msisdn, letter: &Letter) -> Amount {
        let price = self.world.prices.price(Country::of(number), letter.kind);
        let of_one = price.map_or(Amount::ZERO, |price| price.amount);
        of_one.checked_mul(letter.parts.into()).unwrap_or(of_one)
    }

    /// Notes a station of a message's way.
    pub(super) fn note_station(&mut self, ix: MessageIx, status: MessageStatus) {
        let at = self.now;
        self.messages[ix.at()].history.push(Station { status, at });
    }
}

fn no_recipient() -> Refusal {
    Refusal::because(RefusalKind::Invalid, "No recipient is left to send to.")
}

/// What the messages of a request share.
fn letter(terms: Terms) -> Letter {
    let Terms { agent, content, sms, validity, callback_url, tariff_code: _ } = terms;
    let sms = sms.map(|sms| Arc::new(sms_letter(sms, callback_url.clone())));
    Letter { kind: content.kind(), sender: agent, content, parts: 1, validity, sms, callback_url }
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
    }
}
