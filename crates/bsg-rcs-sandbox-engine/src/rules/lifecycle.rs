//! How a message goes its way: step by step after its fate, paid when it is delivered, told by callbacks, and
//! followed by an SMS where it ends without delivery and has an alternative channel.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{Channel, MessageStatus};

use crate::api::effect::{Body, Callback, Effect};
use crate::api::outcome::{Answer, Outcome, Refusal, RefusalKind};
use crate::model::account::Movement;
use crate::model::event_queue::Event;
use crate::model::fate::{Fate, Turn, Wait};
use crate::model::history::History;
use crate::model::ids::MessageIx;
use crate::model::message::{CallbackKind, CallbackNote, Delivery, MessageRecord, MessageSpec};
use crate::model::time::VirtualTime;
use crate::state::Engine;

/// The most callbacks that one message keeps; a click beyond is refused.
const CALLBACKS_MAX: usize = 10_000;

impl Engine {
    /// Plans the next step of a message, if there is one.
    pub(crate) fn plan_step(&mut self, ix: MessageIx) {
        let message = &self.messages[ix.at()];
        let Some((wait, _)) = message.fate.way().get(usize::from(message.step)).copied() else {
            return;
        };
        let at = match wait {
            Wait::Of(leg) => {
                let delay = self.world.delays.of(leg);
                let millis = self.random_between(delay.least, delay.most);
                self.now.plus(Duration::from_millis(millis.into()))
            }
            Wait::Validity => {
                let sending = message.since(MessageStatus::Sending).unwrap_or(self.now);
                sending.plus(message.spec.validity).max(self.now)
            }
        };
        self.queue.plan(at, Event::Step(ix));
    }

    pub(crate) fn step(&mut self, ix: MessageIx) {
        let message = &mut self.messages[ix.at()];
        let Some((_, turn)) = message.fate.way().get(usize::from(message.step)).copied() else {
            return;
        };
        message.step += 1;
        match turn {
            Turn::To(status) => {
                if !self.skips(ix, status) {
                    self.take_status(ix, status);
                }
            }
            Turn::LetGo => self.settle(ix, Movement::Released),
            Turn::Click => {
                if let Some((card, suggestion)) = message.spec.content.first_suggestion() {
                    self.click(ix, card, suggestion);
                }
            }
        }
        self.plan_step(ix);
    }

    /// A5, the negation: a message that is going to be read is not delivered before.
    fn skips(&self, ix: MessageIx, status: MessageStatus) -> bool {
        let is_read_later = matches!(self.messages[ix.at()].fate, Fate::Read | Fate::Clicks);
        let skips = !self.world.assumptions.read_after_delivered && is_read_later;
        skips && status == MessageStatus::Delivered
    }

    fn click(&mut self, ix: MessageIx, card: u8, suggestion: u8) {
        self.unsubscribe_by(ix, card, suggestion);
        self.tell(ix, CallbackKind::Click { card, suggestion });
    }

    fn take_status(&mut self, ix: MessageIx, status: MessageStatus) {
        self.note_station(ix, status);
        if status.is_delivered() {
            self.settle(ix, Movement::Charged);
        } else if status.is_undelivered_end() {
            self.settle(ix, Movement::Released);
        }
        self.report(ix, status);
        if status.is_undelivered_end() {
            self.fall_back(ix);
        }
    }

    /// Pays what was set aside for a message, or lets it go. An end is settled once.
    fn settle(&mut self, ix: MessageIx, movement: Movement) {
        let message = &mut self.messages[ix.at()];
        if let Some(reservation) = message.reservation.take() {
            let (account, campaign) = (message.account, message.campaign);
            if let (Movement::Charged, Some(campaign)) = (movement, campaign) {
                let charged = &mut self.campaigns[campaign.at()].charged;
                *charged = charged.checked_add(reservation.amount()).unwrap_or(*charged);
            }
            self.books.settle(account, reservation, movement, ix, self.now);
        }
    }

    /// Tells a status, or, of a scrambled message, both at the end, twice and backwards.
    fn report(&mut self, ix: MessageIx, status: MessageStatus) {
        let scrambled = self.messages[ix.at()].fate == Fate::Scrambled;
        let told: &[MessageStatus] = match status {
            MessageStatus::Sent if scrambled => &[],
            MessageStatus::Delivered if scrambled => &[
                MessageStatus::Delivered,
                MessageStatus::Delivered,
                MessageStatus::Sent,
                MessageStatus::Sent,
            ],
            _ => &[status],
        };
        for status in told {
            self.tell(ix, CallbackKind::Status(*status));
        }
    }

    /// A12: the SMS of the alternative channel is a message of its own.
    fn fall_back(&mut self, ix: MessageIx) {
        let message = &self.messages[ix.at()];
        // What may not be sent at all is not sent by SMS either.
        if message.fate == Fate::Barred {
            return;
        }
        let Some(spec) = message.spec.sms.clone() else { return };
        let sms = self.add_message(self.sms_of(message, ix, spec));
        self.messages[ix.at()].fallback = Some(sms);
        if !self.hand_over(sms) {
            self.messages[sms.at()].fate = Fate::Barred;
            self.plan_step(sms);
        }
    }

    fn sms_of(
        &self,
        message: &MessageRecord,
        ix: MessageIx,
        spec: Arc<MessageSpec>,
    ) -> MessageRecord {
        MessageRecord {
            account: message.account,
            campaign: message.campaign,
            phone: message.phone,
            reference: message.reference.filter(|_| self.world.assumptions.sms_keeps_reference),
            channel: Channel::Sms,
            price: self.price(message.phone, &spec),
            spec,
            fate: Fate::Delivered,
            step: 0,
            reservation: None,
            fallback: None,
            origin: Some(ix),
            history: History::begin(MessageStatus::Accepted, self.now),
            callbacks: Vec::new(),
        }
    }

    pub(crate) fn click_by_hand(&mut self, id: u64, card: u8, suggestion: u8) -> Answer {
        let refuse = |kind, sentence| Err(Refusal::because(kind, sentence));
        let Some(ix) = self.message(id) else {
            return refuse(RefusalKind::NotFound, "Message was not found");
        };
        let message = &self.messages[ix.at()];
        if message.spec.content.suggestion(card.into(), suggestion.into()).is_none() {
            return refuse(RefusalKind::Invalid, "The message has no such suggestion");
        }
        if !message.status().is_delivered() {
            return refuse(RefusalKind::Invalid, "The message is not delivered");
        }
        if message.callbacks.len() >= CALLBACKS_MAX {
            return refuse(RefusalKind::Invalid, "The message was clicked too often");
        }
        self.click(ix, card, suggestion);
        Ok(Outcome::Message(ix))
    }

    /// Notes what is to be told, and lets the callback leave.
    fn tell(&mut self, ix: MessageIx, said: CallbackKind) {
        if self.url_for(ix, said).is_none() {
            return;
        }
        let callbacks = &mut self.messages[ix.at()].callbacks;
        let Some(note) =
            u16::try_from(callbacks.len()).ok().filter(|_| callbacks.len() < CALLBACKS_MAX)
        else {
            return;
        };
        let at = self.now;
        callbacks.push(CallbackNote { said, at, delivery: Delivery::Waiting, attempts: 0 });
        self.emit(ix, note);
    }

    /// Queues a callback that was noted.
    pub(crate) fn emit(&mut self, ix: MessageIx, note: u16) {
        if let Some(callback) = self.callback(ix, note) {
            self.effects.push(Effect::Callback(callback));
        }
    }

    /// A callback that was noted, as it is posted now.
    pub fn callback(&self, ix: MessageIx, note: u16) -> Option<Callback> {
        let message = &self.messages[ix.at()];
        let noted = message.callbacks.get(usize::from(note)).copied()?;
        let url = self.url_for(ix, noted.said)?;
        let body = match noted.said {
            CallbackKind::Status(status) => self.report_body(message, status, noted.at),
            CallbackKind::Click { card, suggestion } => {
                let button = message.spec.content.suggestion(card.into(), suggestion.into())?;
                Body::Click {
                    text: button.text.clone(),
                    postback: button.postback.clone(),
                    at: noted.at,
                }
            }
        };
        let (phone, reference) = (message.phone, message.reference);
        Some(Callback { message: ix, note, url, phone, reference, body })
    }

    fn report_body(&self, message: &MessageRecord, status: MessageStatus, at: VirtualTime) -> Body {
        Body::Report {
            status,
            time_in: message.created(),
            time_sent: message.since(MessageStatus::Sent),
            time_dr: (status != MessageStatus::Sent).then_some(at),
            price: message.price,
            currency: self.world.prices.currency(),
        }
    }

    /// Where a callback goes: the message's own address wins.
    fn url_for(&self, ix: MessageIx, said: CallbackKind) -> Option<Arc<str>> {
        let message = &self.messages[ix.at()];
        if let Some(url) = &message.spec.callback_url {
            return Some(url.clone());
        }
        let clicks = self.world.assumptions.clicks_to_account_url;
        let told = clicks || matches!(said, CallbackKind::Status(_));
        self.books.get(message.account).callback_url.clone().filter(|_| told)
    }
}
