//! Messages: every rule has a draft that breaks it, and all faults are found at once.

use bsg_rcs_domain::message::{CardDraft, Content, SmsDraft, SuggestionDraft};
use bsg_rcs_domain::{Message, MessageDraft, MessageType};
use proptest::prelude::*;

fn text(text: &str) -> MessageDraft {
    MessageDraft { agent: "demo_agent".into(), text: Some(text.into()), ..MessageDraft::default() }
}

fn cards(cards: Vec<CardDraft>) -> MessageDraft {
    MessageDraft { agent: "demo_agent".into(), cards, ..MessageDraft::default() }
}

fn card() -> CardDraft {
    CardDraft { text: Some("Today's three.".into()), ..CardDraft::default() }
}

fn button() -> SuggestionDraft {
    SuggestionDraft {
        text: "Book".into(),
        url: Some("https://example.com/book".into()),
        ..SuggestionDraft::default()
    }
}

fn with_button(button: SuggestionDraft) -> MessageDraft {
    cards(vec![CardDraft { suggestions: vec![button], ..card() }])
}

fn sms(sender: &str, body: &str) -> MessageDraft {
    let sms = SmsDraft { sender: sender.into(), text: body.into(), ..SmsDraft::default() };
    MessageDraft { sms: Some(sms), ..text("hello") }
}

/// The faults of a draft as `ID place`, refused or not.
fn faults(draft: &MessageDraft) -> Vec<String> {
    let list = match draft.check() {
        Ok(checked) => checked.warnings,
        Err(faults) => faults.0,
    };
    list.iter().map(|fault| format!("{} {}", fault.rule.id, fault.place)).collect()
}

#[test]
fn each_rule_has_a_draft_that_breaks_it() {
    let long = |n: usize| "x".repeat(n);
    let url = |n: usize| format!("https://example.com/{}", long(n - 20));
    for (draft, expected) in [
        (MessageDraft { agent: String::new(), ..text("a") }, "AGENT-LEN agent"),
        (MessageDraft { agent: long(41), ..text("a") }, "AGENT-LEN agent"),
        (MessageDraft { text: None, ..text("") }, "CONTENT-NONE text"),
        (MessageDraft { text: Some("a".into()), ..cards(vec![card()]) }, "CONTENT-BOTH text"),
        (text(""), "RCS-TEXT-LEN text"),
        (text(&long(161)), "RCS-TEXT-LEN text"),
        // 81 pairs of surrogates are 162 units.
        (text(&"😀".repeat(81)), "RCS-TEXT-LEN text"),
        (cards(vec![card(); 11]), "CARD-COUNT cards"),
        (cards(vec![card(); 6]), "CARD-COUNT-PROSE cards"),
        (cards(vec![CardDraft::default()]), "CARD-EMPTY cards[0]"),
        (
            cards(vec![CardDraft { title: Some(long(201)), ..card() }]),
            "CARD-TITLE-LEN cards[0].title",
        ),
        (
            cards(vec![card(), CardDraft { text: Some(long(1001)), ..card() }]),
            "CARD-TEXT-LEN cards[1].text",
        ),
        (
            cards(vec![CardDraft { suggestions: vec![button(); 5], ..card() }]),
            "BUTTON-COUNT cards[0].suggestions",
        ),
        (
            cards(vec![CardDraft { suggestions: vec![button(); 3], ..card() }]),
            "BUTTON-COUNT-PROSE cards[0].suggestions",
        ),
        (
            with_button(SuggestionDraft { text: long(26), ..button() }),
            "BUTTON-TEXT-LEN cards[0].suggestions[0].text",
        ),
        (
            with_button(SuggestionDraft { text: String::new(), ..button() }),
            "BUTTON-TEXT-LEN cards[0].suggestions[0].text",
        ),
        (
            with_button(SuggestionDraft { postback: Some(long(26)), ..button() }),
            "BUTTON-POSTBACK-LEN cards[0].suggestions[0].postback",
        ),
        (
            with_button(SuggestionDraft { url: None, ..button() }),
            "BUTTON-ACTION cards[0].suggestions[0]",
        ),
        (
            with_button(SuggestionDraft { phone: Some("380661231231".into()), ..button() }),
            "BUTTON-ACTION cards[0].suggestions[0]",
        ),
        (
            with_button(SuggestionDraft { url: None, phone: Some("066".into()), ..button() }),
            "NUM-NATIONAL cards[0].suggestions[0].phone",
        ),
        (
            with_button(SuggestionDraft { url: Some(url(1001)), ..button() }),
            "URL-LEN cards[0].suggestions[0].url",
        ),
        (
            with_button(SuggestionDraft { url: Some("ftp://example.com".into()), ..button() }),
            "URL-FORM cards[0].suggestions[0].url",
        ),
        (
            with_button(SuggestionDraft { url: Some("https://".into()), ..button() }),
            "URL-FORM cards[0].suggestions[0].url",
        ),
        (
            with_button(SuggestionDraft { url: Some("https://a b".into()), ..button() }),
            "URL-FORM cards[0].suggestions[0].url",
        ),
        (
            cards(vec![CardDraft { media: Some("https://example.com/a.tiff".into()), ..card() }]),
            "MEDIA-TYPE cards[0].media",
        ),
        (MessageDraft { validity: Some("a day".into()), ..text("a") }, "VALIDITY-FORM validity"),
        (MessageDraft { validity: Some("73h".into()), ..text("a") }, "VALIDITY-HOURS validity"),
        (MessageDraft { validity: Some("29s".into()), ..text("a") }, "VALIDITY-SECONDS validity"),
        (MessageDraft { validity: Some("1441m".into()), ..text("a") }, "VALIDITY-SECONDS validity"),
        (sms("Bistro", ""), "SMS-TEXT-EMPTY sms.text"),
        (sms("Bistro", &long(766)), "SMS-TEXT-GSM7 sms.text"),
        (sms("Bistro", &"ж".repeat(336)), "SMS-TEXT-UCS2 sms.text"),
        // Each part has room for 76 of them, and one septet to spare.
        (sms("Bistro", &("€".repeat(382) + "a")), "SMS-PARTS sms.text"),
        (sms("Bistro", &("😀".repeat(167) + "ж")), "SMS-PARTS sms.text"),
        (sms("", "a"), "SMS-SENDER sms.sender"),
        (sms("Bistro Bella", "a"), "SMS-SENDER sms.sender"),
        (sms("1234567890123456", "a"), "SMS-SENDER sms.sender"),
        (sms("Bistro #1", "a"), "SMS-SENDER-NARROW sms.sender"),
    ] {
        assert_eq!(faults(&draft), [expected], "{draft:?}");
    }
}

#[test]
fn what_stands_on_the_limit_is_taken_without_a_word() {
    for draft in [
        sms("Bar", "a"),
        sms("123", "a"),
        text(&"x".repeat(160)),
        text(&"😀".repeat(80)),
        MessageDraft { agent: "ä".repeat(40), ..text("a") },
        cards(vec![card(); 5]),
        cards(vec![CardDraft { suggestions: vec![button(); 2], ..card() }]),
        cards(vec![CardDraft {
            text: None,
            media: Some("https://example.com/a.JPG?x=1".into()),
            ..card()
        }]),
        cards(vec![CardDraft { media: Some("https://example.com/picture".into()), ..card() }]),
        MessageDraft { validity: Some("72h".into()), ..text("a") },
        MessageDraft { validity: Some("30s".into()), ..text("a") },
        MessageDraft { validity: Some("86400s".into()), ..text("a") },
        sms("Bistro Bell", &"x".repeat(765)),
        sms("123456789012345", &"ж".repeat(335)),
        sms("Bistro Bell", &"€".repeat(380)),
        sms("Bistro Bell", &"😀".repeat(165)),
    ] {
        let warnings = draft.check().map(|checked| checked.warnings);
        let narrow = draft.sms.as_ref().is_some_and(|sms| sms.sender.contains(' '));
        assert_eq!(warnings.map(|w| w.len()), Ok(usize::from(narrow)), "{draft:?}");
    }
}

#[test]
fn all_faults_are_found_in_one_pass() {
    let bad_button = SuggestionDraft { text: String::new(), url: None, ..button() };
    let draft = MessageDraft {
        agent: String::new(),
        validity: Some("99h".into()),
        sms: Some(SmsDraft::default()),
        ..with_button(bad_button)
    };
    assert_eq!(
        faults(&draft),
        [
            "AGENT-LEN agent",
            "BUTTON-TEXT-LEN cards[0].suggestions[0].text",
            "BUTTON-ACTION cards[0].suggestions[0]",
            "VALIDITY-HOURS validity",
            "SMS-TEXT-EMPTY sms.text",
            "SMS-SENDER sms.sender",
        ]
    );
}

#[test]
fn a_fault_says_what_where_and_how_much() {
    let faults = text(&"x".repeat(161)).check().unwrap_err();
    assert_eq!(
        faults.to_string(),
        "text: a text message has 1 to 160 UTF-16 code units; here 161 UTF-16 code units (RCS-TEXT-LEN)"
    );
}

#[test]
fn the_type_follows_from_the_content() {
    for (draft, kind) in [
        (text("a"), MessageType::Text),
        (cards(vec![card()]), MessageType::Card),
        (cards(vec![card(); 2]), MessageType::Carousel),
    ] {
        assert_eq!(draft.check().unwrap().value.message_type(), kind);
    }
}

proptest! {
    #[test]
    fn what_is_accepted_keeps_the_limits_and_what_is_refused_names_a_rule(
        agent in ".{0,50}", body in ".{0,200}",
    ) {
        match Message::text(&agent, &body) {
            Ok(message) => {
                prop_assert!((1..=40).contains(&message.agent().chars().count()));
                let Content::Text(kept) = message.content() else { panic!("a text") };
                prop_assert_eq!(kept, &body);
                prop_assert!((1..=160).contains(&kept.encode_utf16().count()));
            }
            Err(faults) => prop_assert!(faults.refuse()),
        }
    }
}
