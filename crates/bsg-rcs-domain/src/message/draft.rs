//! The caller's words for a message, before they are checked.

use alloc::string::String;
use alloc::vec::Vec;

/// A message as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDraft {
    /// The agent's name.
    pub agent: String,
    /// The text, or else `cards`.
    pub text: Option<String>,
    /// The cards, or else `text`.
    pub cards: Vec<CardDraft>,
    /// The alternative channel.
    pub sms: Option<SmsDraft>,
    /// How long it may wait: `24h`, `45m`, `90s`.
    pub validity: Option<String>,
    /// Whether numbers on the stop list are passed over; on unless said otherwise.
    pub check_stop_list: bool,
    /// Whether the platform keeps the recipients as contacts; off unless said otherwise (the
    /// platform's own default is on).
    pub add_to_contact_book: bool,
    /// The tariff's code, if not the account's default.
    pub tariff_code: Option<i64>,
}

impl Default for MessageDraft {
    fn default() -> Self {
        Self {
            agent: String::new(),
            text: None,
            cards: Vec::new(),
            sms: None,
            validity: None,
            check_stop_list: true,
            add_to_contact_book: false,
            tariff_code: None,
        }
    }
}

/// A card as it was written down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardDraft {
    /// The title.
    pub title: Option<String>,
    /// The text.
    pub text: Option<String>,
    /// The url of a picture or video.
    pub media: Option<String>,
    /// The buttons.
    pub suggestions: Vec<SuggestionDraft>,
}

/// A button as it was written down: a url or a phone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SuggestionDraft {
    /// What the button says.
    pub text: String,
    /// Where it leads.
    pub url: Option<String>,
    /// Whom it calls.
    pub phone: Option<String>,
    /// What a click callback echoes.
    pub postback: Option<String>,
}

/// The alternative channel as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsDraft {
    /// Who the SMS is from.
    pub sender: String,
    /// What it says.
    pub text: String,
    /// How long it may wait.
    pub validity: Option<String>,
    /// Whether numbers on the stop list for SMS are passed over; on unless said otherwise.
    pub check_stop_list: bool,
}

impl Default for SmsDraft {
    fn default() -> Self {
        Self { sender: String::new(), text: String::new(), validity: None, check_stop_list: true }
    }
}
