//! Unsubscribe links: `http://nosms.cc/XXXX` in a text or behind a button becomes the recipient's own link, and a
//! click on such a button puts the number on the RCS stop list.

use crate::model::channel::AnyChannel;
use crate::model::content::{Action, Content};
use crate::model::ids::MessageIx;
use crate::state::Engine;

/// What every unsubscribe link begins with; a code follows.
const LINK: &str = "http://nosms.cc/";

/// Whether an address, or a text, holds an unsubscribe link.
fn is_in(text: &str) -> bool {
    text.match_indices(LINK).any(|(at, link)| {
        text.get(at + link.len()..).is_some_and(|code| code.starts_with(char::is_alphanumeric))
    })
}

/// A text, in which something else stands for every unsubscribe link.
pub fn unsubscribe_links_replaced(text: &str, by: &str) -> String {
    let mut parts = text.split(LINK);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.find(|c: char| !c.is_alphanumeric()).unwrap_or(part.len());
        let (code, rest) = part.split_at(code);
        replaced.push_str(if code.is_empty() { LINK } else { by });
        replaced.push_str(rest);
    }
    replaced
}

fn unsubscribes(action: &Action) -> bool {
    matches!(action, Action::Link(url) if is_in(url))
}

impl Content {
    /// Whether the recipient can unsubscribe by it.
    fn has_unsubscribe_link(&self) -> bool {
        match self {
            Self::Text(text) => is_in(text),
            Self::Cards(cards) => cards.iter().any(|card| {
                card.text.as_deref().is_some_and(is_in)
                    || card.suggestions.iter().any(|button| unsubscribes(&button.action))
            }),
        }
    }
}

impl Engine {
    /// The link that stands in a recipient's own message in the place of every unsubscribe link, if it has any.
    pub fn unsubscribe_link(&self, ix: MessageIx) -> Option<String> {
        let has_one = self.at(ix).spec.content.has_unsubscribe_link();
        has_one.then(|| format!("{LINK}{:x}", ix.id()))
    }

    /// Puts the number on the RCS stop list, if the button that was clicked unsubscribes.
    pub(crate) fn unsubscribe_by(&mut self, ix: MessageIx, card: u8, suggestion: u8) {
        let message = &self.messages[ix.at()];
        let button = message.spec.content.suggestion(card.into(), suggestion.into());
        if button.is_some_and(|button| unsubscribes(&button.action)) {
            let (account, phone) = (message.account, message.phone);
            self.stop_number(account, phone, &[AnyChannel::Rcs].into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_in, unsubscribe_links_replaced};

    #[test]
    fn a_link_has_its_scheme_and_a_code() {
        for (text, holds) in [
            ("http://nosms.cc/XXXX", true),
            ("Stop: http://nosms.cc/a1, or http://nosms.cc/", true),
            ("http://nosms.cc/", false),
            ("https://nosms.cc/XXXX", false),
            ("nosms.cc/XXXX", false),
            ("", false),
        ] {
            assert_eq!(is_in(text), holds, "{text}");
            assert_eq!(unsubscribe_links_replaced(text, "me") != text, holds, "{text}");
        }
        let text = "Stop: http://nosms.cc/a1, or http://nosms.cc/ or http://nosms.cc/b";
        let own = unsubscribe_links_replaced(text, "nosms.cc/7");
        assert_eq!(own, "Stop: nosms.cc/7, or http://nosms.cc/ or nosms.cc/7");
    }
}
