//! What a message says: a text or cards, and the SMS of its alternative channel.

use std::time::Duration;

use bsg_rcs_domain::{MessageType, sms};
use serde::{Deserialize, Serialize};

/// A text or cards. Where a request has both, the cards are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A plain text.
    Text(String),
    /// One card, or a carousel of several.
    Cards(Vec<Card>),
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestion {
    /// Its words.
    pub text: String,
    /// What it does.
    pub action: Action,
    /// What comes back when it is clicked.
    pub postback: Option<String>,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Opens an address.
    Link(String),
    /// Dials a number.
    Call(String),
}

/// The alternative channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// Its sender.
    pub sender: String,
    /// Its text.
    pub text: String,
    /// How long delivery may be tried.
    #[serde(with = "super::written::span")]
    pub validity: Duration,
    /// Whether a number on the SMS stop list gets none.
    pub check_stop_list: bool,
}

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
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
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
    pub(crate) fn first_suggestion(&self) -> Option<(u8, u8)> {
        let Self::Cards(cards) = self else { return None };
        let card = cards.iter().position(|card| !card.suggestions.is_empty())?;
        Some((u8::try_from(card).ok()?, 0))
    }
}

impl Sms {
    /// How many parts it is cut into.
    pub fn parts(&self) -> u16 {
        u16::try_from(sms::measure(&self.text).parts).unwrap_or(u16::MAX)
    }
}
