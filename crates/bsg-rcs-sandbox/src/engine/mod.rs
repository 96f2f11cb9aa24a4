//! The platform as a function: commands and time go in, answers and effects come out.
//!
//! No I/O, no async, no clock: time is handed in with every call, randomness is seeded and part of the state, and
//! what is to be done outside is queued as an [`Effect`]. The same commands at the same times with the same seed
//! give the same world, to the last history and ledger line.
//!
//! | file | tells |
//! | --- | --- |
//! | `world`, `assumptions` | what is given at the start, and what nobody has confirmed |
//! | `command`, `effect` | what goes in and out |
//! | `intake`, `judge`, `content`, `guard`, `dry_run` | which sends are taken |
//! | `sending` | how a campaign hands over its messages, pauses, stops |
//! | `fate`, `delays`, `walk` | how a message goes its way, what it costs, what is told of it |
//! | `account`, `tariffs` | funds and their log, tariffs and prices |
//! | `stop_list`, `unsubscribe` | who is not written to, and how recipients get there |
//! | `contacts`, `lists` | the contact book and its lists |
//! | `find`, `search` | how things are looked up and counted |
//! | `record`, `history`, `list`, `tally`, `queue`, `time` | how all of it is kept |
//!
//! It takes numbers, money, statuses, prices and the ledger from the domain, and no rule about messages: those are
//! its own.

mod account;
mod assumptions;
mod command;
mod contacts;
mod content;
mod delays;
mod dry_run;
mod effect;
mod fate;
mod find;
mod guard;
mod history;
mod intake;
mod judge;
mod list;
mod lists;
mod queue;
mod record;
mod search;
mod sending;
mod stop_list;
mod tally;
mod tariffs;
mod time;
mod unsubscribe;
mod walk;
mod world;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{Channel, MessageStatus, ReferenceId};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub use self::account::{Account, LedgerEntry, Movement};
pub use self::assumptions::{
    Assumptions, BarredRecipient, DryRunAnswer, KnownReference, RefusedRecipient,
};
pub use self::command::{
    Addressee, Answer, AnyChannel, Command, Outcome, Refusal, RefusalKind, Terms,
};
pub use self::contacts::{Contact, ContactCommand, ContactDraft, Contacts};
pub use self::content::{Action, Card, Content, Sms, Suggestion};
pub use self::delays::{Delay, Delays};
pub use self::dry_run::{DryRun, RcsPart, Recipients};
pub use self::effect::{Body, Callback, Effect};
pub use self::fate::{Fate, FateRule, Fates, NotAPattern, Pattern};
pub use self::find::{CampaignFilter, CampaignSearch, Filter, Found};
pub use self::history::{History, Station};
pub use self::lists::{ContactList, ContactLists, ListCommand, ListDraft, Members};
pub use self::record::{
    AccountIx, CallbackNote, CampaignIx, CampaignRecord, Delivery, Letter, MessageIx,
    MessageRecord, Said,
};
pub use self::search::{Held, Operator};
pub use self::stop_list::{StopEntry, StopList, StopListCommand};
pub use self::tally::Counts;
pub use self::tariffs::Tariff;
pub use self::time::VirtualTime;
pub use self::world::{AccountSetup, Agent, Owner, World};

use self::account::Books;
use self::guard::Guard;
use self::list::List;
use self::queue::{Event, Queue};
use self::record::Ids;

/// The platform.
#[derive(Debug)]
pub struct Engine {
    world: World,
    now: VirtualTime,
    random: ChaCha8Rng,
    books: Books,
    messages: List<MessageRecord>,
    campaigns: Vec<CampaignRecord>,
    /// All messages by status.
    counts: Counts,
    /// The first message of each reference that an account has used.
    references: HashMap<(AccountIx, ReferenceId), MessageIx>,
    /// Further ones, in a world that sends them again (A15c).
    repeated: HashMap<(AccountIx, ReferenceId), Vec<MessageIx>>,
    ids: Ids,
    guard: Guard,
    queue: Queue,
    effects: Vec<Effect>,
    /// How much has happened, so that whoever looks can tell whether something did.
    happened: u64,
}

impl Engine {
    /// A platform at its start.
    pub fn new(world: World, seed: u64, start: VirtualTime) -> Self {
        Self {
            books: Books::new(&world.accounts),
            world,
            now: start,
            random: ChaCha8Rng::seed_from_u64(seed),
            messages: List::default(),
            campaigns: Vec::new(),
            counts: Counts::default(),
            references: HashMap::new(),
            repeated: HashMap::new(),
            ids: Ids::default(),
            guard: Guard::default(),
            queue: Queue::default(),
            effects: Vec::new(),
            happened: 0,
        }
    }

    /// A number that grows whenever something happens by itself.
    pub fn happened(&self) -> u64 {
        self.happened
    }

    /// What time it is.
    pub fn now(&self) -> VirtualTime {
        self.now
    }

    /// What was given at the start.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// When something happens next by itself.
    pub fn next_event_at(&self) -> Option<VirtualTime> {
        self.queue.next_at()
    }

    /// Lets time pass until `now`, and everything happen that happens until then.
    pub fn advance_to(&mut self, now: VirtualTime) {
        while !self.run_until(now, usize::MAX) {}
    }

    /// Lets time pass until `now`, or until so many effects wait to be taken; says whether it is `now`.
    #[must_use = "if it is not, effects are to be taken first"]
    pub fn run_until(&mut self, now: VirtualTime, effects: usize) -> bool {
        while self.effects.len() < effects {
            let Some((at, event)) = self.queue.pop_until(now) else {
                // Time does not go back.
                self.now = self.now.max(now);
                return true;
            };
            self.now = self.now.max(at);
            self.happen(event);
        }
        false
    }

    /// Carries out a command at `now`, after everything that happens until then.
    pub fn handle(&mut self, command: Command, now: VirtualTime) -> Answer {
        self.advance_to(now);
        match command {
            Command::SendOne { account, fingerprint, to, terms } => {
                self.send_one(account, fingerprint, to, *terms)
            }
            Command::SendCampaign { account, fingerprint, to, terms, start_at } => {
                self.send_campaign(account, fingerprint, to, *terms, start_at)
            }
            Command::SendToLists { account, fingerprint, lists, terms, start_at } => {
                self.send_to_lists(account, fingerprint, &lists, *terms, start_at)
            }
            Command::DryRun(account, run) => self.dry_run(account, *run),
            Command::StopList(account, command) => self.stop_list(account, command),
            Command::Contacts(account, command) => self.contacts(account, command),
            Command::Lists(account, command) => self.lists(account, command),
            Command::Stop { account, campaign } => self.stop(account, campaign),
            Command::Pause(campaign) => self.pause_by_hand(campaign),
            Command::Resume(campaign) => self.resume(campaign),
            Command::TopUp(account, amount) => {
                if self.books.top_up(account, amount, self.now) {
                    Ok(Outcome::Done)
                } else {
                    let sentence = "The amount is more than an account can hold.";
                    Err(Refusal::because(RefusalKind::Invalid, sentence))
                }
            }
            Command::SetCallbackUrl(account, url) => {
                self.books.get_mut(account).callback_url = url;
                Ok(Outcome::Done)
            }
            Command::Click { message, card, suggestion } => {
                self.click_by_hand(message, card, suggestion)
            }
        }
    }

    /// What is to be done outside, oldest first.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Notes what became of a callback.
    pub fn settle_callback(&mut self, message: MessageIx, note: u16, how: Delivery, attempts: u16) {
        let record = self.messages.get_mut(message.at());
        if let Some(note) = record.and_then(|record| record.callbacks.get_mut(usize::from(note))) {
            note.delivery = how;
            note.attempts = attempts;
        }
    }

    /// Holds a callback back: it comes again as an effect, `by` later than it was told.
    pub fn postpone_callback(&mut self, message: MessageIx, note: u16, by: Duration) {
        let record = self.messages.get(message.at());
        if let Some(noted) = record.and_then(|record| record.callbacks.get(usize::from(note))) {
            self.queue.plan(noted.at.plus(by), Event::Emit(message, note));
        }
    }

    fn happen(&mut self, event: Event) {
        self.happened += 1;
        match event {
            Event::Moderated(campaign) => self.moderated(campaign),
            Event::Start(campaign) => self.start(campaign),
            Event::Pump(campaign, pump) => self.pump(campaign, pump),
            Event::Step(message) => self.step(message),
            Event::Emit(message, note) => self.emit(message, note),
        }
    }

    /// A number of milliseconds between two, both included.
    fn random_between(&mut self, least: u32, most: u32) -> u32 {
        let span = most.saturating_sub(least).saturating_add(1).max(1);
        least.saturating_add(self.random.next_u32() % span)
    }

    /// Puts a message into the list.
    fn add_message(&mut self, record: MessageRecord) -> MessageIx {
        let ix = MessageIx::from_index(self.messages.len());
        // The SMS of an alternative channel shares its message's reference and is found through it.
        if let Some(reference) = record.reference.filter(|_| record.origin.is_none()) {
            let key = (record.account, reference);
            let first = *self.references.entry(key).or_insert(ix);
            if first != ix {
                self.repeated.entry(key).or_default().push(ix);
            }
        }
        self.books.get_mut(record.account).messages.push(ix);
        self.count_new(ix, &record);
        self.messages.push(record);
        ix
    }

    /// A message of a request, at the beginning of its way.
    fn new_message(
        &self,
        account: AccountIx,
        campaign: Option<CampaignIx>,
        to: Addressee,
        letter: &Arc<Letter>,
        status: MessageStatus,
    ) -> MessageRecord {
        let barred = !self.agent(&letter.sender).is_some_and(|agent| agent.reaches(to.number));
        MessageRecord {
            account,
            campaign,
            phone: to.number,
            reference: to.reference,
            channel: Channel::Rcs,
            letter: letter.clone(),
            fate: if barred { Fate::Barred } else { self.world.fates.of(to.number) },
            step: 0,
            price: self.price(to.number, letter),
            reservation: None,
            fallback: None,
            origin: None,
            history: History::begin(status, self.now),
            callbacks: Vec::new(),
        }
    }
}
