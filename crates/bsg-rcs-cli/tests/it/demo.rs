//! `demo`: no flag, no account, no server, no variable; its equations hold.

use serde_json::Value;

use crate::bench::{amount, program};

fn demo(arguments: &[&str]) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = program(folder.path()).arg("demo").args(arguments).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it leaves no file");
    let stdout = String::from_utf8(output.stdout).unwrap();
    (serde_json::from_str(&stdout).unwrap_or(Value::Null), stdout)
}

/// The equations that every demo keeps.
fn check(journey: &Value) {
    let (plan, report) = (&journey["plan"], &journey["report"]);
    let count =
        |of: &Value, name: &str| of[name].as_u64().unwrap_or_else(|| panic!("{name}: {of}"));
    let sum = |of: &Value, names: &[&str]| names.iter().map(|name| count(of, name)).sum::<u64>();
    assert_eq!(count(plan, "read"), sum(plan, &["refused", "duplicates", "recipients"]));
    let parts = ["accepted", "rejected", "undetermined", "pending"];
    assert_eq!(count(report, "recipients"), sum(report, &parts));
    assert_eq!(report["recipients"], plan["recipients"]);
    assert_eq!(report["campaign"], plan["campaign"]);
    let statuses = report["statuses"].as_object().unwrap().values();
    assert_eq!(statuses.map(|n| n.as_u64().unwrap()).sum::<u64>(), count(report, "accepted"));
    let spent = amount(&journey["balance_before"]) - amount(&journey["balance_after"]);
    assert_eq!(spent, amount(&report["billed"]));
    assert_eq!(report["state"], "done");
    assert_eq!(report["currency"], journey["currency"]);
}

#[test]
fn the_bundled_recipients_meet_every_fate_and_the_equations_hold() {
    let (journey, _) = demo(&["--output", "json"]);
    check(&journey);
    let plan = &journey["plan"];
    assert!(plan["refused"].as_u64() > Some(0) && plan["duplicates"].as_u64() > Some(0));
    for refusal in plan["refusals"].as_array().unwrap() {
        assert!(refusal["line"].is_u64() && refusal["value"].is_string());
        assert!(refusal["rule"].as_str().unwrap().starts_with("NUM-"));
    }
    let report = &journey["report"];
    let fates = ["delivered", "read", "expired", "undelivered", "failed", "not_service_user"];
    for status in fates {
        assert!(report["statuses"][status].as_u64() > Some(0), "{status}: {report}");
    }
    // The silent ones and the unknown ones.
    assert_eq!(report["never_told"], 4);
    assert_eq!(report["clicks"], 2);
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let report = |seed: &str| {
        let mut journey = demo(&["--output", "json", "--seed", seed]).0;
        journey["report"]["campaign"].take();
        journey["report"].take()
    };
    assert_eq!(report("7"), report("7"));
}

#[test]
fn words_show_plan_and_report() {
    let (_, words) = demo(&[]);
    for word in ["Plan", "Refused", "NUM-NATIONAL", "Report", "delivered", "billed", "balance"] {
        assert!(words.contains(word), "{word}: {words}");
    }
}

#[test]
fn more_than_a_batch_goes_in_batches_of_at_most_5000() {
    let (journey, _) = demo(&["--count", "5100", "--output", "json"]);
    check(&journey);
    assert_eq!(journey["plan"]["batches"], 2);
    assert_eq!(journey["report"]["accepted"], 5100);
}
