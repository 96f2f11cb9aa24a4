//! How messages show in `Debug`: what is said to people, and to which numbers buttons call, stays out
//! of logs. Agents, limits and lengths are there.

use core::fmt;

use super::{
    Action, Card, CardDraft, Content, MessageDraft, SmsDraft, SmsFallback, Suggestion,
    SuggestionDraft,
};

/// A text by its length: `12 characters`.
struct Hidden<'a>(&'a str);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} characters", self.0.chars().count())
    }
}

fn hidden(text: Option<&str>) -> Option<Hidden<'_>> {
    text.map(Hidden)
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.debug_tuple("Text").field(&Hidden(text)).finish(),
            Self::Cards(cards) => f.debug_tuple("Cards").field(cards).finish(),
        }
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("title", &hidden(self.title()))
            .field("text", &hidden(self.text()))
            .field("media", &hidden(self.media()))
            .field("suggestions", &self.suggestions())
            .finish()
    }
}

impl fmt::Debug for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suggestion")
            .field("text", &Hidden(self.text()))
            .field("action", self.action())
            .field("postback", &hidden(self.postback()))
            .finish()
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(url) => f.debug_tuple("Link").field(&Hidden(url)).finish(),
            Self::Call(number) => f.debug_tuple("Call").field(number).finish(),
        }
    }
}

impl fmt::Debug for SmsFallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsFallback")
            .field("sender", &self.sender())
            .field("text", &Hidden(self.text()))
            .field("validity", &self.validity())
            .field("check_stop_list", &self.check_stop_list())
            .finish()
    }
}

impl fmt::Debug for MessageDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageDraft")
            .field("agent", &self.agent)
            .field("text", &hidden(self.text.as_deref()))
            .field("cards", &self.cards)
            .field("sms", &self.sms)
            .field("validity", &self.validity)
            .field("check_stop_list", &self.check_stop_list)
            .field("add_to_contact_book", &self.add_to_contact_book)
            .field("tariff_code", &self.tariff_code)
            .finish()
    }
}

impl fmt::Debug for CardDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardDraft")
            .field("title", &hidden(self.title.as_deref()))
            .field("text", &hidden(self.text.as_deref()))
            .field("media", &hidden(self.media.as_deref()))
            .field("suggestions", &self.suggestions)
            .finish()
    }
}

impl fmt::Debug for SuggestionDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuggestionDraft")
            .field("text", &Hidden(&self.text))
            .field("url", &hidden(self.url.as_deref()))
            .field("phone", &hidden(self.phone.as_deref()))
            .field("postback", &hidden(self.postback.as_deref()))
            .finish()
    }
}

impl fmt::Debug for SmsDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsDraft")
            .field("sender", &self.sender)
            .field("text", &Hidden(&self.text))
            .field("validity", &self.validity)
            .field("check_stop_list", &self.check_stop_list)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;

    use super::*;

    #[test]
    fn neither_a_draft_nor_a_message_shows_what_it_says() {
        let button = SuggestionDraft {
            text: "Secret 1".into(),
            url: Some("https://secret.example/2".into()),
            postback: Some("secret-3".into()),
            ..SuggestionDraft::default()
        };
        let call = SuggestionDraft {
            text: "Secret 4".into(),
            phone: Some("+380661231231".into()),
            ..SuggestionDraft::default()
        };
        let card = CardDraft {
            title: Some("Secret 5".into()),
            text: Some("Secret 6".into()),
            media: Some("https://secret.example/7.png".into()),
            suggestions: vec![button, call],
        };
        let sms =
            SmsDraft { sender: "Bistro".into(), text: "Secret 8".into(), ..SmsDraft::default() };
        let draft = MessageDraft {
            agent: "demo_agent".into(),
            cards: vec![card],
            sms: Some(sms),
            ..MessageDraft::default()
        };
        let text = MessageDraft { text: Some("Secret 9".into()), cards: vec![], ..draft.clone() };
        for draft in [draft, text] {
            let message = draft.check().unwrap().value;
            for shown in [format!("{draft:?}"), format!("{message:?}")] {
                assert!(!shown.to_lowercase().contains("secret"), "{shown}");
                assert!(!shown.contains("661231"), "{shown}");
                assert!(shown.contains("demo_agent") && shown.contains("8 characters"), "{shown}");
            }
        }
    }
}
