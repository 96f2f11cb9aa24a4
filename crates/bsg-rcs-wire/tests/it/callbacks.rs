//! Callbacks in every form that the contract marks.

use bsg_rcs_wire::generated::{MessageStatus, StatusReport};
use bsg_rcs_wire::{Callback, CivilText, Decimal, Id, Integer, Phone};

/// The example that the project was founded on, word for word.
pub(crate) const FOUNDING: &str = r#"{
    "error": 0,
    "errorDescription": "No errors",
    "id": "3266500452",
    "msisdn": "380997087351",
    "reference": "hello",
    "time_in": "2024-08-22 11:47:42",
    "time_sent": "2024-08-22 11:47:42",
    "time_dr": "2024-08-22 11:47:53",
    "status": "delivered",
    "price": "1.1000000",
    "currency": "EUR"
}"#;

fn founding() -> StatusReport {
    StatusReport {
        error: Some(Integer(0)),
        error_description: Some("No errors".into()),
        id: Some(Id(3_266_500_452)),
        msisdn: Some(Phone(380_997_087_351)),
        reference: Some("hello".into()),
        time_in: Some(CivilText::from("2024-08-22 11:47:42")),
        time_sent: Some(CivilText::from("2024-08-22 11:47:42")),
        time_dr: Some(CivilText::from("2024-08-22 11:47:53")),
        status: Some(MessageStatus::Delivered),
        price: Some(Decimal::string("1.1000000")),
        currency: Some("EUR".into()),
    }
}

fn report(json: &str) -> StatusReport {
    match Callback::read(json.as_bytes()) {
        Ok(Callback::StatusReport(report)) => report,
        other => panic!("{json}: {other:?}"),
    }
}

/// Reads the founding example with one thing in it replaced.
fn check(from: &str, to: &str, change: fn(&mut StatusReport)) {
    assert!(FOUNDING.contains(from), "{from}");
    let mut expected = founding();
    change(&mut expected);
    assert_eq!(report(&FOUNDING.replace(from, to)), expected, "{to}");
}

#[test]
fn the_founding_example_is_read_exactly() {
    assert_eq!(report(FOUNDING), founding());
}

#[test]
fn the_founding_example_is_written_as_it_came() {
    let written: serde_json::Value =
        serde_json::from_str(&serde_json::to_string(&founding()).unwrap()).unwrap();
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(FOUNDING).unwrap());
}

#[test]
fn every_variant_of_it_is_read() {
    check(r#""delivered""#, r#""DELIVERED""#, |_| {});
    check(r#""delivered""#, r#"" Delivered ""#, |_| {});
    check(r#""3266500452""#, "3266500452", |_| {});
    check(r#""380997087351""#, "380997087351", |_| {});
    check(r#""380997087351""#, r#""+380997087351""#, |_| {});
    check(r#""error": 0"#, r#""error": "0""#, |_| {});
    check(r#""hello""#, "null", |r| r.reference = None);
    check(r#""hello""#, "17", |r| r.reference = Some("17".into()));
    check(r#""1.1000000""#, "1.1000000", |r| r.price = Decimal::number("1.1000000"));
    check(r#""1.1000000""#, "1.1", |r| r.price = Decimal::number("1.1"));
    check(r#""1.1000000""#, r#""0.10""#, |r| r.price = Some(Decimal::string("0.10")));
    check(r#""1.1000000""#, "null", |r| r.price = None);
    check(r#""EUR""#, "null", |r| r.currency = None);
    check(r#""2024-08-22 11:47:53""#, "null", |r| r.time_dr = None);
    check(r#""delivered""#, "null", |r| r.status = None);
    check(r#""delivered""#, r#""Teleported""#, |r| {
        r.status = Some(MessageStatus::Other("Teleported".into()));
    });
    check(r#""delivered""#, r#""not_service_user""#, |r| {
        r.status = Some(MessageStatus::NotServiceUser);
    });
    check(r#""currency""#, r#""novelty": {"deep": [1, 2]}, "currency""#, |_| {});
}

#[test]
fn odd_shapes_of_informative_fields_fail_nothing() {
    check(r#""3266500452""#, "[]", |r| r.id = None);
    check(r#""380997087351""#, r#""unknown""#, |r| r.msisdn = None);
    check(r#""error": 0"#, r#""error": {}"#, |r| r.error = None);
    check(r#""delivered""#, "7", |r| r.status = Some(MessageStatus::Other("7".into())));
    check(r#""1.1000000""#, r#"{"v":1}"#, |r| r.price = Some(Decimal::string(r#"{"v":1}"#)));
}

#[test]
fn a_report_may_lack_everything_but_its_status() {
    let report = report(r#"{"status": "read"}"#);
    assert_eq!(report, StatusReport { status: Some(MessageStatus::Read), ..Default::default() });
}

#[test]
fn a_click_is_told_by_its_missing_status() {
    let json = r#"{"id": "3266500452", "reference": null, "msisdn": 380997087351,
        "text": "Book", "postback": "book", "time_click": "2024-08-22 11:48:00"}"#;
    let callback = Callback::read(json.as_bytes()).unwrap();
    assert_eq!(callback.id(), Some(Id(3_266_500_452)));
    assert_eq!(callback.reference(), None);
    assert_eq!(callback.msisdn(), Some(Phone(380_997_087_351)));
    let Callback::Click(click) = callback else { panic!("{callback:?}") };
    assert_eq!(click.text.as_deref(), Some("Book"));
    assert_eq!(click.postback.as_deref(), Some("book"));
    assert_eq!(click.time_click, Some(CivilText::from("2024-08-22 11:48:00")));
}

#[test]
fn debug_output_has_no_whole_number() {
    let shown = format!("{:?}", Callback::read(FOUNDING.as_bytes()).unwrap());
    assert!(shown.contains("380***51"), "{shown}");
    assert!(!shown.contains("380997087351"), "{shown}");
}

#[test]
fn what_is_no_callback_says_so_without_repeating_it() {
    for (body, expected) in [
        ("", "the callback cannot be read: it is empty (line 0, column 0)"),
        (" \n", "the callback cannot be read: it is empty (line 0, column 0)"),
        (
            "{}",
            "the callback cannot be read: it is neither a status report nor a click (line 0, column 0)",
        ),
        (
            r#"{"id": 1, "msisdn": "380997087351"}"#,
            "the callback cannot be read: it is neither a status report nor a click (line 0, column 0)",
        ),
        ("[]", "the callback cannot be read: it is a list and not an object (line 0, column 0)"),
        ("msisdn=380997087351", "the callback cannot be read: it is not JSON (line 1, column 1)"),
        (
            r#"{"status": "sent", "msisdn": "38099"#,
            "the callback cannot be read: it ends in the middle (line 1, column 35)",
        ),
    ] {
        assert_eq!(Callback::read(body.as_bytes()).unwrap_err().to_string(), expected, "{body}");
    }
    let wrong_type = Callback::read(br#""380997087351""#).unwrap_err().to_string();
    assert!(!wrong_type.contains("380997087351"), "{wrong_type}");
}

#[test]
fn a_field_that_only_informs_costs_no_report() {
    for description in [&b"\xcd\xe5\xf2"[..], b"a\tb", b"a\r\nb", b"\xff\x00"] {
        let body = [
            br#"{"id": "7", "status": "delivered", "price": "0.10", "errorDescription": ""#,
            description,
            br#"", "reference": "hello"}"#,
        ]
        .concat();
        let Callback::StatusReport(report) = Callback::read(&body).unwrap() else { panic!() };
        assert_eq!(report.id, Some(Id(7)));
        assert_eq!(report.reference.as_deref(), Some("hello"));
        assert_eq!(report.price.unwrap().as_str(), "0.10");
    }
    assert!(
        Callback::read(b"{\"id\": \"7\", \"status\": \"\xff").is_err(),
        "it ends in the middle"
    );
}
