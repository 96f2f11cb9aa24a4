//! Two processes at one campaign.

use serde_json::json;

use crate::gate::{At, Gate};
use crate::stage::{Stage, delivered};

#[test]
fn a_campaign_is_applied_by_one_process_at_a_time() {
    let mut stage = Stage::new();
    stage.people(3);
    let gate = Gate::before(&stage.sandbox, At::Request);
    stage.base_url.clone_from(&gate.url);
    let id = stage.plan();
    let first = stage.start(&["campaign", "apply", &id]);
    let held = gate.next();
    let second = stage.run(&["campaign", "apply", &id]);
    let says = format!("campaign {id} is being applied by another process: wait until");
    assert_eq!(second.expect(6, &says).stdout, "");
    assert_eq!(stage.report(&id)["pending"], 3, "looking on is no harm");
    drop(held);
    first.end().expect(0, "");
    stage.expect_each_once(delivered(3));
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    assert_eq!(stage.total(), 3);
}

/// An emergency stop never waits for the worker to let it: the next request does not leave.
#[test]
fn a_campaign_is_stopped_beside_the_process_that_applies_it() {
    let mut stage = Stage::new();
    stage.people(30);
    let gate = Gate::before(&stage.sandbox, At::Request);
    stage.base_url.clone_from(&gate.url);
    let id = stage.plan();
    let one = ["--concurrency", "1", "--batch-size", "3"];
    let apply = stage.start(&[&["campaign", "apply", &id][..], &one].concat());
    let held = gate.next();
    let mut stop = stage.start(&["campaign", "stop", &id]);
    stop.err.until("no new request leaves");
    drop(held);
    drop(gate);
    apply.end().expect(6, "stopped for good");
    stop.end().expect(0, "");
    assert_eq!(stage.total(), 3, "what was under way, and no more");
    let report = stage.report(&id);
    assert_eq!((&report["accepted"], &report["pending"]), (&json!(3), &json!(27)));
}

#[test]
fn two_campaigns_of_one_store_are_applied_side_by_side() {
    let mut stage = Stage::new();
    let gate = Gate::before(&stage.sandbox, At::Request);
    stage.base_url.clone_from(&gate.url);
    let [one, other] = [3, 4].map(|count| {
        stage.people(count);
        stage.plan()
    });
    let one = stage.start(&["campaign", "apply", &one]);
    let _held = gate.next();
    let other = stage.start(&["campaign", "apply", &other]);
    drop(gate.next());
    other.end().expect(0, "");
    drop(_held);
    one.end().expect(0, "");
    assert_eq!(stage.total(), 7);
}
