//! Dry runs of the universal sends: judged as the RCS sends are, and then nothing happens. Nothing is sent, nothing is
//! set aside, and the duplicate guard hears nothing of it.

use bsg_rcs_domain::{Amount, MessageType, Msisdn};

use super::Engine;
use super::command::{Addressee, Answer, AnyChannel, Outcome, Refusal};
use super::content::{Content, Sms};
use super::intake::{no_funds, no_recipient};
use super::judge::Place;
use super::record::AccountIx;

/// What a universal send says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// To whom.
    pub to: Recipients,
    /// The channels, in the order in which they are tried.
    pub channels: Vec<AnyChannel>,
    /// The RCS part.
    pub rcs: Option<RcsPart>,
    /// The SMS part.
    pub sms: Option<Sms>,
}

/// The recipients of a universal send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    /// Of a single message.
    One(Addressee),
    /// Of a campaign.
    Many(Vec<Addressee>),
}

/// The RCS part of a universal send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RcsPart {
    /// The agent's name.
    pub agent: String,
    /// What the message says.
    pub content: Content,
}

impl DryRun {
    /// The RCS part, if that channel is named.
    fn rcs(&self) -> Option<&RcsPart> {
        self.rcs.as_ref().filter(|_| self.channels.contains(&AnyChannel::Rcs))
    }

    /// The SMS part, if that channel is named.
    fn sms(&self) -> Option<&Sms> {
        self.sms.as_ref().filter(|_| self.channels.contains(&AnyChannel::Sms))
    }
}

impl Engine {
    /// Judges a universal send and does nothing else.
    pub(super) fn dry_run(&self, account: AccountIx, run: DryRun) -> Answer {
        let mut refusal = Refusal::invalid();
        judge_channels(&run, &mut refusal);
        let (to, place) = match &run.to {
            Recipients::One(to) => (vec![*to], Place::Phone),
            Recipients::Many(to) => (to.clone(), Place::Recipients),
        };
        if let Some(RcsPart { agent, content }) = run.rcs() {
            self.judge_count(to.len(), place, &mut refusal);
            self.judge_agent(account, agent, "rcs.sender", &mut refusal);
            content.judge("rcs", &to, &mut refusal);
        }
        if let Some(sms) = run.sms() {
            sms.judge("sms", &mut refusal);
        }
        let agent = run.rcs().map(|rcs| rcs.agent.as_str());
        let barred = |number| self.refused_as_barred(account, agent?, true, number);
        let taken = self.judge_recipients(account, to, place, barred, &mut refusal);
        refusal.unless_empty()?;
        let first = taken.first().ok_or_else(no_recipient)?;
        let price = self.price_of_first_channel(first.number, &run);
        if place == Place::Phone && price > self.books.get(account).ledger.available() {
            return Err(no_funds());
        }
        Ok(Outcome::Done)
    }

    fn price_of_first_channel(&self, number: Msisdn, run: &DryRun) -> Amount {
        match (run.rcs(), run.sms()) {
            (Some(rcs), _) => self.price_of(number, rcs.content.kind(), 1),
            (None, Some(sms)) => self.price_of(number, MessageType::Sms, sms.parts()),
            (None, None) => Amount::ZERO,
        }
    }
}

/// Each channel once, only those that are carried here, and each with its part.
fn judge_channels(run: &DryRun, refusal: &mut Refusal) {
    for (at, channel) in run.channels.iter().enumerate() {
        if run.channels.iter().take(at).any(|earlier| earlier == channel) {
            refusal.add(format!("channels[{at}]"), "The channel is repeated.");
        }
        let missing = match channel {
            AnyChannel::Rcs => run.rcs.is_none().then_some("rcs"),
            AnyChannel::Sms => run.sms.is_none().then_some("sms"),
            AnyChannel::Viber | AnyChannel::Whatsapp => {
                refusal.add(format!("channels[{at}]"), "Only rcs and sms are carried here.");
                None
            }
        };
        if let Some(part) = missing {
            refusal.add(part, "The field is required.");
        }
    }
}
