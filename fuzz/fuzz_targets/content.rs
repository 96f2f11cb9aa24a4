//! Drafts of messages: none panics, what is accepted keeps the limits, what is refused names a rule
//! that refuses, and the parts of an SMS are its text.
#![no_main]

use bsg_rcs_domain::message::{CardDraft, Content, SmsDraft, SuggestionDraft};
use bsg_rcs_domain::{Country, MessageDraft, sms};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Words {
    agent: String,
    text: Option<String>,
    cards: Vec<CardWords>,
    sms: Option<(String, String, Option<String>)>,
    validity: Option<String>,
}

#[derive(Debug, Arbitrary)]
struct CardWords {
    title: Option<String>,
    text: Option<String>,
    media: Option<String>,
    suggestions: Vec<(String, Option<String>, Option<String>, Option<String>)>,
}

impl From<Words> for MessageDraft {
    fn from(words: Words) -> Self {
        Self {
            agent: words.agent,
            text: words.text,
            cards: words.cards.into_iter().map(CardDraft::from).collect(),
            sms: words.sms.map(|(sender, text, validity)| SmsDraft {
                sender,
                text,
                validity,
                ..SmsDraft::default()
            }),
            validity: words.validity,
            ..Self::default()
        }
    }
}

impl From<CardWords> for CardDraft {
    fn from(words: CardWords) -> Self {
        let suggestion =
            |(text, url, phone, postback)| SuggestionDraft { text, url, phone, postback };
        Self {
            title: words.title,
            text: words.text,
            media: words.media,
            suggestions: words.suggestions.into_iter().map(suggestion).collect(),
        }
    }
}

fuzz_target!(|words: Words| {
    let draft = MessageDraft::from(words);
    if let Some(draft) = &draft.sms {
        let parts = sms::split(&draft.text);
        assert_eq!(parts.concat(), draft.text);
        assert_eq!(parts.len(), sms::measure(&draft.text).parts);
    }
    match draft.check() {
        Ok(checked) => {
            assert!(checked.warnings.iter().all(|fault| !fault.refuses()));
            let _ = (checked.value.unsubscribes(), checked.value.message_type());
            let _ = Country::parse("UA").map(|country| checked.value.faults_in(country));
            match checked.value.content() {
                Content::Text(text) => assert!((1..=160).contains(&text.encode_utf16().count())),
                Content::Cards(cards) => assert!((1..=10).contains(&cards.len())),
            }
        }
        Err(faults) => assert!(faults.refuse()),
    }
});
