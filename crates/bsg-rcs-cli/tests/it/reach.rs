//! A platform that is not reached, that does not take the key, or that refuses.

use std::net::TcpListener;

use serde_json::json;

use crate::program::run;
use crate::stage::Stage;

/// An address at which nothing listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn a_key_that_is_refused() {
    let stage = Stage::new();
    stage.people(1);
    for command in [
        &["account", "balance"][..],
        &["send", "--message", "message.toml", "--to", "380661231210"],
    ] {
        let ended = run(stage.command(command).env("BSG_API_KEY", "live_another"));
        ended.expect(7, "the platform refused the API key");
        assert!(!ended.stderr.contains("live_another"), "{ended:#?}");
        assert_eq!(ended.stdout, "");
    }
    let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
    let mut plan = stage.command(&[&plan[..], &["--output", "json"]].concat());
    let planned = run(plan.env("BSG_API_KEY", "live_another")).expect(0, "").json();
    let id = planned["campaign"].as_str().unwrap();
    let ended = run(stage.command(&["campaign", "apply", id]).env("BSG_API_KEY", "live_another"));
    ended.expect(7, "the platform refused the API key");
    assert_eq!((stage.total(), &stage.report(id)["pending"]), (0, &json!(1)));
}

#[test]
fn a_key_that_is_not_there() {
    let stage = Stage::new();
    run(stage.command(&["account", "balance"]).env_remove("BSG_API_KEY"))
        .expect(3, "set BSG_API_KEY to it, or name a file that holds it with --api-key-file");
    stage.run(&["account", "balance", "--api-key-file", "none.key"]).expect(3, "none.key");
    let mut blank = stage.command(&["account", "balance"]);
    run(blank.env("BSG_API_KEY", " ")).expect(3, "set BSG_API_KEY to it");
    stage.file("empty.key", "\n");
    stage
        .run(&["account", "balance", "--api-key-file", "empty.key"])
        .expect(3, "empty.key: it is empty");
    stage.file("sandbox.key", "live_sandbox\n");
    let mut command = stage.command(&["account", "balance", "--api-key-file", "sandbox.key"]);
    let ended = run(command.env_remove("BSG_API_KEY").args(["--output", "json"]));
    let balance = json!({ "balance": "1000.0000000", "credit": "0.0000000", "currency": "EUR" });
    assert_eq!(ended.expect(0, "").json(), balance);
}

#[test]
fn a_platform_that_is_not_there() {
    let stage = Stage::new();
    let balance = &mut stage.command(&["account", "balance"]);
    run(balance.env("BSG_BASE_URL", nobody())).expect(7, "the platform could not be reached");
    for (url, says) in [
        ("http://example.com", "use https: plain http is for this machine"),
        ("ftp://example.com", "it begins with https://"),
        ("https://user:secret@example.com", "a name or password does not belong into it"),
        ("nowhere", "the base URL cannot be used"),
    ] {
        let balance = &mut stage.command(&["account", "balance"]);
        let ended = run(balance.env("BSG_BASE_URL", url));
        ended.expect(3, says);
        assert!(!ended.stderr.contains("secret"), "{ended:#?}");
    }
}

#[test]
fn a_platform_that_comes_back_is_written_to_once() {
    let stage = Stage::new();
    stage.people(3);
    let id = stage.plan();
    stage.post("/sandbox/faults", &json!([{ "do": "refuse_connection", "for": "900ms" }]));
    let mut apply = stage.start(&["campaign", "apply", &id]);
    apply.err.until("trying again in 1 s");
    apply.end().expect(0, "");
    stage.expect_each_once(crate::stage::delivered(3));
}

#[test]
fn what_the_platform_refuses_ends_with_its_words() {
    let stage = Stage::new();
    stage.people(3);
    stage.file("message.toml", "agent = \"pending_agent\"\ntext = \"Hello\"\n");
    let id = stage.plan();
    let ended = stage.run(&["campaign", "apply", &id]);
    ended.expect(4, "the platform refused a request: ").expect(4, "goes on");
    let report = stage.report(&id);
    assert_eq!((stage.total(), &report["rejected"], &report["pending"]), (0, &json!(0), &json!(3)));
    assert!(report["note"].as_str().unwrap().contains("not active"), "{report}");
    let to = ["--to", "380661231210"];
    let ended = stage.run(&[&["send", "--message", "message.toml"][..], &to].concat());
    assert!(ended.expect(4, "").stdout.starts_with("pending: "), "{ended:#?}");
}
