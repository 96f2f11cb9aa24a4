//! A message as a handset shows it.

mod html;
mod text;

use maud::Markup;

/// A message on a phone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Handset {
    /// Who it is from.
    pub agent: String,
    /// What it shows.
    pub face: Face,
    /// The SMS that comes where RCS does not.
    pub sms: Option<Sms>,
    /// What is to be said of parts of it, such as the warnings of a check.
    pub remarks: Vec<Remark>,
}

/// A text or cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Face {
    /// A plain text.
    Text(String),
    /// One card, or a carousel of several.
    Cards(Vec<Card>),
}

impl Default for Face {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// Its heading.
    pub title: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// The address of its picture or video: named, never fetched.
    pub media: Option<String>,
    /// Its buttons.
    pub buttons: Vec<Button>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Its words.
    pub label: String,
    /// What it does.
    pub action: Action,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Opens an address.
    Link(String),
    /// Dials a number.
    Call(String),
    /// Nothing that was said.
    Nothing,
}

/// The alternative channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms {
    /// Who it is from.
    pub sender: String,
    /// What it says.
    pub text: String,
}

/// Something to be said of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The part, as a check names it: `text`, `cards[2].suggestions[0].text`, `sms.text`.
    pub place: String,
    /// Whether the message is refused for it.
    pub refuses: bool,
    /// What is to be said.
    pub says: String,
}

/// Where a remark is shown: the smallest part that is drawn by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Text,
    Card(usize),
    Button(usize, usize),
    Sms,
    Whole,
}

impl Handset {
    /// As HTML; buttons are shown and do nothing.
    pub fn html(&self) -> Markup {
        self.html_with(&|_, _, button| html::button(button))
    }

    /// As HTML, with these instead of buttons: they are given the card and the button, from 0.
    pub fn html_with(&self, button: &dyn Fn(usize, usize, &Button) -> Markup) -> Markup {
        html::handset(self, button)
    }

    /// As text for a terminal of so many columns, at least 24.
    pub fn text(&self, columns: usize) -> String {
        text::handset(self, columns)
    }

    fn remarks_on(&self, part: Part) -> impl Iterator<Item = &Remark> {
        self.remarks.iter().filter(move |remark| self.part_of(&remark.place) == part)
    }

    /// The part that a place names, if it is drawn; else the whole.
    fn part_of(&self, place: &str) -> Part {
        let cards = match &self.face {
            Face::Cards(cards) => cards.as_slice(),
            Face::Text(_) => &[],
        };
        let index = |from: &str, list: &str| -> Option<usize> {
            from.strip_prefix(list)?.split_once(']')?.0.parse().ok()
        };
        if place == "agent" {
            return Part::Head;
        }
        if place == "text" && cards.is_empty() {
            return Part::Text;
        }
        if place.starts_with("sms") && self.sms.is_some() {
            return Part::Sms;
        }
        let Some(at) = index(place, "cards[") else { return Part::Whole };
        let Some(card) = cards.get(at) else { return Part::Whole };
        let rest = place.split_once("].").map_or("", |(_, rest)| rest);
        match index(rest, "suggestions[") {
            Some(button) if button < card.buttons.len() => Part::Button(at, button),
            _ => Part::Card(at),
        }
    }
}

/// An address that a browser may be sent to: nothing but http and https.
fn is_web(address: &str) -> bool {
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https://")
}

/// A text cut where its web addresses begin and end: each piece, and whether it is one.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("http").filter(|_| !rest.is_empty()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| c.is_whitespace()).unwrap_or(from.len());
        // What ends a sentence ends no address.
        let address = from[..end].trim_end_matches(['.', ',', '!', '?', ')', ';', ':', '"', '\'']);
        let names_one = address.split_once("://").is_some_and(|(_, rest)| !rest.is_empty());
        let is_one = is_web(address) && names_one;
        let taken = if is_one { address.len() } else { "http".len() };
        pieces.push((before, false));
        pieces.push((&from[..taken], is_one));
        rest = &from[taken..];
    }
    pieces.push((rest, false));
    pieces.retain(|(piece, _)| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_remark_stands_at_its_part() {
        let card = Card {
            buttons: vec![Button { label: "Book".into(), action: Action::Nothing }],
            ..Card::default()
        };
        let handset = Handset {
            face: Face::Cards(vec![card.clone(), card]),
            sms: Some(Sms { sender: "Bistro".into(), text: "x".into() }),
            ..Handset::default()
        };
        for (place, part) in [
            ("agent", Part::Head),
            ("cards[1].text", Part::Card(1)),
            ("cards[1].suggestions[0].text", Part::Button(1, 0)),
            ("cards[1].suggestions", Part::Card(1)),
            ("cards[1].suggestions[9]", Part::Card(1)),
            ("cards[7].text", Part::Whole),
            ("cards", Part::Whole),
            ("text", Part::Whole),
            ("sms.sender", Part::Sms),
            ("validity", Part::Whole),
            ("", Part::Whole),
        ] {
            assert_eq!(handset.part_of(place), part, "{place}");
        }
        assert_eq!(Handset::default().part_of("text"), Part::Text);
    }

    #[test]
    fn addresses_are_found_in_a_text() {
        let text = "See https://example.com/a?b=1. Or http, httpx://y http://z";
        let found: Vec<_> = pieces(text).into_iter().filter(|piece| piece.1).collect();
        assert_eq!(found, [("https://example.com/a?b=1", true), ("http://z", true)]);
    }

    proptest! {
        #[test]
        fn a_text_is_its_pieces(text in "(http|s?://|[a-z. <\n]|\u{20ac}){0,40}") {
            let pieces: String = pieces(&text).iter().map(|piece| piece.0).collect();
            prop_assert_eq!(pieces, text);
        }

        #[test]
        fn anything_is_drawn(text in ".{0,200}", place in ".{0,30}", columns in 0_usize..200) {
            let card = Card { title: Some(text.clone()), ..Card::default() };
            for face in [Face::Text(text.clone()), Face::Cards(vec![card])] {
                let remark = Remark { place: place.clone(), refuses: true, says: text.clone() };
                let handset = Handset { agent: text.clone(), face, sms: None, remarks: vec![remark] };
                handset.text(columns);
                handset.html().into_string();
            }
        }
    }
}
