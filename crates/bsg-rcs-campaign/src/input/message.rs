//! The message file, TOML or JSON: the caller's words, and how a plan keeps them.

use bsg_rcs_domain::message::{
    Action, Card, CardDraft, Content, SmsDraft, Suggestion, SuggestionDraft,
};
use bsg_rcs_domain::{Message, MessageDraft};
use serde::{Deserialize, Serialize};

/// A message file as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageFile {
    /// The agent's name.
    pub agent: String,
    /// The text, or else `cards`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The cards, or else `text`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<CardPart>,
    /// The alternative channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<SmsPart>,
    /// `24h`, `45m` or `90s`; the platform's default is 72 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<String>,
    /// Whether numbers on the stop list are passed over; on unless said otherwise.
    #[serde(default = "on")]
    pub check_stop_list: bool,
    /// Whether the platform keeps the recipients as contacts; off unless said otherwise.
    #[serde(default)]
    pub add_to_contact_book: bool,
    /// The tariff's code, if not the account's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tariff_code: Option<i64>,
}

/// `[[cards]]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardPart {
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The url of a picture or video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// The buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<SuggestionPart>,
}

/// `[[cards.suggestions]]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuggestionPart {
    /// What the button says.
    pub text: String,
    /// Where it leads, or else `phone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whom it calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What a click callback echoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postback: Option<String>,
}

/// `[sms]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsPart {
    /// Who the SMS is from.
    pub sender: String,
    /// What it says.
    pub text: String,
    /// How long it may wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<String>,
    /// Whether numbers on the stop list for SMS are passed over.
    #[serde(default = "on")]
    pub check_stop_list: bool,
}

const fn on() -> bool {
    true
}

impl MessageFile {
    /// The words as a draft, to be checked. Line ends are made alike: a CR is paid for in an SMS,
    /// and an editor that saved it there is not seen.
    pub fn into_draft(self) -> MessageDraft {
        MessageDraft {
            agent: self.agent,
            text: self.text.map(unix_lines),
            cards: self.cards.into_iter().map(card_draft).collect(),
            sms: self.sms.map(|sms| SmsDraft {
                sender: sms.sender,
                text: unix_lines(sms.text),
                validity: sms.validity,
                check_stop_list: sms.check_stop_list,
            }),
            validity: self.validity,
            check_stop_list: self.check_stop_list,
            add_to_contact_book: self.add_to_contact_book,
            tariff_code: self.tariff_code,
        }
    }
}

/// A text whose lines end in LF alone.
fn unix_lines(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

fn card_draft(card: CardPart) -> CardDraft {
    let suggestion = |part: SuggestionPart| SuggestionDraft {
        text: part.text,
        url: part.url,
        phone: part.phone,
        postback: part.postback,
    };
    CardDraft {
        title: card.title.map(unix_lines),
        text: card.text.map(unix_lines),
        media: card.media,
        suggestions: card.suggestions.into_iter().map(suggestion).collect(),
    }
}

/// The same message as words again: what a plan keeps.
impl From<&Message> for MessageFile {
    fn from(message: &Message) -> Self {
        let (text, cards) = match message.content() {
            Content::Text(text) => (Some(text.clone()), Vec::new()),
            Content::Cards(cards) => (None, cards.iter().map(card_part).collect()),
        };
        Self {
            agent: message.agent().to_owned(),
            text,
            cards,
            sms: message.sms().map(|sms| SmsPart {
                sender: sms.sender().to_owned(),
                text: sms.text().to_owned(),
                validity: sms.validity().map(|validity| validity.to_string()),
                check_stop_list: sms.check_stop_list(),
            }),
            validity: message.validity().map(|validity| validity.to_string()),
            check_stop_list: message.check_stop_list(),
            add_to_contact_book: message.add_to_contact_book(),
            tariff_code: message.tariff_code(),
        }
    }
}

fn card_part(card: &Card) -> CardPart {
    CardPart {
        title: card.title().map(str::to_owned),
        text: card.text().map(str::to_owned),
        media: card.media().map(str::to_owned),
        suggestions: card.suggestions().iter().map(suggestion_part).collect(),
    }
}

fn suggestion_part(suggestion: &Suggestion) -> SuggestionPart {
    let (url, phone) = match suggestion.action() {
        Action::Link(url) => (Some(url.clone()), None),
        Action::Call(number) => (None, Some(number.digits().to_string())),
    };
    SuggestionPart {
        text: suggestion.text().to_owned(),
        url,
        phone,
        postback: suggestion.postback().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P5: a file that was saved with CRLF.
    #[test]
    fn line_ends_are_made_alike() {
        let text = format!("{}\\r\\n{}", "a".repeat(79), "b".repeat(80));
        let file = format!(
            r#"{{"agent": "a", "cards": [{{"title": "x\ry", "text": "{text}"}}],
                "sms": {{"sender": "abc", "text": "{text}"}}}}"#
        );
        let draft = serde_json::from_str::<MessageFile>(&file).unwrap().into_draft();
        let sms = draft.sms.clone().unwrap().text;
        assert_eq!(sms, format!("{}\n{}", "a".repeat(79), "b".repeat(80)));
        assert_eq!(draft.cards[0].title.as_deref(), Some("x\ny"));
        assert_eq!(draft.cards[0].text.as_deref(), Some(sms.as_str()));
        let checked = draft.check().unwrap();
        assert_eq!(checked.value.sms().map(|sms| sms.parts()), Some(1));
    }
}
