//! A rule of one country: in messages to Ukraine, a call button calls a Ukrainian number.

use alloc::format;
use alloc::vec::Vec;

use super::{Action, Content, Message};
use crate::country::Country;
use crate::fault::Fault;
use crate::rules;

const UKRAINE: Country = Country::literal(*b"UA");

impl Message {
    /// What forbids the message in the recipient's country, though every limit holds: each call
    /// button of another country's number in a message to Ukraine (`BUTTON-CALL-UA`).
    pub fn faults_in(&self, country: Country) -> Vec<Fault> {
        match self.content() {
            Content::Cards(cards) if country == UKRAINE => {
                let buttons = cards.iter().enumerate().flat_map(|(card_at, card)| {
                    card.suggestions().iter().enumerate().map(move |(at, suggestion)| {
                        (format!("cards[{card_at}].suggestions[{at}].phone"), suggestion)
                    })
                });
                buttons
                    .filter(|(_, suggestion)| calls_abroad(suggestion.action()))
                    .map(|(place, _)| Fault::at(&rules::BUTTON_CALL_UA, place))
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

fn calls_abroad(action: &Action) -> bool {
    matches!(action, Action::Call(number) if Country::of(*number) != Some(UKRAINE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{CardDraft, MessageDraft, SuggestionDraft};
    use alloc::vec;
    use std::string::String;

    #[test]
    fn only_ukraine_asks_for_ukrainian_numbers() {
        let call = |phone: &str| SuggestionDraft {
            text: "Call".into(),
            phone: Some(phone.into()),
            ..SuggestionDraft::default()
        };
        let suggestions = vec![call("+380661231231"), call("+491701234567")];
        let card = CardDraft { text: Some("a".into()), suggestions, ..CardDraft::default() };
        let cards = vec![CardDraft { suggestions: vec![], ..card.clone() }, card];
        let draft = MessageDraft { agent: "a".into(), cards, ..MessageDraft::default() };
        let message = draft.check().unwrap().value;
        let places = |country: &str| -> Vec<String> {
            let faults = message.faults_in(Country::parse(country).unwrap());
            faults.into_iter().map(|fault| fault.place).collect()
        };
        assert_eq!(places("UA"), ["cards[1].suggestions[1].phone"]);
        assert!(places("DE").is_empty());
        assert!(Message::text("a", "b").unwrap().faults_in(UKRAINE).is_empty());
    }
}
