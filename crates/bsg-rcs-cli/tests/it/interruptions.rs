//! Two at once, a kill, an interrupt: nobody twice, nobody forgotten.

use crate::bench::Bench;

const SEND: &str = "POST /api/campaigns/rcs/send";

/// Enough people for two batches.
fn two_batches() -> String {
    (0..5003_u64).map(|n| format!("{}\n", 380_500_000_000 + n)).collect()
}

#[test]
fn of_two_that_apply_at_once_one_works_and_the_other_says_so_and_leaves() {
    let bench = Bench::new();
    let id = bench.plan("380661231210\n");
    // The first one hangs in its send for a while: it says so in its log once it has the claim.
    bench.faults(&format!(r#"[{{"on": "{SEND}", "nth": 1, "do": {{"delay": "4s"}}}}]"#));
    let mut first = bench.start(&["campaign", "apply", &id, "-vv"]);
    first.wait_for_words("/api/auth/login");
    let second = bench.run(&["campaign", "apply", &id]);
    assert_eq!(second.code, 6, "{}", second.stderr);
    assert!(second.stderr.contains("being applied by another process"), "{}", second.stderr);
    drop(first.end());
    bench.json(&["campaign", "apply", &id], 0);
    assert_eq!(bench.numbers(), [380_661_231_210]);
}

#[test]
fn killed_after_its_request_arrived_it_looks_it_up_and_goes_on() {
    let bench = Bench::new();
    let id = bench.plan(&two_batches());
    // The first batch is carried out and its answer lost: whoever applies does not know.
    bench.faults(&format!(r#"[{{"on": "{SEND}", "nth": 1, "do": "drop_after"}}, {{"on": "GET /api/messages", "nth": 1, "do": {{"delay": "600s"}}}}]"#));
    let mut first = bench.start(&["campaign", "apply", &id, "-vv"]);
    first.wait_for_words("may have been sent");
    first.signal("-KILL");
    assert_eq!(first.end().0, None);
    assert_eq!(bench.numbers().len(), 5000, "the request had arrived");
    bench.faults("[]");
    let report = bench.json(&["campaign", "apply", &id], 0);
    assert_eq!(report["accepted"], 5003);
    let expected: Vec<u64> = (0..5003).map(|n| 380_500_000_000 + n).collect();
    assert_eq!(bench.numbers(), expected, "everyone once");
}

#[test]
fn interrupted_between_batches_it_keeps_what_was_sent_and_goes_on() {
    let bench = Bench::new();
    let id = bench.plan(&two_batches());
    // At this rate the second batch would wait for hours.
    let mut first = bench.start(&["campaign", "apply", &id, "--rate", "1/s", "-vv"]);
    first.wait_for_words(r#"path="/api/campaigns/rcs/send""#);
    first.signal("-INT");
    assert_eq!(first.end().0, Some(6));
    assert_eq!(bench.numbers().len(), 5000);
    let canary = bench.json(&["campaign", "apply", &id, "--first", "1"], 6);
    assert_eq!(
        (canary["accepted"].as_u64(), canary["state"].as_str()),
        (Some(5000), Some("paused"))
    );
    assert_eq!(bench.json(&["campaign", "apply", &id], 0)["accepted"], 5003);
    assert_eq!(bench.numbers().len(), 5003);
}

#[test]
fn a_campaign_that_runs_out_of_money_pauses_and_goes_on_after_a_resume() {
    let bench = Bench::new();
    // 1000 EUR are enough for 20000 texts at 0.05: a message for 0.09 a piece leaves less.
    let cards = "agent = \"demo_agent\"\n[[cards]]\ntext = \"a\"\n[[cards]]\ntext = \"b\"\n";
    bench.file("message.toml", cards);
    let people: String =
        (0..12_000_u64).map(|n| format!("{}\n", 491_700_000_000 + n * 100)).collect();
    let id = bench.plan(&people);
    bench.json(&["campaign", "apply", &id, "--first", "10000"], 6);
    // The two batches together cost 900 of the 1000: the third one's 180 are too much.
    bench.advance("10m");
    bench.json(&["campaign", "apply", &id], 0);
    bench.advance("10m");
    let said = bench.run(&["campaign", "apply", &id]);
    assert_eq!(said.code, 6, "{}", said.stderr);
    assert!(said.stderr.contains("the funds ran out"), "{}", said.stderr);
    let state = crate::http::get(&format!("{}/sandbox/state", bench.url));
    let campaigns = state["campaigns"].as_array().unwrap();
    let paused = campaigns.iter().find(|c| c["status"] == "paused").unwrap();
    let remote = &paused["id"];
    let url = &bench.url;
    crate::http::post(
        &format!("{url}/sandbox/accounts/live_sandbox/top-up"),
        r#"{"amount": "500.0000000"}"#,
    );
    assert_eq!(bench.run(&["campaign", "apply", &id]).code, 6, "nothing restarts by itself");
    crate::http::post(&format!("{url}/sandbox/campaigns/{remote}/resume"), "{}");
    bench.advance("10m");
    bench.json(&["campaign", "apply", &id], 0);
    assert_eq!(bench.numbers().len(), 12_000);
}
