//! `check`: every fault at once, and nothing is sent or kept.

use serde_json::json;

use crate::stage::Stage;

#[test]
fn every_fault_of_a_message_is_told_at_once() {
    let stage = Stage::new();
    let long = "a".repeat(161);
    stage.file("bad.toml", format!("agent = \"\"\nvalidity = \"100h\"\ntext = \"{long}\"\n"));
    let ended = stage.run(&["check", "--message", "bad.toml", "--output", "json"]);
    let told = ended.expect(3, "").json();
    assert_eq!(told["accepted"], false);
    let faults = told["faults"].as_array().unwrap();
    let rules: Vec<_> = faults.iter().map(|fault| fault["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["AGENT-LEN", "RCS-TEXT-LEN", "VALIDITY-HOURS"]);
}

#[test]
fn a_list_is_judged_and_priced_and_nothing_is_kept() {
    let stage = Stage::new();
    stage.people(3);
    stage.file("prices.csv", "country,type,price,currency\nUA,text,0.0100000,EUR\n");
    let files =
        ["--message", "message.toml", "--recipients", "people.csv", "--prices", "prices.csv"];
    let told = stage.json(&[&["check"], &files[..]].concat());
    assert_eq!(told["accepted"], true);
    assert_eq!(told["recipients"]["recipients"], 3);
    assert_eq!(
        told["recipients"]["estimate"],
        json!({ "expected": "0.0300000", "worst": "0.0300000", "currency": "EUR" })
    );
    assert!(!stage.folder.path().join("store.db").exists());
    assert_eq!(stage.total(), 0);
}
