//! Requests: exactly what leaves, and that it is read back as it was.

use bsg_rcs_wire::generated::{
    AlternativeChannel, CampaignSend, Card, LoginRequest, Media, Options, Recipient, SingleSend,
    SmsFallback, Suggestion, SuggestionType,
};
use bsg_rcs_wire::{CivilText, Phone, Secret};

fn check<T>(request: &T, expected: &str)
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    assert_eq!(serde_json::to_string(request).unwrap(), expected);
    assert_eq!(&serde_json::from_str::<T>(expected).unwrap(), request);
}

fn recipient(number: u64, reference: Option<&str>) -> Recipient {
    Recipient { number: Phone(number), reference_id: reference.map(str::to_owned) }
}

fn text(text: &str) -> Options {
    Options { text: Some(text.into()), cards: None }
}

#[test]
fn the_key_goes_out_and_is_not_printed() {
    let login = LoginRequest { api_key: Secret::new("live_sandbox") };
    check(&login, r#"{"api_key":"live_sandbox"}"#);
    assert_eq!(format!("{login:?}"), "LoginRequest { api_key: *** }");
}

#[test]
fn a_single_send_writes_only_what_is_said() {
    let send = SingleSend {
        phone: recipient(380_661_231_231, Some("r1")),
        sender: "demo_agent".into(),
        options: text("Your table is ready."),
        alternative_channel: Some(AlternativeChannel {
            sms: SmsFallback {
                text: "Your table is ready.".into(),
                sender: "Bistro".into(),
                validity: None,
                validity_seconds: Some(300),
                check_stop_list: Some(true),
            },
        }),
        callback_url: None,
        tariff_code: Some(9),
        validity_seconds: None,
        validity: Some(24),
        add_to_contact_book: Some(false),
        check_stop_list: None,
    };
    check(
        &send,
        concat!(
            r#"{"phone":{"number":"380661231231","reference_id":"r1"},"sender":"demo_agent","#,
            r#""options":{"text":"Your table is ready."},"#,
            r#""alternative_channel":{"sms":{"text":"Your table is ready.","sender":"Bistro","#,
            r#""validity_seconds":300,"check_stop_list":true}},"#,
            r#""tariff_code":9,"validity":24,"add_to_contact_book":false}"#
        ),
    );
}

#[test]
fn a_campaign_of_cards() {
    let button = |text: &str| Suggestion {
        r#type: None,
        text: text.into(),
        url: None,
        phone: None,
        postback_data: None,
    };
    let send = CampaignSend {
        phones: vec![recipient(380_661_231_231, None), recipient(380_661_231_232, Some("b"))],
        sender: "demo_agent".into(),
        options: Options {
            text: None,
            cards: Some(vec![Card {
                title: Some("Menu".into()),
                text: None,
                media: Some(Media { url: "https://example.com/menu.jpg".into() }),
                suggestions: Some(vec![
                    Suggestion {
                        r#type: Some(SuggestionType::Link),
                        url: Some("https://example.com/book".into()),
                        postback_data: Some("book".into()),
                        ..button("Book")
                    },
                    Suggestion {
                        r#type: Some(SuggestionType::Call),
                        phone: Some(Phone(380_661_231_231)),
                        ..button("Call us")
                    },
                ]),
            }]),
        },
        alternative_channel: None,
        start_at: Some(CivilText::from("2025-04-10 09:00:00")),
        tariff_code: None,
        validity_seconds: None,
        validity: None,
        add_to_contact_book: None,
        check_stop_list: None,
    };
    check(
        &send,
        concat!(
            r#"{"phones":[{"number":"380661231231"},{"number":"380661231232","reference_id":"b"}],"#,
            r#""sender":"demo_agent","options":{"cards":[{"title":"Menu","#,
            r#""media":{"url":"https://example.com/menu.jpg"},"suggestions":["#,
            r#"{"type":"link","text":"Book","url":"https://example.com/book","postback_data":"book"},"#,
            r#"{"type":"call","text":"Call us","phone":"380661231231"}]}]},"#,
            r#""start_at":"2025-04-10 09:00:00"}"#
        ),
    );
}

#[test]
fn nullable_fields_of_others_are_read() {
    let json = r#"{"phone":{"number":380661231231},"sender":"a","options":{"text":"t"},
        "tariff_code":null,"validity":null,"unknown":1}"#;
    let send: SingleSend = serde_json::from_str(json).unwrap();
    assert_eq!(send.phone.number, Phone(380_661_231_231));
    assert_eq!((send.tariff_code, send.validity), (None, None));
}
