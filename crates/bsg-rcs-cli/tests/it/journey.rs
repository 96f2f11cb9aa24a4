//! A campaign through four processes, counted from both sides.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::bench::{Bench, amount};
use crate::http::get;

/// Numbers of most fates; those without an end would keep the campaign open for days.
const PEOPLE: &str = "phone,reference\n+380 66 123 12 10,ann\n380661231291,ben\n380661231293,eve\n\
                      00380661231210,ann again\n491701234599,joe\n0661231213,national\n";

#[test]
fn sandbox_ledger_store_and_report_agree() {
    let bench = Bench::new();
    let (_webhook, _) = bench.webhook();
    let id = bench.plan(PEOPLE);
    assert!(bench.messages().is_empty(), "a plan sends nothing");
    let applied = bench.json(&["campaign", "apply", &id], 0);
    assert_eq!(
        (applied["state"].as_str(), applied["accepted"].as_u64()),
        (Some("sending"), Some(4))
    );
    bench.advance("1h");

    let report = bench.json(&["campaign", "apply", &id, "--wait"], 0);
    assert_eq!(report["state"], "done");
    for status in ["delivered", "read", "undelivered"] {
        assert!(report["statuses"][status].is_u64(), "{status}: {report}");
    }
    let ledger = get(&format!("{}/sandbox/ledger", bench.url));
    let lines = ledger["data"].as_array().unwrap();
    let charges = lines.iter().filter(|line| line["kind"] == "charge");
    let charged: i128 = charges.map(|line| amount(&line["amount"])).sum();
    assert!(charged > 0);
    assert_eq!(amount(&report["billed"]), charged);
    assert_eq!(bench.json(&["campaign", "report", &id], 0), report);
    assert_eq!(bench.json(&["campaign", "status", &id], 0), report);
    let list = bench.json(&["campaign", "list"], 0);
    assert_eq!(list[0]["campaign"], *id);
    assert_eq!(list[0]["state"], "done");
}

#[test]
fn each_number_gets_one_message_under_a_sealed_reference_however_often_it_is_applied() {
    let bench = Bench::new();
    let id = bench.plan(PEOPLE);
    for _ in 0..3 {
        bench.json(&["campaign", "apply", &id], 0);
    }
    let messages = bench.messages();
    let numbers = bench.numbers();
    assert_eq!(numbers.len(), 4);
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 4, "nobody twice");
    for message in &messages {
        let reference = message["reference"].as_str().unwrap();
        let base32 = |b: u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b);
        assert!(reference.len() == 32 && reference.bytes().all(base32), "{reference}");
    }
}

#[test]
fn the_alternative_channel_delivers_and_is_billed_by_its_own_price() {
    let bench = Bench::new();
    let (_webhook, _) = bench.webhook();
    let message = "agent = \"demo_agent\"\ntext = \"a\"\nvalidity = \"1h\"\n\
                   [sms]\nsender = \"Bistro\"\ntext = \"a\"\nvalidity = \"1h\"\n";
    bench.file("message.toml", message);
    let id = bench.plan("380661231294\n380661231295\n380661231210\n");
    bench.json(&["campaign", "apply", &id], 0);
    bench.advance("3h");
    let report = bench.json(&["campaign", "apply", &id, "--wait"], 0);
    assert_eq!((&report["state"], &report["sms"]), (&Value::from("done"), &Value::from(2)));
    // One text at 0.01 and two SMS of one part at 0.008, all to Ukraine.
    assert_eq!(report["billed"], "0.0260000");
}

#[test]
fn check_finds_faults_and_prices_and_sends_nothing() {
    let bench = Bench::new();
    bench.file("people.csv", PEOPLE);
    let prices = "country,type,price,currency\n*,text,0.05,EUR\nUA,text,0.01,EUR\n";
    bench.file("prices.csv", prices);
    let files = ["--message", "message.toml", "--recipients", "people.csv"];
    let checked = bench.json(&[&["check"][..], &files, &["--prices", "prices.csv"]].concat(), 0);
    assert_eq!(checked["accepted"], true);
    assert_eq!(checked["recipients"]["recipients"], 4);
    assert_eq!(checked["recipients"]["estimate"]["expected"], "0.0800000");
    bench.file("message.toml", "agent = \"\"\ntext = \"\"\n");
    let checked = bench.json(&["check", "--message", "message.toml"], 3);
    let rules: Vec<_> = checked["faults"].as_array().unwrap().iter().map(|f| &f["rule"]).collect();
    assert_eq!(rules, ["AGENT-LEN", "RCS-TEXT-LEN"]);
    assert!(bench.messages().is_empty());
    let balance = bench.json(&["account", "balance"], 0);
    assert_eq!(balance["balance"], "1000.0000000");
}
