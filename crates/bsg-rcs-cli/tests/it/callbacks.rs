//! Callbacks as the platform writes them, through the receiver and the store into the report.

use serde_json::Value;

use crate::bench::{Bench, Running};
use crate::http::{exchange, post};

/// The founding example of a status report, to the letter.
const FOUNDING: &str = r#"{"error": 0, "errorDescription": "No errors", "id": "3266500452",
 "msisdn": "380997087351", "reference": "hello", "time_in": "2024-08-22 11:47:42",
 "time_sent": "2024-08-22 11:47:42", "time_dr": "2024-08-22 11:47:53", "status": "delivered",
 "price": "1.1000000", "currency": "EUR"}"#;

/// A single send that was accepted, under the reference `hello`, and a receiver beside it.
struct Sent {
    bench: Bench,
    _webhook: Running,
    url: String,
    campaign: String,
}

fn sent() -> Sent {
    let bench = Bench::new();
    let (webhook, url) = bench.webhook();
    let to = ["send", "--message", "message.toml", "--to", "380997087351", "--reference", "hello"];
    let sent = bench.json(&to, 0);
    assert_eq!((&sent["outcome"], &sent["reference"]), (&"accepted".into(), &"hello".into()));
    let campaign = sent["campaign"].as_str().unwrap().to_owned();
    Sent { bench, _webhook: webhook, url, campaign }
}

impl Sent {
    fn report(&self) -> Value {
        self.bench.json(&["campaign", "report", &self.campaign], 0)
    }
}

/// Each body is answered 200, and then the message is shown with this status and this price.
fn check(bodies: &[&str], status: &str, billed: &str) {
    let sent = sent();
    for body in bodies {
        post(&sent.url, body);
    }
    let report = sent.report();
    assert_eq!(report["statuses"], serde_json::json!({ status: 1 }), "{bodies:?}");
    assert_eq!(report["billed"], billed, "{bodies:?}");
}

#[test]
fn the_founding_example_is_read_stored_and_reported_exactly() {
    check(&[FOUNDING], "delivered", "1.1000000");
}

#[test]
fn an_upper_case_status_and_an_integer_id_are_read() {
    let body = FOUNDING.replace("\"delivered\"", "\"DELIVERED\"");
    check(&[&body.replace("\"3266500452\"", "3266500452")], "delivered", "1.1000000");
}

#[test]
fn a_price_as_a_bare_number_is_read_to_the_seventh_decimal() {
    check(&[&FOUNDING.replace("\"1.1000000\"", "1.1000001")], "delivered", "1.1000001");
}

#[test]
fn an_unknown_status_word_is_kept_and_changes_nothing() {
    let body = FOUNDING.replace("\"delivered\"", "\"teleported\"");
    check(&[&body], "unknown", "0.0000000");
    check(&[&body, FOUNDING], "delivered", "1.1000000");
}

#[test]
fn a_null_reference_and_garbage_are_set_aside() {
    let body = FOUNDING.replace("\"hello\"", "null");
    check(&[&body, "{", "[]", "nonsense", "{\"status\": 7}"], "accepted", "0.0000000");
}

#[test]
fn another_number_under_the_reference_is_set_aside() {
    check(&[&FOUNDING.replace("380997087351", "380997087352")], "accepted", "0.0000000");
}

#[test]
fn repeated_and_late_reports_change_nothing() {
    let late = FOUNDING.replace("\"delivered\"", "\"sent\"");
    check(&[FOUNDING, &late, FOUNDING, &late], "delivered", "1.1000000");
}

#[test]
fn a_wrong_secret_is_not_found() {
    let sent = sent();
    let (front, secret) = sent.url.rsplit_once('/').unwrap();
    for wrong in ["", "guess", &secret.replace(&secret[..1], "-")] {
        let (status, _) = exchange("POST", &format!("{front}/{wrong}"), FOUNDING);
        assert_eq!(status, 404, "{wrong:?}");
    }
    assert_eq!(sent.report()["billed"], "0.0000000");
    assert_eq!(
        exchange("GET", &format!("{}/healthz", front.trim_end_matches("/callbacks")), "").0,
        200
    );
}

#[test]
fn saying_the_same_reference_twice_sends_once() {
    let sent = sent();
    let to = ["send", "--message", "message.toml", "--to", "380997087351", "--reference", "hello"];
    assert_eq!(sent.bench.json(&to, 0)["campaign"], *sent.campaign);
    assert_eq!(sent.bench.messages().len(), 1);
    let other =
        ["send", "--message", "message.toml", "--to", "380997087352", "--reference", "hello"];
    assert_eq!(sent.bench.run(&other).code, 3);
}
