//! Dry runs of the universal sends: judged as the RCS sends are, and then nothing happens. Nothing is sent or set
//! aside, and the duplicate guard hears nothing of it.

use bsg_rcs_domain::{Amount, MessageType, Msisdn};

use crate::api::dry_run::{DryRun, RcsPart, Recipients};
use crate::api::outcome::{Answer, Outcome, Refusal};
use crate::model::channel::AnyChannel;
use crate::model::ids::AccountIx;
use crate::model::time::VirtualTime;
use crate::rules::accept::{no_funds, no_recipient};
use crate::rules::validate::Place;
use crate::state::Engine;

impl Engine {
    /// Judges a universal send and does nothing else.
    pub(crate) fn dry_run(&self, account: AccountIx, run: DryRun) -> Answer {
        let mut refusal = Refusal::invalid();
        judge_channels(&run, &mut refusal);
        let (to, place) = match &run.to {
            Recipients::One(to) => (vec![*to], Place::Phone),
            Recipients::Many(to) => (to.clone(), Place::Recipients),
            Recipients::Lists(lists) => {
                let owner = self.books.get(account);
                owner.lists.judge(lists, "recipients.groups", &mut refusal);
                (owner.members_of(lists), Place::RecipientGroups)
            }
        };
        self.judge_tariff(run.tariff_code, &mut refusal);
        if let Some(start) = run.start_at {
            self.judge_start(VirtualTime::from_civil(start), &mut refusal);
        }
        if let Some(RcsPart { agent, content }) = run.rcs() {
            self.judge_count(to.len(), place, &mut refusal);
            self.judge_agent(account, agent, "rcs.sender", &mut refusal);
            content.judge("rcs", &to, &mut refusal);
        }
        if let Some(sms) = run.sms() {
            sms.judge("sms", &mut refusal);
        }
        let agent = run.rcs().map(|rcs| rcs.agent.as_str());
        let barred = |number| self.refused_as_barred(account, agent?, run.check_stop_list, number);
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
            _ => {
                refusal.add(format!("channels[{at}]"), "Only rcs and sms are carried here.");
                None
            }
        };
        if let Some(part) = missing {
            refusal.add(part, "The field is required.");
        }
    }
}
