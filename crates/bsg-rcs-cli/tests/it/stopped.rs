//! Stopped in the middle: by a lost answer, by death, by an interrupt, or as it was told to. Run
//! again, it goes on; nobody is written to twice, nobody forgotten.

use serde_json::{Value, json};

use crate::gate::{At, Gate};
use crate::stage::{Stage, delivered};

/// Two batches.
const PEOPLE: u64 = 5003;

/// A planned campaign of two batches, behind a gate.
fn planned(at: At) -> (Stage, Gate, String) {
    let mut stage = Stage::new();
    stage.people(PEOPLE);
    let gate = Gate::before(&stage.sandbox, at);
    stage.base_url.clone_from(&gate.url);
    let id = stage.plan();
    (stage, gate, id)
}

/// Fails unless everybody has one message, and the report says so.
#[track_caller]
fn expect_all_sent(stage: &Stage, id: &str) {
    stage.expect_each_once(delivered(PEOPLE));
    assert_eq!(counts(stage, id), [PEOPLE, 0, 0, 0]);
}

fn counts(stage: &Stage, id: &str) -> [u64; 4] {
    let report = stage.report(id);
    let count = |name: &str| report[name].as_u64().unwrap();
    ["accepted", "pending", "undetermined", "rejected"].map(count)
}

/// A first batch whose answer does not come back is looked up, in the same run.
fn check_lost_answer(what: &Value) {
    let stage = Stage::new();
    stage.people(PEOPLE);
    let id = stage.plan();
    let send = "POST /api/campaigns/rcs/send";
    stage.post("/sandbox/faults", &json!([{ "on": send, "nth": 1, "do": what }]));
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    expect_all_sent(&stage, &id);
}

#[test]
fn a_lost_answer_is_looked_up_and_nobody_is_written_to_again() {
    check_lost_answer(&json!("drop_after"));
}

#[test]
fn an_answer_that_cannot_be_read_is_looked_up() {
    check_lost_answer(&json!("garble"));
}

#[test]
fn killed_between_a_send_and_its_answer_it_looks_up_and_goes_on() {
    let (stage, gate, id) = planned(At::Answer);
    // Killed in the first batch, and once more in the second.
    for sent in [5000, PEOPLE] {
        let apply = stage.start(&["campaign", "apply", &id, "--concurrency", "1"]);
        let held = gate.next();
        apply.kill();
        drop(held);
        assert_eq!(stage.total(), sent);
        let [accepted, pending, ..] = counts(&stage, &id);
        assert_eq!(accepted + pending, PEOPLE, "what is not known is pending");
    }
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    expect_all_sent(&stage, &id);
}

#[test]
fn interrupted_between_batches_it_stops_and_goes_on_when_asked() {
    let (stage, gate, id) = planned(At::Answer);
    // At this rate a request has ten recipients, and the next leaves after ten seconds.
    let mut apply = stage.start(&["campaign", "apply", &id, "--rate", "1/s", "--output", "json"]);
    drop(gate.next());
    // The first batch is accepted, or is about to be: both are "between batches".
    apply.interrupt();
    apply.err.until("finishing work in progress");
    let ended = apply.end();
    let says = format!("`campaign apply {id}` goes on");
    let report = ended.expect(6, &says).json();
    assert_eq!((&report["state"], &report["accepted"]), (&json!("paused"), &json!(10)));
    assert_eq!(stage.total(), 10);
    drop(gate);
    stage.run(&["campaign", "apply", &id]).expect(0, "");
}

#[test]
fn interrupted_while_a_send_is_in_flight_it_keeps_the_outcome() {
    let (stage, gate, id) = planned(At::Request);
    let mut apply = stage.start(&["campaign", "apply", &id, "--concurrency", "1"]);
    let held = gate.next();
    apply.interrupt();
    apply.err.until("finishing work in progress");
    drop(held);
    apply.end().expect(6, "goes on");
    assert_eq!(counts(&stage, &id), [5000, 3, 0, 0]);
    assert_eq!(stage.total(), 5000);
}

#[test]
fn the_first_recipients_go_alone_until_it_is_applied_again() {
    let stage = Stage::new();
    stage.people(PEOPLE);
    let id = stage.plan();
    let first = stage.run(&["campaign", "apply", &id, "--first", "1"]);
    first.expect(6, &format!("`campaign apply {id}` goes on"));
    assert_eq!((stage.total(), counts(&stage, &id)), (1, [1, 5002, 0, 0]), "1 of 5003 is 1");
    stage.run(&["campaign", "apply", &id, "--first", "0"]).expect(2, "--first");
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    expect_all_sent(&stage, &id);
}
