//! Out of money: the platform pauses, nothing restarts by itself, apply goes on after a resume.

use serde_json::json;

use crate::stage::{Stage, lines};

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
