//! Callbacks, from the platform's words to the report.

use serde_json::{Value, json};

use crate::http;
use crate::program::Running;
use crate::stage::Stage;

/// The founding example, word for word.
const FOUNDING: &str = r#"{
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

/// A message that was sent to the number of the founding example, and a receiver for its callbacks.
struct Sent {
    stage: Stage,
    _webhook: Running,
    address: String,
    path: String,
    campaign: String,
}

fn sent() -> Sent {
    let stage = Stage::new();
    let (webhook, url) = stage.webhook();
    let to = ["--to", "380997087351", "--reference", "hello"];
    let sent = stage.json(&[&["send", "--message", "message.toml"][..], &to].concat());
    assert_eq!((&sent["outcome"], &sent["reference"]), (&json!("accepted"), &json!("hello")));
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let sent = Sent {
        address: address.to_owned(),
        path: format!("/{path}"),
        campaign: sent["campaign"].as_str().unwrap().to_owned(),
        stage,
        _webhook: webhook,
    };
    sent.expect("accepted", "0.0000000");
    sent
}

impl Sent {
    fn post(&self, body: &str) -> u16 {
        http::call(&self.address, "POST", &self.path, body).0
    }

    /// Fails unless the report shows this, and nothing else.
    #[track_caller]
    fn expect(&self, status: &str, billed: &str) {
        let report = self.stage.report(&self.campaign);
        assert_eq!(report["statuses"], json!({ status: 1 }), "{report}");
        assert_eq!(report["billed"], billed, "{report}");
    }
}

/// The founding example with other words in some fields.
fn founding_with(changes: &Value) -> String {
    let mut callback: Value = serde_json::from_str(FOUNDING).unwrap();
    for (field, value) in changes.as_object().unwrap() {
        callback[field] = value.clone();
    }
    callback.to_string()
}

/// Each body is answered with 200, and then the report shows this.
#[track_caller]
fn check(bodies: &[&str], status: &str, billed: &str) {
    let sent = sent();
    for body in bodies {
        assert_eq!(sent.post(body), 200, "{body}");
    }
    sent.expect(status, billed);
}

#[track_caller]
fn check_delivered(changes: &Value) {
    check(&[&founding_with(changes)], "delivered", "1.1000000");
}

#[track_caller]
fn check_changes_nothing(bodies: &[&str]) {
    check(bodies, "accepted", "0.0000000");
}

#[test]
fn the_founding_example_is_reported_exactly() {
    let sent = sent();
    assert_eq!(sent.post(FOUNDING), 200);
    let report = sent.stage.report(&sent.campaign);
    assert_eq!((&report["state"], &report["accepted"]), (&json!("done"), &json!(1)));
    assert_eq!((&report["billed"], &report["currency"]), (&json!("1.1000000"), &json!("EUR")));
    sent.expect("delivered", "1.1000000");
}

#[test]
fn a_status_in_capitals_is_read() {
    check_delivered(&json!({ "status": "DELIVERED" }));
}

#[test]
fn an_integer_id_beyond_32_bits_is_read() {
    check_delivered(&json!({ "id": 3_266_500_452_u64, "msisdn": 380_997_087_351_u64 }));
}

#[test]
fn a_price_as_a_bare_number_is_read_exactly() {
    check(&[&FOUNDING.replace("\"1.1000000\"", "1.1000000")], "delivered", "1.1000000");
    check(&[&FOUNDING.replace("\"1.1000000\"", "0.0175696")], "delivered", "0.0175696");
}

#[test]
fn doubled_and_out_of_order_is_charged_once() {
    let sent = founding_with(&json!({ "status": "sent", "time_dr": null }));
    check(&[FOUNDING, FOUNDING, &sent, &sent], "delivered", "1.1000000");
}

#[test]
fn a_status_word_that_nobody_knows_changes_nothing() {
    let word = founding_with(&json!({ "status": "teleported" }));
    check(&[&word, FOUNDING, &word], "delivered", "1.1000000");
    check_changes_nothing(&[&word]);
}

#[test]
fn what_carries_no_reference_is_set_aside() {
    check_changes_nothing(&[&founding_with(&json!({ "reference": null }))]);
}

#[test]
fn what_carries_a_foreign_reference_or_number_is_set_aside() {
    let reference = founding_with(&json!({ "reference": "goodbye" }));
    check_changes_nothing(&[&reference, &founding_with(&json!({ "msisdn": "380997087352" }))]);
}

#[test]
fn what_cannot_be_read_is_taken_and_changes_nothing() {
    check_changes_nothing(&["", "{", "[]", "nonsense", "{\"status\": 7}", "\u{0}"]);
}

#[test]
fn a_wrong_secret_is_404_and_changes_nothing() {
    let sent = sent();
    let longer = format!("{}a", sent.path);
    for path in ["/callbacks/wrong", "/callbacks/", "/callbacks", "/", &longer] {
        assert_eq!(http::call(&sent.address, "POST", path, FOUNDING).0, 404, "{path}");
    }
    sent.expect("accepted", "0.0000000");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(http::call(&sent.address, "GET", path, "").0, 200, "{path}");
    }
}

#[test]
fn the_secret_is_made_once() {
    let stage = Stage::new();
    let secret = |url: &str| url.rsplit('/').next().unwrap().to_owned();
    let (_one, first) = stage.webhook();
    let (_other, second) = stage.webhook();
    assert_eq!(secret(&first), secret(&second));
    assert_ne!(first, second, "each has its own port");
}

#[test]
fn saying_the_same_reference_twice_sends_once() {
    let sent = sent();
    let again = |number: &str| {
        let args = ["send", "--message", "message.toml", "--reference", "hello", "--to", number];
        sent.stage.run(&args)
    };
    again("+380 99 708 73 51").expect(0, "");
    again("380997087352").expect(3, "has this reference for another number");
    assert_eq!(sent.stage.total(), 1);
}
