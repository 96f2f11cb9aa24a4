//! The platform's rules about contents that a JSON schema cannot tell.
//!
//! They are written from the contract and share nothing with the client's own checks, so that each can prove
//! the other. Lengths and counts that the schema knows are judged before, by the schema.

use bsg_rcs_domain::{Country, Msisdn};

use crate::api::addressee::Addressee;
use crate::api::outcome::Refusal;
use crate::model::content::{Action, Card, Content, Sms};

/// UTF-16 units of a plain text, by the prose.
const TEXT_UNITS: usize = 160;
/// Parts of an SMS.
const SMS_PARTS: usize = 5;

/// A call button in a message to Ukraine dials a Ukrainian number.
fn judge_calls(root: &str, cards: &[Card], refusal: &mut Refusal) {
    let ukrainian = |phone: &str| {
        let number = phone.parse().ok().and_then(|digits| Msisdn::from_u64(digits).ok());
        number.is_some_and(is_ukrainian)
    };
    for (c, card) in cards.iter().enumerate() {
        for (s, suggestion) in card.suggestions.iter().enumerate() {
            if let Action::Call(phone) = &suggestion.action
                && !ukrainian(phone)
            {
                refusal.add(
                    format!("{root}.cards[{c}].suggestions[{s}].phone"),
                    "A call button in messages to Ukraine needs a Ukrainian number.",
                );
            }
        }
    }
}

fn is_ukrainian(number: Msisdn) -> bool {
    Country::of(number).is_some_and(|country| country.as_str() == "UA")
}

impl Content {
    /// Notes what the platform does not take; the content stands at `root` in the request.
    pub(crate) fn judge(&self, root: &str, to: &[Addressee], refusal: &mut Refusal) {
        match self {
            Self::Text(text) => {
                let units = text.encode_utf16().count();
                if units > TEXT_UNITS {
                    refusal.add(
                        format!("{root}.text"),
                        format!("The text has {units} characters and may have {TEXT_UNITS}."),
                    );
                }
            }
            Self::Cards(cards) if to.iter().any(|to| is_ukrainian(to.number)) => {
                judge_calls(root, cards, refusal);
            }
            Self::Cards(_) => {}
        }
    }
}

impl Sms {
    /// Notes what the platform does not take; the SMS stands at `root` in the request.
    pub(crate) fn judge(&self, root: &str, refusal: &mut Refusal) {
        let parts = usize::from(self.parts());
        if parts > SMS_PARTS {
            refusal.add(
                format!("{root}.text"),
                format!("The text takes {parts} parts and may take {SMS_PARTS}."),
            );
        }
    }
}
