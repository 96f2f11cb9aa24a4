//! Domain to wire: what leaves is what the contract allows, whatever message was accepted.

use std::sync::LazyLock;

use bsg_rcs_domain::message::{CardDraft, SmsDraft, SuggestionDraft, Validity};
use bsg_rcs_domain::{
    Addressee, Batch, BatchCap, CivilDateTime, Message, MessageDraft, Msisdn, ReferenceId,
};
use bsg_rcs_wire::OPENAPI;
use bsg_rcs_wire::generated::{CampaignSend, SingleSend};
use bsg_rcs_wire::mapping::outgoing;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

static SINGLE: LazyLock<Validator> = LazyLock::new(|| schema("SingleSend"));
static CAMPAIGN: LazyLock<Validator> = LazyLock::new(|| schema("CampaignSend"));

/// One schema of our document, with the others to refer to.
fn schema(name: &str) -> Validator {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let reference = format!("#/components/schemas/{name}");
    let schema = json!({"$ref": reference, "components": document["components"]});
    jsonschema::validator_for(&schema).unwrap()
}

fn check_valid(schema: &Validator, body: &Value) {
    let errors: Vec<_> =
        schema.iter_errors(body).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?} in {body}");
}

fn addressee(at: u64) -> Addressee {
    Addressee {
        number: Msisdn::from_u64(380_661_231_231 + at).unwrap(),
        reference: ReferenceId::parse(&format!("r{at}")).unwrap(),
    }
}

/// The body of a single send, valid.
fn single(message: &Message) -> Value {
    let body = outgoing::single_send(message, &addressee(0), None);
    let body = serde_json::to_value(body).unwrap();
    check_valid(&SINGLE, &body);
    body
}

fn draft() -> MessageDraft {
    MessageDraft { agent: "demo_agent".into(), text: Some("t".into()), ..MessageDraft::default() }
}

fn accepted(draft: &MessageDraft) -> Message {
    draft.check().unwrap().value
}

#[test]
fn the_schema_is_no_rubber_stamp() {
    for (pointer, value) in [
        ("/phone/number", json!("+380661231231")),
        ("/phone/number", json!(380_661_231_231_u64)),
        ("/phone/reference_id", json!("a-b")),
        ("/options/text", json!("t".repeat(161))),
        ("/options", json!({})),
        ("/sender", json!("")),
        ("/check_stop_list", json!("yes")),
    ] {
        let mut body = single(&accepted(&draft()));
        *body.pointer_mut(pointer).unwrap() = value;
        assert!(!SINGLE.is_valid(&body), "{body}");
    }
}

#[test]
fn the_plainest_message() {
    let expected = json!({
        "phone": {"number": "380661231231", "reference_id": "r0"},
        "sender": "demo_agent",
        "options": {"text": "t"},
        "add_to_contact_book": false,
        "check_stop_list": true,
    });
    assert_eq!(single(&accepted(&draft())), expected);
}

#[test]
fn validity_is_written_as_hours_or_as_seconds() {
    for (text, hours, seconds) in [
        (None, None, None),
        (Some("1h"), Some(1), None),
        (Some("72h"), Some(72), None),
        (Some("30s"), None, Some(30)),
        (Some("45m"), None, Some(2700)),
        (Some("86400s"), None, Some(86_400)),
    ] {
        let sms = SmsDraft {
            sender: "Bistro".into(),
            text: "t".into(),
            validity: text.map(str::to_owned),
            check_stop_list: false,
        };
        let validity = text.map(str::to_owned);
        let body = single(&accepted(&MessageDraft { validity, sms: Some(sms), ..draft() }));
        for place in [&body, &body["alternative_channel"]["sms"]] {
            let written = (place.get("validity").cloned(), place.get("validity_seconds").cloned());
            assert_eq!(written, (hours.map(Value::from), seconds.map(Value::from)), "{text:?}");
        }
        assert_eq!(body["alternative_channel"]["sms"]["check_stop_list"], false);
    }
}

#[test]
fn a_callback_url_goes_with_single_sends() {
    let url = "https://example.com/hook";
    let body = outgoing::single_send(&accepted(&draft()), &addressee(0), Some(url));
    let body = serde_json::to_value(body).unwrap();
    check_valid(&SINGLE, &body);
    assert_eq!(body["callback_url"], url);
}

#[test]
fn a_campaign_of_the_greatest_size() {
    let batch = Batch::new((0..5000).map(addressee).collect(), BatchCap::PLATFORM).unwrap();
    let start_at = CivilDateTime::parse("2025-04-10T09:00:00.000001+03:00").ok();
    let body = outgoing::campaign_send(&accepted(&draft()), &batch, start_at);
    let body = serde_json::to_value(body).unwrap();
    check_valid(&CAMPAIGN, &body);
    assert_eq!(body["start_at"], "2025-04-10 09:00:00");
    let phones = body["phones"].as_array().unwrap();
    assert_eq!(phones.len(), 5000);
    assert_eq!(phones[4999], json!({"number": "380661236230", "reference_id": "r4999"}));
}

/// Any characters, around a limit and far below it.
fn words(limit: usize) -> impl Strategy<Value = String> {
    let character =
        prop_oneof![4 => any::<char>(), 4 => prop::char::range(' ', '~'), 1 => Just('😀')];
    let length = prop_oneof![3 => 1..=limit.min(12), 1 => limit / 2..=limit, 1 => 0..=limit + 2];
    length.prop_flat_map(move |length| {
        prop::collection::vec(character.clone(), length).prop_map(String::from_iter)
    })
}

fn url() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "https?://[a-z]{1,8}\\.example/[a-z0-9]{0,20}(\\.(jpg|png|mp4))?",
        1 => (970_usize..1000).prop_map(|length| format!("https://e.example/{}", "x".repeat(length))),
        1 => any::<String>(),
    ]
}

fn validity() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof!["[1-9][0-9]{0,4}[hms]", any::<String>()])
}

fn suggestion() -> impl Strategy<Value = SuggestionDraft> {
    let phone = prop_oneof!["\\+?[1-9][0-9]{8,14}", "\\+380 \\(66\\) [0-9]{3}-[0-9]{4}"];
    let action = prop_oneof![
        5 => url().prop_map(|url| (Some(url), None)),
        5 => phone.prop_map(|phone| (None, Some(phone))),
        1 => Just((None, None)),
    ];
    (words(25), action, prop::option::of(words(25)))
        .prop_map(|(text, (url, phone), postback)| SuggestionDraft { text, url, phone, postback })
}

fn card() -> impl Strategy<Value = CardDraft> {
    let buttons = prop::collection::vec(suggestion(), 0..=5);
    let (title, text, media) = (words(200), words(1000), url());
    (prop::option::of(title), prop::option::of(text), prop::option::of(media), buttons)
        .prop_map(|(title, text, media, suggestions)| CardDraft { title, text, media, suggestions })
}

fn content() -> impl Strategy<Value = (Option<String>, Vec<CardDraft>)> {
    prop_oneof![
        words(160).prop_map(|text| (Some(text), Vec::new())),
        prop::collection::vec(card(), 1..=2).prop_map(|cards| (None, cards)),
        prop::collection::vec(card(), 0..=11).prop_map(|cards| (None, cards)),
    ]
}

fn sms() -> impl Strategy<Value = SmsDraft> {
    let sender = prop_oneof!["[A-Za-z0-9]{1,12}", "[0-9]{1,16}", "[ -~]{1,11}"];
    let text = prop_oneof![words(335), "[a-z ]{700,770}", "[€a]{300,400}"];
    (sender, text, validity()).prop_map(|(sender, text, validity)| SmsDraft {
        sender,
        text,
        validity,
        ..SmsDraft::default()
    })
}

prop_compose! {
    fn any_draft()(
        agent in words(40),
        (text, cards) in content(),
        sms in prop::option::of(sms()),
        validity in validity(),
        check_stop_list in any::<bool>(),
        add_to_contact_book in any::<bool>(),
        tariff_code in any::<Option<i64>>(),
    ) -> MessageDraft {
        MessageDraft {
            agent, text, cards, sms, validity, check_stop_list, add_to_contact_book, tariff_code,
        }
    }
}

/// The length that the platform's prose counts.
fn utf16(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.encode_utf16().count())
}

/// What no schema can say: lengths in UTF-16 units, and fields that exclude each other.
fn check_prose(body: &Value) {
    let options = &body["options"];
    assert!(utf16(&options["text"]) <= 160);
    assert_ne!(options.get("text").is_some(), options.get("cards").is_some(), "{body}");
    assert!(body.get("validity").is_none() || body.get("validity_seconds").is_none(), "{body}");
    for card in options["cards"].as_array().into_iter().flatten() {
        assert!(utf16(&card["title"]) <= 200 && utf16(&card["text"]) <= 1000, "{card}");
        for button in card["suggestions"].as_array().into_iter().flatten() {
            assert!(utf16(&button["text"]) <= 25 && utf16(&button["postback_data"]) <= 25);
            assert!(button["type"].is_string(), "{button}");
            assert_ne!(button.get("url").is_some(), button.get("phone").is_some(), "{button}");
        }
    }
}

proptest! {
    // The validator is slow while it is not optimised.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_accepted_message_is_written_within_the_limits(draft in any_draft()) {
        if let Ok(checked) = draft.check() {
            let body = single(&checked.value);
            check_prose(&body);
            let batch = Batch::new((0..3).map(addressee).collect(), BatchCap::PLATFORM).unwrap();
            let campaign = outgoing::campaign_send(&checked.value, &batch, None);
            let many = serde_json::to_value(&campaign).unwrap();
            check_valid(&CAMPAIGN, &many);
            prop_assert_eq!(&many["options"], &body["options"]);

            // What was written is what is read.
            let json = serde_json::to_string(&campaign).unwrap();
            prop_assert_eq!(serde_json::from_str::<CampaignSend>(&json).unwrap(), campaign);
        }
    }

    #[test]
    fn what_was_said_is_what_is_written(text in words(160), hours in 1..=72_u8) {
        prop_assume!((1..=160).contains(&text.encode_utf16().count()));
        let validity = Some(format!("{hours}h"));
        let draft = MessageDraft { text: Some(text.clone()), validity, ..draft() };
        let message = accepted(&draft);
        prop_assert_eq!(message.validity(), Validity::hours(hours.into()).ok());
        let written: SingleSend = serde_json::from_value(single(&message)).unwrap();
        prop_assert_eq!(written.options.text, Some(text));
        prop_assert_eq!(written.validity, Some(hours.into()));
    }
}

#[test]
fn most_of_what_is_generated_is_accepted() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let accepted = (0..100)
        .filter(|_| any_draft().new_tree(&mut runner).unwrap().current().check().is_ok())
        .count();
    assert!(accepted > 10, "{accepted} of 100");
}
