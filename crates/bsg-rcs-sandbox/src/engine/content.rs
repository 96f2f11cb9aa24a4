//! What a message says, and the platform's rules about it that a JSON schema cannot tell.
//!
//! These are written from the contract and share nothing with the client's own checks, so that each can prove
//! the other. Lengths and counts that the schema knows are judged before, by the schema.

use std::time::Duration;

use bsg_rcs_domain::{Country, MessageType, Msisdn, sms};

use super::command::{Addressee, Refusal};

/// A text or cards. Where a request has both, the cards are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A plain text.
    Text(String),
    /// One card, or a carousel of several.
    Cards(Vec<Card>),
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// Its heading.
    pub title: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// The address of its picture or video.
    pub media: Option<String>,
    /// Its buttons.
    pub suggestions: Vec<Suggestion>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Its words.
    pub text: String,
    /// What it does.
    pub action: Action,
    /// What comes back when it is clicked.
    pub postback: Option<String>,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Opens an address.
    Link(String),
    /// Dials a number.
    Call(String),
}

/// The alternative channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    /// Its sender.
    pub sender: String,
    /// Its text.
    pub text: String,
    /// How long delivery may be tried.
    pub validity: Duration,
    /// Whether a number on the SMS stop list gets none.
    pub check_stop_list: bool,
}

/// UTF-16 units of a plain text, by the prose.
const TEXT_UNITS: usize = 160;
/// Parts of an SMS.
const SMS_PARTS: usize = 5;

impl Content {
    /// What a message of it is paid as.
    pub fn kind(&self) -> MessageType {
        match self {
            Self::Text(_) => MessageType::Text,
            Self::Cards(cards) if cards.len() > 1 => MessageType::Carousel,
            Self::Cards(_) => MessageType::Card,
        }
    }

    /// The plain text, or the first text of a card.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Cards(cards) => cards.iter().find_map(|card| card.text.as_deref()),
        }
    }

    /// Every text of it: of buttons too.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let (plain, cards): (_, &[Card]) = match self {
            Self::Text(text) => (Some(text.as_str()), &[]),
            Self::Cards(cards) => (None, cards),
        };
        let of_cards = cards.iter().flat_map(|card| {
            let buttons = card.suggestions.iter().map(|button| button.text.as_str());
            card.title.as_deref().into_iter().chain(card.text.as_deref()).chain(buttons)
        });
        plain.into_iter().chain(of_cards)
    }

    /// A button by its place.
    pub fn suggestion(&self, card: usize, suggestion: usize) -> Option<&Suggestion> {
        match self {
            Self::Text(_) => None,
            Self::Cards(cards) => cards.get(card)?.suggestions.get(suggestion),
        }
    }

    /// The place of the first button, if there is one.
    pub(super) fn first_suggestion(&self) -> Option<(u8, u8)> {
        let Self::Cards(cards) = self else { return None };
        let card = cards.iter().position(|card| !card.suggestions.is_empty())?;
        Some((u8::try_from(card).ok()?, 0))
    }

    /// Notes what the platform does not take; the content stands at `root` in the request.
    pub(super) fn judge(&self, root: &str, to: &[Addressee], refusal: &mut Refusal) {
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

impl Sms {
    /// How many parts it is cut into.
    pub fn parts(&self) -> u16 {
        u16::try_from(sms::measure(&self.text).parts).unwrap_or(u16::MAX)
    }

    /// Notes what the platform does not take; the SMS stands at `root` in the request.
    pub(super) fn judge(&self, root: &str, refusal: &mut Refusal) {
        let parts = usize::from(self.parts());
        if parts > SMS_PARTS {
            refusal.add(
                format!("{root}.text"),
                format!("The text takes {parts} parts and may take {SMS_PARTS}."),
            );
        }
    }
}
