//! `demo`: the whole journey, with nothing given.

use std::fs;

use serde_json::{Value, json};

use crate::money::ten_millionths;
use crate::program::{Ended, program, run};

/// Runs the demo in an empty folder, with an empty environment; nothing may stay there.
fn demo(args: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(&mut program(folder.path(), &[&["demo"], args].concat()));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "it left files");
    ended
}

/// The equations that always hold, at the end of a campaign.
fn check_equations(journey: &Value) {
    let (plan, report) = (&journey["plan"], &journey["report"]);
    let sum = |of: &Value, names: &[&str]| -> u64 {
        names.iter().map(|name| of[name].as_u64().expect("a count")).sum()
    };
    let recipients = sum(plan, &["recipients"]);
    assert_eq!(sum(plan, &["read"]), sum(plan, &["refused", "duplicates"]) + recipients);
    assert_eq!(plan["batches"], recipients.div_ceil(5000));
    assert_eq!(plan["refusals"].as_array().unwrap().len() as u64, sum(plan, &["refused"]).min(100));
    let parts = ["accepted", "rejected", "undetermined", "pending"];
    assert_eq!((&report["recipients"], sum(report, &parts)), (&plan["recipients"], recipients));
    let statuses = report["statuses"].as_object().unwrap();
    let counted: u64 = statuses.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(report["accepted"], counted);
    let [before, after] =
        ["balance_before", "balance_after"].map(|at| ten_millionths(&journey[at]));
    assert_eq!(before - after, ten_millionths(&report["billed"]));
    assert_eq!(report["campaign"], plan["campaign"]);
    for currency in [&report["currency"], &plan["estimate"]["currency"], &journey["currency"]] {
        assert_eq!(currency, "EUR");
    }
}

#[test]
fn the_bundled_recipients_meet_every_fate_and_the_equations_hold() {
    let journey = demo(&["--output", "json"]).expect(0, "").json();
    check_equations(&journey);
    // Every fate of 91 to 99 stands there once in each of two countries.
    let (report, plan) = (&journey["report"], &journey["plan"]);
    assert_eq!(
        report["statuses"],
        json!({
            "delivered": 10, // 99 is among them
            "read": 4,       // 91 and 98
            "expired": 2,
            "undelivered": 2,
            "failed": 2,
            "not_service_user": 2,
            "sent": 4,       // 96 and 97: nothing more is ever said
        })
    );
    let counts = ["recipients", "accepted", "pending", "never_told", "clicks", "sms"];
    assert_eq!(counts.map(|name| report[name].clone()), [26, 26, 0, 4, 2, 0].map(Value::from));
    assert_eq!((&report["state"], &report["billed"]), (&json!("done"), &json!("0.6500000")));
    let counts = ["read", "refused", "duplicates", "recipients", "batches"];
    assert_eq!(counts.map(|name| plan[name].clone()), [35, 6, 3, 26, 1].map(Value::from));
}

#[test]
fn a_json_document_is_all_that_json_prints() {
    let ended = demo(&["--output", "json"]);
    let keys: Vec<String> = ended.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["balance_after", "balance_before", "currency", "plan", "report"]);
    assert_eq!(ended.stderr, "", "no terminal, no progress");
}

#[test]
fn people_see_the_plan_and_then_the_report() {
    let ended = demo(&[]);
    let text = &ended.expect(0, "").stdout;
    let mut rest = text.as_str();
    for part in [
        "Plan\n",
        "recipients     26",
        "NUM-NATIONAL",
        "Report\n",
        "10 delivered",
        "\nbalance 1000.0000000 -> 999.3500000 EUR\n",
    ] {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("no {part:?} in {rest}")).1;
    }
    assert_eq!(rest, "");
}

#[test]
fn the_temporary_folder_is_cleared_away() {
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut command = program(folder.path(), &["demo", "--output", "json"]);
    run(command.env("TMPDIR", temporary.path())).expect(0, "");
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let report = || {
        let mut journey = demo(&["--seed", "7", "--output", "json"]).expect(0, "").json();
        // The campaign's id is random on purpose.
        journey["report"]["campaign"].take();
        journey["report"].take()
    };
    assert_eq!(report(), report());
}

#[test]
fn recipients_of_ones_own_travel_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("own.txt"), "+380 66 123 12 10\n380661231210\nnobody\n").unwrap();
    let args = ["demo", "--recipients", "own.txt", "--output", "json"];
    let journey = run(&mut program(folder.path(), &args)).expect(0, "").json();
    check_equations(&journey);
    assert_eq!(journey["report"]["statuses"], json!({ "delivered": 1 }));
    let missing = run(&mut program(folder.path(), &["demo", "--recipients", "none.txt"]));
    assert_eq!(missing.expect(3, "none.txt: there is no such file").stdout, "");
}

/// Output that cannot be written is a fault and no panic; a reader that has left is neither.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_a_closed_pipe_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let check = |stdout: std::process::Stdio, code: i32, says: &str| {
        let mut command = program(folder.path(), &["demo"]);
        let ended = command.stdout(stdout).stderr(std::process::Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), stderr.as_str()), (Some(code), says));
    };
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let says =
        "error: standard output cannot be written to: No space left on device (os error 28)\n";
    check(full.into(), 1, says);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    check(writer.into(), 0, "");
}

fn check_count(count: u64, batches: u64) {
    let journey = demo(&["--count", &count.to_string(), "--output", "json"]).expect(0, "").json();
    check_equations(&journey);
    assert_eq!(journey["plan"]["batches"], batches);
    let report = &journey["report"];
    assert_eq!((&report["accepted"], &report["state"]), (&json!(count), &json!("done")));
}

#[test]
fn as_many_numbers_as_are_asked_for_go_in_batches_of_five_thousand() {
    check_count(1, 1);
    check_count(5001, 2);
}
