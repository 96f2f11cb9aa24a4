//! Whatever comes by the right door reaches the inbox, read as far as it can be, its bytes beside.

use std::sync::Arc;

use axum::http::StatusCode;
use bsg_rcs_webhook::{Bytes, Callback, Incoming};

use crate::inboxes::{FOUNDING, InMemory, app, post};

/// Posts one body; it is answered 200 and this is what the inbox holds.
async fn kept(body: impl Into<Bytes>) -> Incoming {
    let body = body.into();
    let inbox = Arc::new(InMemory::default());
    assert_eq!(post(&app(inbox.clone()), body.clone()).await, StatusCode::OK);
    let [incoming] = inbox.kept().try_into().expect("exactly one");
    assert_eq!(incoming.body, body);
    incoming
}

/// The founding example with one thing in it replaced: (id, number, reference, status, price).
async fn check(from: &str, to: &str, expected: [&str; 5]) {
    assert!(FOUNDING.contains(from), "{from}");
    let incoming = kept(FOUNDING.replace(from, to)).await;
    let Ok(Callback::StatusReport(report)) = incoming.read() else { panic!("{to}: {incoming:?}") };
    let read = [
        report.id.map(|id| id.0.to_string()),
        report.msisdn.map(|phone| phone.0.to_string()),
        report.reference,
        report.status.map(|status| status.as_str().to_owned()),
        report.price.map(|price| price.as_str().to_owned()),
    ];
    assert_eq!(read.map(Option::unwrap_or_default), expected, "{to}");
}

#[tokio::test]
async fn the_founding_example_and_its_variants() {
    let [id, phone, reference, status, price] =
        ["3266500452", "380997087351", "hello", "delivered", "1.1000000"];
    check("hello", "hello", [id, phone, reference, status, price]).await;
    check(r#""delivered""#, r#""DELIVERED""#, [id, phone, reference, status, price]).await;
    check(r#""3266500452""#, "3266500452", [id, phone, reference, status, price]).await;
    check(r#""delivered""#, r#""teleported""#, [id, phone, reference, "teleported", price]).await;
    check(r#""hello""#, "null", [id, phone, "", status, price]).await;
    check(r#""1.1000000""#, "1.1000000", [id, phone, reference, status, price]).await;
    check(r#""1.1000000""#, r#""0.10""#, [id, phone, reference, status, "0.10"]).await;
    check(r#""380997087351""#, "380997087351", [id, phone, reference, status, price]).await;
}

#[tokio::test]
async fn a_click_is_read() {
    let click = r#"{"id": "1", "reference": null, "msisdn": "380997087351", "text": "Book",
        "postback": "book", "time_click": "2024-08-22 11:48:00"}"#;
    let incoming = kept(click).await;
    let Ok(Callback::Click(click)) = incoming.read() else { panic!("{incoming:?}") };
    assert_eq!(click.postback.as_deref(), Some("book"));
}

#[tokio::test]
async fn what_cannot_be_read_is_acknowledged_and_handed_on_too() {
    for body in [&b""[..], b"{}", b"[]", b"null", b"\xff\xfe\0", b"msisdn=1", b"{\"status\": "] {
        assert!(kept(body).await.read().is_err(), "{body:?}");
    }
}

#[tokio::test]
async fn what_is_printed_of_a_callback_holds_no_number() {
    let report = format!("{:?}", kept(FOUNDING).await);
    let unreadable = format!("{:?}", kept(r#"["380997087351"]"#).await);
    for shown in [report, unreadable] {
        assert!(!shown.contains("380997087351"), "{shown}");
    }
}

#[test]
fn a_body_becomes_values() {
    use bsg_rcs_webhook::{CallbackEvent, ReadError, read};

    let Ok(CallbackEvent::Report(told)) = read(FOUNDING.as_bytes()) else { panic!("a report") };
    assert_eq!(told.reference.map(|it| it.to_string()).as_deref(), Some("hello"));
    assert_eq!(told.price.to_string(), "1.1000000 EUR");
    let body = br#"{"id": 7, "text": "Book", "postback": "secret-1", "time_click": null}"#;
    let event = read(body).unwrap();
    assert!(!format!("{event:?}").contains("secret-1"));
    let CallbackEvent::Click(click) = event else { panic!("a click") };
    assert_eq!((click.message.0, click.postback.as_deref()), (7, Some("secret-1")));
    assert!(matches!(read(b"{}"), Err(ReadError::Body(_))));
    assert!(matches!(read(br#"{"status": "read"}"#), Err(ReadError::Field(_))));
}
