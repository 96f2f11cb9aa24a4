//! Unsubscribe links: `http://nosms.cc/XXXX` in a text or behind a button becomes the recipient's
//! personal link; a click on such a button puts the number on the RCS stop list.

use super::{Action, Content, Message};

/// The platform's host of unsubscribe links.
const HOST: &str = "nosms.cc";

/// Whether a text or url holds an unsubscribe link.
///
/// ```
/// use bsg_rcs_domain::message::unsubscribe;
///
/// assert!(unsubscribe::is_in("Stop: http://nosms.cc/XXXX"));
/// assert!(!unsubscribe::is_in("Stop: https://nosms.cc/XXXX"));
/// ```
pub fn is_in(text: &str) -> bool {
    mentions(text).any(|is_link| is_link)
}

/// Whether a text or url names the host without linking to it, as with `https` or without a code.
pub(super) fn is_misspelt(text: &str) -> bool {
    mentions(text).any(|is_link| !is_link)
}

/// For each mention of the host, in any case, whether it is an unsubscribe link.
fn mentions(text: &str) -> impl Iterator<Item = bool> {
    let starts = text.char_indices().map(|(at, _)| at);
    starts.filter_map(move |at| {
        let (before, rest) = text.split_at_checked(at)?;
        let (host, behind) = rest.split_at_checked(HOST.len())?;
        let code = behind.strip_prefix('/').and_then(|code| code.bytes().next());
        host.eq_ignore_ascii_case(HOST).then(|| {
            before.ends_with("http://") && code.is_some_and(|byte| byte.is_ascii_alphanumeric())
        })
    })
}

impl Message {
    /// Whether the recipient can unsubscribe: a text, a card's text or a link button has the link.
    pub fn unsubscribes(&self) -> bool {
        match self.content() {
            Content::Text(text) => is_in(text),
            Content::Cards(cards) => cards.iter().any(|card| {
                let button = |action: &Action| matches!(action, Action::Link(url) if is_in(url));
                card.text().is_some_and(is_in)
                    || card.suggestions().iter().any(|button_of| button(button_of.action()))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{CardDraft, MessageDraft, SuggestionDraft};
    use alloc::vec;

    #[test]
    fn a_link_is_told_from_a_mention() {
        for (text, is_link, misspelt) in [
            ("Stop: http://nosms.cc/XXXX.", true, false),
            ("http://nosms.cc/1", true, false),
            ("http://nosms.cc/", false, true),
            ("http://nosms.cc", false, true),
            ("nosms.cc/XXXX", false, true),
            ("https://nosms.cc/XXXX", false, true),
            ("http://NOSMS.cc/XXXX", true, false),
            ("http://nosms.cc/a or nosms.cc", true, true),
            ("ünosms", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_in(text), is_misspelt(text)), (is_link, misspelt), "{text}");
        }
    }

    #[test]
    fn a_message_unsubscribes_by_its_text_or_a_button() {
        let link = "http://nosms.cc/XXXX";
        assert!(Message::text("a", link).unwrap().unsubscribes());
        assert!(!Message::text("a", "b").unwrap().unsubscribes());
        let button = |url: &str| SuggestionDraft {
            text: "Stop".into(),
            url: Some(url.into()),
            ..SuggestionDraft::default()
        };
        for (text, url, unsubscribes) in [
            ("a", link, true),
            (link, "https://example.com", true),
            ("a", "https://example.com", false),
        ] {
            let suggestions = vec![button(url)];
            let card = CardDraft { text: Some(text.into()), suggestions, ..CardDraft::default() };
            let draft =
                MessageDraft { agent: "a".into(), cards: vec![card], ..MessageDraft::default() };
            assert_eq!(draft.check().unwrap().value.unsubscribes(), unsubscribes, "{text} {url}");
        }
    }
}
