//! The caller's words for a message, before they are checked: as fields to set, or step by step.

use alloc::string::String;
use alloc::vec::Vec;

use super::Message;
use crate::fault::Faults;

/// A message as it was written down.
#[derive(Clone, PartialEq, Eq)]
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
#[derive(Clone, PartialEq, Eq, Default)]
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
#[derive(Clone, PartialEq, Eq, Default)]
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
#[derive(Clone, PartialEq, Eq)]
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

impl MessageDraft {
    /// A message of this agent, which still needs a text or cards.
    ///
    /// ```
    /// use bsg_rcs_domain::MessageDraft;
    /// use bsg_rcs_domain::message::CardDraft;
    ///
    /// let card = CardDraft::default()
    ///     .with_title("Menu")
    ///     .with_text("Today's three.")
    ///     .with_media("https://example.com/menu.jpg")
    ///     .with_link("Book", "https://example.com/book")
    ///     .with_call("Call us", "+380 66 123 12 31");
    /// let message = MessageDraft::of_agent("demo_agent")
    ///     .with_card(card)
    ///     .with_sms("Bistro", "Your table is ready.")
    ///     .valid_for("45m")
    ///     .build()?;
    /// assert_eq!(message.sms().map(|sms| sms.parts()), Some(1));
    /// # Ok::<(), bsg_rcs_domain::Faults>(())
    /// ```
    #[must_use]
    pub fn of_agent(agent: impl Into<String>) -> Self {
        Self { agent: agent.into(), ..Self::default() }
    }

    /// The text, in place of cards.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// One more card: one is a single card, 2 to 10 are a carousel.
    #[must_use]
    pub fn with_card(mut self, card: CardDraft) -> Self {
        self.cards.push(card);
        self
    }

    /// An SMS where RCS cannot be delivered or its validity ran out.
    #[must_use]
    pub fn with_sms(self, sender: impl Into<String>, text: impl Into<String>) -> Self {
        let sms = SmsDraft { sender: sender.into(), text: text.into(), ..SmsDraft::default() };
        Self { sms: Some(sms), ..self }
    }

    /// How long it may wait for its handset: `24h`, `45m`, `90s`.
    #[must_use]
    pub fn valid_for(mut self, validity: impl Into<String>) -> Self {
        self.validity = Some(validity.into());
        self
    }

    /// Numbers on the stop list are messaged too.
    #[must_use]
    pub fn without_stop_list_check(self) -> Self {
        Self { check_stop_list: false, ..self }
    }

    /// The platform keeps the recipients as contacts.
    #[must_use]
    pub fn keeping_contacts(self) -> Self {
        Self { add_to_contact_book: true, ..self }
    }

    /// The code of the tariff to use, in place of the account's default.
    #[must_use]
    pub fn with_tariff(self, code: i64) -> Self {
        Self { tariff_code: Some(code), ..self }
    }

    /// The message; warnings are passed over: [`check`](Self::check) tells them.
    ///
    /// # Errors
    /// All faults, warnings among them, if one refuses.
    pub fn build(&self) -> Result<Message, Faults> {
        self.check().map(|checked| checked.value)
    }
}

impl CardDraft {
    /// The title.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// The text.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// The url of a picture or video.
    #[must_use]
    pub fn with_media(mut self, url: impl Into<String>) -> Self {
        self.media = Some(url.into());
        self
    }

    /// One more button.
    #[must_use]
    pub fn with_button(mut self, button: SuggestionDraft) -> Self {
        self.suggestions.push(button);
        self
    }

    /// One more button, which opens a url.
    #[must_use]
    pub fn with_link(self, text: impl Into<String>, url: impl Into<String>) -> Self {
        let text = text.into();
        self.with_button(SuggestionDraft {
            text,
            url: Some(url.into()),
            ..SuggestionDraft::default()
        })
    }

    /// One more button, which calls a number.
    #[must_use]
    pub fn with_call(self, text: impl Into<String>, phone: impl Into<String>) -> Self {
        let (text, phone) = (text.into(), Some(phone.into()));
        self.with_button(SuggestionDraft { text, phone, ..SuggestionDraft::default() })
    }
}

impl SuggestionDraft {
    /// What a click callback echoes.
    #[must_use]
    pub fn with_postback(mut self, postback: impl Into<String>) -> Self {
        self.postback = Some(postback.into());
        self
    }
}
