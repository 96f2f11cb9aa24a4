//! Validation's law: what it accepts keeps every limit of the contract, what it refuses breaks at
//! least one rule that refuses.

use bsg_rcs_domain::message::{Action, CardDraft, Content, SmsDraft, SuggestionDraft};
use bsg_rcs_domain::{Message, MessageDraft, sms};
use proptest::option::of;
use proptest::prelude::*;

fn suggestion() -> impl Strategy<Value = SuggestionDraft> {
    let url = prop_oneof![9 => Just("https://example.com".to_owned()), 1 => ".{0,12}"];
    let phone = prop_oneof![9 => Just("+380661231231".to_owned()), 1 => "[0-9]{0,17}"];
    let action = prop_oneof![
        9 => url.prop_map(|url| (Some(url), None)),
        9 => phone.prop_map(|phone| (None, Some(phone))),
        1 => Just((None, None)),
    ];
    ("[a-zж😀]{1,26}", action, of(".{1,13}"))
        .prop_map(|(text, (url, phone), postback)| SuggestionDraft { text, url, phone, postback })
}

fn card() -> impl Strategy<Value = CardDraft> {
    let media = prop_oneof![Just("https://example.com/a.png".to_owned()), "https://[a-z./]{1,20}"];
    (
        of("[a-zж😀]{0,202}"),
        of("[a-zж😀]{1,30}"),
        of(media),
        prop::collection::vec(suggestion(), 0..=5),
    )
        .prop_map(|(title, text, media, suggestions)| CardDraft {
            title,
            text,
            media,
            suggestions,
        })
}

fn draft() -> impl Strategy<Value = MessageDraft> {
    let content = prop_oneof![
        "[a-zж😀]{0,170}".prop_map(|text| (Some(text), Vec::new())),
        prop::collection::vec(card(), 1..=3).prop_map(|cards| (None, cards)),
        prop::collection::vec(card(), 0..=11).prop_map(|cards| (None, cards)),
    ];
    let validity = of(prop_oneof!["[0-9]{1,2}h", "[0-9]{1,6}s", "[0-9]{1,4}m", "[a-z]{1,3}"]);
    let sms = of(("[a-zA-Z0-9 ]{1,12}", "[a-zж€]{0,340}").prop_map(|(sender, text)| SmsDraft {
        sender,
        text,
        ..SmsDraft::default()
    }));
    ("[a-zж]{0,41}", content, validity, sms).prop_map(|(agent, (text, cards), validity, sms)| {
        MessageDraft { agent, text, cards, validity, sms, ..MessageDraft::default() }
    })
}

/// Every limit of the contract, written down a second time by hand.
fn keeps_the_limits(message: &Message) -> bool {
    let units = |text: &str| text.encode_utf16().count();
    let content = match message.content() {
        Content::Text(text) => (1..=160).contains(&units(text)),
        Content::Cards(cards) => {
            (1..=10).contains(&cards.len())
                && cards.iter().all(|card| {
                    (card.text().is_some() || card.media().is_some())
                        && card.title().is_none_or(|title| units(title) <= 200)
                        && card.text().is_none_or(|text| (1..=1000).contains(&units(text)))
                        && card.media().is_none_or(is_url)
                        && card.suggestions().len() <= 4
                        && card.suggestions().iter().all(|button| {
                            (1..=25).contains(&units(button.text()))
                                && button.postback().is_none_or(|p| (1..=25).contains(&units(p)))
                                && match button.action() {
                                    Action::Link(url) => is_url(url),
                                    Action::Call(number) => {
                                        (9..=15).contains(&number.digits().to_string().len())
                                    }
                                }
                        })
                })
        }
    };
    let sms = message.sms().is_none_or(|fallback| {
        (1..=5).contains(&sms::measure(fallback.text()).parts)
            && (1..=15).contains(&fallback.sender().len())
    });
    let validity = message
        .validity()
        .is_none_or(|validity| (30..=72 * 3600).contains(&validity.duration().as_secs()));
    (1..=40).contains(&message.agent().chars().count()) && content && sms && validity
}

fn is_url(url: &str) -> bool {
    url.len() <= 1000 && (url.starts_with("http://") || url.starts_with("https://"))
}

proptest! {
    #[test]
    fn what_is_accepted_keeps_every_limit(draft in draft()) {
        if let Ok(checked) = draft.check() {
            prop_assert!(keeps_the_limits(&checked.value), "{:?}", checked.value);
            prop_assert!(checked.warnings.iter().all(|fault| !fault.refuses()));
        }
    }

    #[test]
    fn what_is_refused_breaks_a_rule_and_a_measure_lies_outside_its_bounds(draft in draft()) {
        if let Err(faults) = draft.check() {
            prop_assert!(faults.refuse());
            for fault in faults.iter() {
                if let (Some(measured), Some(bounds)) = (fault.measured, fault.rule.bounds) {
                    prop_assert!(!bounds.hold(measured), "{}", fault);
                }
            }
        }
    }
}
