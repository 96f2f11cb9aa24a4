//! One campaign through four processes: sandbox, webhook, plan, apply.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::money::ten_millionths;
use crate::stage::{MESSAGE, Stage, lines};

/// Every fate that comes to an end by itself, in two countries.
fn everybody() -> impl Iterator<Item = u64> {
    let endings = [10, 11, 91, 92, 93, 94, 95, 98, 99];
    endings.into_iter().flat_map(|ending| [380_661_231_200 + ending, 491_701_234_500 + ending])
}

fn charged(stage: &Stage) -> i128 {
    let ledger = stage.get("/sandbox/ledger");
    let charges = ledger["data"].as_array().unwrap().iter().filter(|line| line["kind"] == "charge");
    charges.map(|line| ten_millionths(&line["amount"])).sum()
}

fn check_references(stage: &Stage) {
    let messages = stage.messages();
    let rcs: Vec<_> = messages.iter().filter(|message| message["type"] == "rcs").collect();
    let mut distinct = BTreeSet::new();
    for message in &rcs {
        let reference = message["reference"].as_str().unwrap();
        assert_eq!(reference.len(), 32, "{reference}");
        assert!(reference.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7')), "{reference}");
        distinct.insert(reference);
    }
    assert_eq!(distinct.len(), rcs.len());
}

/// The report once its statuses are these: a campaign is done when all have ended, and who reads is told later.
fn told_all(stage: &Stage, id: &str, statuses: &Value) -> Value {
    let mut reports = (0..1000).map(|_| stage.json(&["campaign", "status", id]));
    let report = reports.find(|report| report["statuses"] == *statuses);
    report.unwrap_or_else(|| panic!("{}", stage.json(&["campaign", "status", id])))
}

/// Sends a message to everybody and compares what the program says with what the sandbox knows.
fn check_journey(message: &str, statuses: &Value, sms: u64) {
    let stage = Stage::new();
    let (webhook, _) = stage.webhook();
    stage.file("message.toml", message);
    stage.file("people.csv", format!("phone\n{}", lines(everybody())));
    let id = stage.plan();
    assert_eq!(stage.total(), 0, "a plan sends nothing");
    let apply = stage.start(&["campaign", "apply", &id, "--wait", "--output", "json"]);
    while stage.total() < everybody().count() as u64 {}
    stage.advance("200h");
    let report = apply.end().expect(0, "").json();

    assert_eq!((&report["state"], &report["sms"]), (&json!("done"), &json!(sms)), "{report}");
    let report = told_all(&stage, &id, statuses);
    stage.expect_each_once(everybody());
    check_references(&stage);
    let billed = ten_millionths(&report["billed"]);
    assert_eq!(billed, charged(&stage));
    let balance = &stage.get("/sandbox/state")["accounts"][0]["balance"];
    assert_eq!(ten_millionths(&json!("1000.0000000")) - ten_millionths(balance), billed);

    for command in ["status", "report"] {
        assert_eq!(stage.json(&["campaign", command, &id]), report, "{command}");
    }
    let listed = stage.json(&["campaign", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    for name in ["campaign", "state", "recipients"] {
        assert_eq!(listed[0][name], report[name], "{name}");
    }

    let sent = stage.total();
    assert_eq!(stage.json(&["campaign", "apply", &id, "--wait"]), report);
    assert_eq!(stage.total(), sent, "applied again, it sends nothing more");
    webhook.interrupt();
    assert_eq!(webhook.end().code, Some(0));
}

#[test]
fn what_the_program_reports_is_what_the_sandbox_charged() {
    let statuses = json!({
        "delivered": 6, "read": 4, "expired": 2, "undelivered": 2, "failed": 2,
        "not_service_user": 2,
    });
    check_journey(MESSAGE, &statuses, 0);
}

#[test]
fn the_alternative_channel_delivers_what_rcs_could_not() {
    let message = format!("{MESSAGE}[sms]\nsender = \"Bistro\"\ntext = \"Your table is ready.\"\n");
    check_journey(&message, &json!({ "delivered": 14, "read": 4 }), 8);
}

#[test]
fn three_batches_go_and_nobody_is_written_to_twice() {
    let stage = Stage::new();
    let numbers = 380_661_000_000..380_661_010_000;
    // Who comes again comes in another batch, written differently.
    let again = "00380661000000\n+380 66 100 50 00\n";
    stage.file("people.csv", format!("{}{again}{}", lines(numbers.clone()), lines([numbers.end])));
    let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
    let plan = stage.json(&plan);
    assert_eq!((&plan["batches"], &plan["duplicates"]), (&json!(3), &json!(2)));
    let report = stage.json(&["campaign", "apply", plan["campaign"].as_str().unwrap()]);
    assert_eq!(report["accepted"], 10_001);
    let state = stage.get("/sandbox/state");
    let campaigns = state["campaigns"].as_array().unwrap();
    let size = |campaign: &serde_json::Value| campaign["recipients"].as_u64().unwrap();
    let mut sizes: Vec<_> = campaigns.iter().map(size).collect();
    // Two requests leave at once, and arrive as they come.
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 5000, 5000]);
    stage.expect_each_once(numbers.start..=numbers.end);
}
