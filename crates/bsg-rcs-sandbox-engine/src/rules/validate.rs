//! The platform's rules about sends: agents, recipients, references, tariffs, starts.
//!
//! What a JSON schema can tell was judged before. Every fault is noted, each at its place in the request.

use std::collections::HashSet;
use std::time::Duration;

use bsg_rcs_domain::Msisdn;

use crate::api::addressee::Addressee;
use crate::api::command::SendOptions;
use crate::api::outcome::Refusal;
use crate::model::assumptions::{BarredRecipient, KnownReference, RefusedRecipient};
use crate::model::channel::AnyChannel;
use crate::model::ids::AccountIx;
use crate::model::tariff;
use crate::model::time::VirtualTime;
use crate::model::world::Owner;
use crate::state::Engine;

/// Recipients of one request.
const RECIPIENTS_MAX: usize = 5000;
/// A campaign starts on one of so many days, today counted.
const START_DAYS: i64 = 30;

/// Where a request names its recipients, and so where their faults are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// One, as `phone`.
    Phone,
    /// Many, as `phones`.
    Phones,
    /// Many, as `recipients.phones`.
    Recipients,
    /// By contact lists, as `groups`: no recipient has a place of its own.
    Groups,
    /// By contact lists, as `recipients.groups`.
    RecipientGroups,
}

impl Place {
    const fn of_all(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Phones => "phones",
            Self::Recipients => "recipients.phones",
            Self::Groups => "groups",
            Self::RecipientGroups => "recipients.groups",
        }
    }

    fn of(self, at: usize, field: &str) -> String {
        match self {
            Self::Phone => format!("phone.{field}"),
            Self::Phones | Self::Recipients => format!("{}[{at}].{field}", self.of_all()),
            Self::Groups | Self::RecipientGroups => self.of_all().into(),
        }
    }
}

impl Engine {
    /// At most so many recipients, and where lists name them, at least one.
    pub(crate) fn judge_count(&self, count: usize, place: Place, refusal: &mut Refusal) {
        if count > RECIPIENTS_MAX {
            refusal.add(place.of_all(), format!("At most {RECIPIENTS_MAX} recipients."));
        }
        if count == 0 && matches!(place, Place::Groups | Place::RecipientGroups) {
            refusal.add(place.of_all(), "The groups have no contacts.");
        }
    }

    pub(crate) fn judge_options(
        &self,
        account: AccountIx,
        options: &SendOptions,
        to: &[Addressee],
        refusal: &mut Refusal,
    ) {
        self.judge_agent(account, &options.agent, "sender", refusal);
        self.judge_tariff(options.tariff_code, refusal);
        options.content.judge("options", to, refusal);
        if let Some(sms) = &options.sms {
            sms.judge("alternative_channel.sms", refusal);
        }
    }

    pub(crate) fn judge_tariff(&self, code: Option<i64>, refusal: &mut Refusal) {
        let of_tariff = |code| tariff::fault(&self.world.tariffs, code);
        if let Some(sentence) = code.and_then(of_tariff) {
            refusal.headline("tariff_code", sentence);
        }
    }

    pub(crate) fn judge_agent(
        &self,
        account: AccountIx,
        name: &str,
        place: &str,
        refusal: &mut Refusal,
    ) {
        let account = self.books.get(account);
        let in_test_mode = account.verified.is_some();
        let agent = self.agent(name).filter(|agent| match &agent.owner {
            Owner::Platform => in_test_mode,
            Owner::Account(key) => *key == account.key && !in_test_mode,
        });
        match agent {
            None if in_test_mode => {
                refusal.add(place, "In test mode only the platform's test agent may send.");
            }
            None => refusal.add(place, "The agent is not registered for this account."),
            Some(agent) if !agent.active => refusal.add(place, "The agent is not active yet."),
            Some(_) => {}
        }
    }

    /// A14, and the thirty days.
    pub(crate) fn judge_start(&self, start: VirtualTime, refusal: &mut Refusal) {
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
    pub(crate) fn judge_recipients(
        &self,
        account: AccountIx,
        to: Vec<Addressee>,
        place: Place,
        barred: impl Fn(Msisdn) -> Option<&'static str>,
        refusal: &mut Refusal,
    ) -> Vec<Addressee> {
        let assumed = &self.world.assumptions;
        let mut numbers = HashSet::with_capacity(to.len());
        let mut references = HashSet::with_capacity(to.len());
        let mut taken = Vec::with_capacity(to.len());
        for (at, addressee) in to.into_iter().enumerate() {
            if !numbers.insert(addressee.number) && assumed.repeated_number_refused {
                let sentence = "The number is repeated in this request.";
                refusal.add(place.of(at, "number"), sentence);
            }
            let again = addressee.reference.is_some_and(|reference| {
                !references.insert(reference) || self.references.contains_key(&(account, reference))
            });
            match assumed.known_reference {
                KnownReference::RefuseRequest if again => {
                    let sentence = "The reference_id is known already.";
                    refusal.add(place.of(at, "reference_id"), sentence);
                }
                KnownReference::RejectMessage if again => continue,
                _ => {}
            }
            let unverified = self
                .is_unverified(account, addressee.number)
                .then_some("In test mode only verified contacts may be sent to.");
            if let Some(sentence) = unverified.or_else(|| barred(addressee.number)) {
                if assumed.refused_recipient == RefusedRecipient::LeaveOut {
                    continue;
                }
                refusal.add(place.of(at, "number"), sentence);
            }
            taken.push(addressee);
        }
        taken
    }

    /// A19, the negation: why a recipient that may not be sent to is refused at once.
    pub(crate) fn refused_as_barred(
        &self,
        account: AccountIx,
        agent: &str,
        check_stop_list: bool,
        number: Msisdn,
    ) -> Option<&'static str> {
        if self.world.assumptions.barred_recipient == BarredRecipient::Fails {
            return None;
        }
        let stops = |channel| self.books.get(account).stop_list.stops(number, channel);
        if self.agent(agent).is_some_and(|agent| !agent.reaches(number)) {
            Some("The agent does not send to this number's country.")
        } else if check_stop_list && stops(AnyChannel::Rcs) {
            Some("The number is on the stop list.")
        } else {
            None
        }
    }

    pub(crate) fn is_unverified(&self, account: AccountIx, number: Msisdn) -> bool {
        let verified = self.books.get(account).verified.as_ref();
        verified.is_some_and(|verified| !verified.contains(&number))
    }
}
