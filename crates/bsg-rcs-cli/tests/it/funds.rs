//! Out of money: the platform pauses, nothing restarts by itself, apply goes on after a resume.

use serde_json::json;

use crate::stage::{Stage, delivered, lines};

#[test]
fn a_campaign_that_the_platform_paused_goes_on_after_a_top_up_and_a_resume() {
    let stage = Stage::new();
    // A carousel to Germany costs 0.09: the 1000 of the account pay for 11111 of 12000.
    let cards = "agent = \"demo_agent\"\n[[cards]]\ntext = \"a\"\n[[cards]]\ntext = \"b\"\n";
    stage.file("message.toml", cards);
    let numbers = || (0..12_000).map(|n| 491_700_000_000 + n * 100);
    stage.file("people.csv", format!("phone\n{}", lines(numbers())));
    let id = stage.plan();
    let apply = ["campaign", "apply", &id];
    stage.run(&[&apply[..], &["--first", "10000"]].concat()).expect(6, "goes on");
    stage.advance("10m");
    stage.run(&apply).expect(0, "");
    stage.advance("10m");
    stage.run(&apply).expect(6, "the funds ran out");

    let state = stage.get("/sandbox/state");
    let campaigns = state["campaigns"].as_array().unwrap();
    let paused = campaigns.iter().find(|campaign| campaign["status"] == "paused").unwrap();
    stage.post("/sandbox/accounts/live_sandbox/top-up", &json!({ "amount": "500.0000000" }));
    stage.advance("10m");
    stage.run(&apply).expect(6, "the funds ran out");
    stage.post(&format!("/sandbox/campaigns/{}/resume", paused["id"]), &json!({}));
    stage.advance("10m");
    stage.run(&apply).expect(0, "");
    stage.expect_each_once(numbers());
}

/// A stage whose one campaign the platform paused for want of funds: the campaign, and its numbers.
fn paused(stage: &Stage) -> (String, Vec<u64>) {
    let numbers: Vec<u64> = delivered(3).collect();
    stage.people(3);
    stage.post("/sandbox/accounts/live_sandbox/balance", &json!({"balance": "0", "credit": "0"}));
    let id = stage.plan();
    stage.run(&["campaign", "apply", &id]);
    stage.advance("10m");
    let state = stage.get("/sandbox/state");
    assert_eq!(state["campaigns"][0]["status"], "paused", "{state}");
    (id, numbers)
}

#[test]
fn a_resume_asks_the_platform_to_go_on_and_applies() {
    let stage = Stage::new();
    let (id, numbers) = paused(&stage);
    stage.post("/sandbox/accounts/live_sandbox/top-up", &json!({ "amount": "500.0000000" }));
    stage.advance("10m");
    stage.run(&["campaign", "apply", &id]).expect(6, "campaign resume");
    stage.run(&["campaign", "resume", &id]).expect(0, "goes on");
    stage.advance("10m");
    stage.expect_each_once(numbers);
    let again = stage.run(&["campaign", "resume", &id]);
    again.expect(0, "has paused nothing");
}

#[test]
fn a_resume_without_the_call_says_where_it_is_done() {
    let stage = Stage::of("[assumptions]\nA4 = false\n", &["--speed", "0"]);
    let (id, numbers) = paused(&stage);
    stage.post("/sandbox/accounts/live_sandbox/top-up", &json!({ "amount": "500.0000000" }));
    let resume = ["campaign", "resume", &id];
    stage.run(&resume).expect(6, "resume it in the account's page");
    let paused = &stage.get("/sandbox/state")["campaigns"][0]["id"];
    stage.post(&format!("/sandbox/campaigns/{paused}/resume"), &json!({}));
    stage.advance("10m");
    stage.run(&resume).expect(0, "");
    stage.expect_each_once(numbers);
}
