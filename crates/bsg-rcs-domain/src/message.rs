//! Messages: what is said, apart from whom it is said to.
//!
//! A [`MessageDraft`] holds the caller's words and can be wrong in every way; checking it finds
//! every fault at once and makes a [`Message`], which cannot be wrong.

mod check;
mod debug;
mod draft;
mod media;
mod placeholder;
mod schedule;
mod ukraine;
pub mod unsubscribe;
mod url;
mod validity;

use alloc::string::String;
use alloc::vec::Vec;

pub use draft::{CardDraft, MessageDraft, SmsDraft, SuggestionDraft};
pub use media::Media;
pub use schedule::{NotAStart, StartAt};
pub use url::{CallbackUrl, NotACallbackUrl};
pub use validity::{NotAValidity, Validity};

use crate::fault::{Checked, Faults};
use crate::tariff::MessageType;

/// A message that every hard limit of the platform allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    agent: String,
    content: Content,
    sms: Option<SmsFallback>,
    validity: Option<Validity>,
    check_stop_list: bool,
    add_to_contact_book: bool,
    tariff_code: Option<i64>,
}

/// What a message shows: a text or cards, never both.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// 1 to 160 UTF-16 units; a text has no suggestions.
    Text(String),
    /// 1 card is a single card, 2 to 10 are a carousel.
    Cards(Vec<Card>),
}

/// One card: a text or media at least.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    pub(crate) title: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) media: Option<String>,
    pub(crate) suggestions: Vec<Suggestion>,
}

impl Card {
    /// The title, at most 200 UTF-16 units.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The text, 1 to 1000 UTF-16 units.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The url of a picture or video.
    pub fn media(&self) -> Option<&str> {
        self.media.as_deref()
    }

    /// The buttons, at most 4.
    pub fn suggestions(&self) -> &[Suggestion] {
        &self.suggestions
    }
}

/// A button on a card.
#[derive(Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub(crate) text: String,
    pub(crate) action: Action,
    pub(crate) postback: Option<String>,
}

impl Suggestion {
    /// What the button says, 1 to 25 UTF-16 units.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it does.
    pub const fn action(&self) -> &Action {
        &self.action
    }

    /// What a click callback echoes, 1 to 25 UTF-16 units.
    pub fn postback(&self) -> Option<&str> {
        self.postback.as_deref()
    }
}

/// What a button does.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    /// Opens a url.
    Link(String),
    /// Calls a number.
    Call(crate::msisdn::Msisdn),
}

/// The alternative channel: an SMS where RCS cannot be delivered or its validity ran out.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsFallback {
    pub(crate) sender: String,
    pub(crate) text: String,
    pub(crate) validity: Option<Validity>,
    pub(crate) check_stop_list: bool,
}

impl SmsFallback {
    /// Who the SMS is from.
    pub fn sender(&self) -> &str {
        &self.sender
    }

    /// What it says: at most 5 parts.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How long it may wait for its handset.
    pub const fn validity(&self) -> Option<Validity> {
        self.validity
    }

    /// Whether numbers on the stop list for SMS are passed over.
    pub const fn check_stop_list(&self) -> bool {
        self.check_stop_list
    }

    /// How many parts are paid for.
    pub fn parts(&self) -> usize {
        crate::sms::measure(&self.text).parts
    }
}

impl Message {
    /// A text from an agent, with our defaults for the rest: the stop list is checked, the contact
    /// book is left alone.
    ///
    /// ```
    /// use bsg_rcs_domain::Message;
    ///
    /// let message = Message::text("demo_agent", "Your table is ready.")?;
    /// assert_eq!(message.agent(), "demo_agent");
    /// assert!(Message::text("demo_agent", "").is_err());
    /// # Ok::<(), bsg_rcs_domain::Faults>(())
    /// ```
    ///
    /// # Errors
    /// Every fault: `AGENT-LEN`, `RCS-TEXT-LEN`.
    pub fn text(agent: &str, text: &str) -> Result<Self, Faults> {
        let draft = MessageDraft {
            agent: agent.into(),
            text: Some(text.into()),
            ..MessageDraft::default()
        };
        draft.check().map(|checked| checked.value)
    }

    /// The agent that it comes from, 1 to 40 characters.
    pub fn agent(&self) -> &str {
        &self.agent
    }

    /// What it shows.
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// The alternative channel.
    pub const fn sms(&self) -> Option<&SmsFallback> {
        self.sms.as_ref()
    }

    /// How long it may wait for its handset; the platform's default is 72 hours.
    pub const fn validity(&self) -> Option<Validity> {
        self.validity
    }

    /// Whether numbers on the stop list are passed over.
    pub const fn check_stop_list(&self) -> bool {
        self.check_stop_list
    }

    /// Whether the platform keeps the recipients as contacts.
    pub const fn add_to_contact_book(&self) -> bool {
        self.add_to_contact_book
    }

    /// The code of the tariff to use, if not the account's default.
    pub const fn tariff_code(&self) -> Option<i64> {
        self.tariff_code
    }

    /// What it is priced as (assumption A2).
    pub const fn message_type(&self) -> MessageType {
        match &self.content {
            Content::Text(_) => MessageType::Text,
            Content::Cards(cards) if cards.len() == 1 => MessageType::Card,
            Content::Cards(_) => MessageType::Carousel,
        }
    }
}

impl MessageDraft {
    /// Checks every part and finds every fault at once.
    ///
    /// # Errors
    /// All faults, warnings among them, if one refuses.
    pub fn check(&self) -> Result<Checked<Message>, Faults> {
        check::message(self)
    }
}
