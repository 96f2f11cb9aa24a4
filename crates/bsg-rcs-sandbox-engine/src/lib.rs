//! The platform as a function: commands and time go in, answers and effects come out.
//!
//! No I/O, no async, no clock: time is handed in with every call, randomness is seeded and part of the state, and
//! what is to be done outside is queued as an [`Effect`]. The same commands at the same times with the same seed
//! give the same world, to the last history and ledger line.
//!
//! | folder | holds |
//! | --- | --- |
//! | `model` | the data: messages, campaigns, accounts, the world at the start, assumptions, fates, delays |
//! | `api` | what goes in and out: commands, outcomes, refusals, effects |
//! | `state` | [`Engine`] itself |
//! | `query` | looking things up; nothing changes there |
//! | `rules` | what the platform does: which sends are accepted, how campaigns and messages go on, what they cost |
//!
//! An arrow goes up in this table only. Numbers, money, statuses, prices and the ledger come from the domain; the
//! rules about messages are this crate's own, so that the client and the sandbox can prove each other.
#![forbid(unsafe_code)]

mod api;
mod model;
mod query;
mod rules;
mod state;

#[cfg(test)]
mod tests;

pub use self::api::account_data::{
    ContactCommand, ContactDraft, ContactFieldCommand, ListCommand, ListDraft, Members,
    StatJobCommand, StopListCommand,
};
pub use self::api::addressee::Addressee;
pub use self::api::command::{Command, SendOptions};
pub use self::api::dry_run::{DryRun, RcsPart, Recipients};
pub use self::api::effect::{Body, Callback, Effect};
pub use self::api::outcome::{Answer, Outcome, Refusal, RefusalKind};
pub use self::model::account::{Account, LedgerEntry, Movement};
pub use self::model::assumptions::{
    Assumptions, BarredRecipient, DryRunAnswer, KnownReference, RefusedRecipient,
};
pub use self::model::campaign::CampaignRecord;
pub use self::model::channel::AnyChannel;
pub use self::model::contact_book::{Contact, ContactBook};
pub use self::model::contact_fields::{ContactField, ContactFieldKind, ContactFields};
pub use self::model::contact_lists::{ContactList, ContactLists};
pub use self::model::content::{Action, Card, Content, Sms, Suggestion};
pub use self::model::counts::Counts;
pub use self::model::delays::{Delay, Delays};
pub use self::model::fate::{Fate, FateRule, Fates, InvalidPattern, Pattern};
pub use self::model::history::{History, Station};
pub use self::model::ids::{AccountIx, CampaignIx, FirstIds, MessageIx};
pub use self::model::message::{CallbackKind, CallbackNote, Delivery, MessageRecord, MessageSpec};
pub use self::model::stat_jobs::{StatJob, StatJobs};
pub use self::model::stop_list::{StopEntry, StopList};
pub use self::model::tariff::Tariff;
pub use self::model::time::VirtualTime;
pub use self::model::world::{AccountSetup, Agent, Owner, World};
pub use self::query::compare::{FieldValue, Operator};
pub use self::query::find::{CampaignFilter, CampaignSearch, Filter, LookupResult};
pub use self::rules::unsubscribe::unsubscribe_links_replaced;
pub use self::state::Engine;

use self::model::event_queue::Event;

/// Events of one turn.
const EVENTS_AT_ONCE: u64 = 50_000;

impl Engine {
    /// Lets time pass until `now`, and everything happen that happens until then.
    pub fn advance_to(&mut self, now: VirtualTime) {
        while !self.run_until(now, usize::MAX) {}
    }

    /// Lets time pass until `now`, or until so many effects wait to be taken or so much has happened that others should
    /// have their turn; says whether it is `now`.
    #[must_use = "if it is not, effects are to be taken first"]
    pub fn run_until(&mut self, now: VirtualTime, effects: usize) -> bool {
        let begun = self.happened;
        while self.effects.len() < effects && self.happened - begun < EVENTS_AT_ONCE {
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
            Command::SendOne { account, fingerprint, to, options } => {
                self.send_one(account, fingerprint, to, *options)
            }
            Command::SendCampaign { account, fingerprint, to, options, start_at } => {
                self.send_campaign(account, fingerprint, to, *options, start_at)
            }
            Command::SendToLists { account, fingerprint, lists, options, start_at } => {
                self.send_to_lists(account, fingerprint, &lists, *options, start_at)
            }
            Command::DryRun(account, run) => self.dry_run(account, *run),
            Command::StopList(account, command) => self.stop_list(account, command),
            Command::Contacts(account, command) => self.contacts(account, command),
            Command::Lists(account, command) => self.lists(account, command),
            Command::Stop { account, campaign } => self.stop(account, campaign),
            Command::Renew { account, campaign } => self.renew(account, campaign),
            Command::ContactFields(account, command) => self.contact_fields(account, command),
            Command::StatJobs(account, command) => self.stat_jobs(account, command),
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
            Command::SetFunds { account, balance, credit } => {
                if self.books.set(account, balance, credit, self.now) {
                    Ok(Outcome::Done)
                } else {
                    let sentence = "The amount is more than an account can hold.";
                    Err(Refusal::because(RefusalKind::Invalid, sentence))
                }
            }
            Command::SetFates(fates) => {
                self.world.fates = fates;
                Ok(Outcome::Done)
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
}
