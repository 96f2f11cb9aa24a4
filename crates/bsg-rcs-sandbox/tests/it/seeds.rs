//! On virtual time the seed decides everything: the same requests give the same histories and the same ledger, to the
//! last byte.

use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::client::{CAMPAIGN, Receiver, SEND, World, campaign_to, config, text_to};

/// What can be seen of a world at its end.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    messages: Bytes,
    ledger: Bytes,
    campaigns: Bytes,
}

/// Lets a fixed sequence of requests pass, with campaigns side by side, a pause, a stop, and an account running dry.
async fn run(seed: u64) -> Seen {
    let mut config = config();
    config.seed = seed;
    config.world.accounts[0].balance = bsg_rcs_domain::Amount::from_ten_millionths(35_000_000);
    let world = World::with(config).await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    let mut ids = Vec::new();
    for at in 0..3 {
        let first = 380_661_231_200 + at * 1000;
        let mut body = campaign_to(first..first + 200);
        body["alternative_channel"] = json!({ "sms": { "text": "Hello", "sender": "Bistro" } });
        let (status, sent) = world.post(CAMPAIGN, &body).await;
        assert_eq!(status, 200, "{sent}");
        ids.push(sent["data"]["id"].to_string());
        world.advance("1s").await;
    }
    world.post(&format!("/sandbox/campaigns/{}/pause", ids[0]), &json!({})).await;
    world.post(SEND, &text_to("380661239211", "a")).await;
    world.call(Method::PATCH, &format!("/api/campaigns/{}/stop", ids[1]), None).await.unwrap();
    world.advance("73h").await;
    let top_up = json!({ "amount": "10" });
    world.post("/sandbox/accounts/live_sandbox/top-up", &top_up).await;
    world.post(&format!("/sandbox/campaigns/{}/resume", ids[0]), &json!({})).await;
    world.advance("100h").await;
    Seen {
        messages: world.bytes("/sandbox/messages?limit=10000").await,
        ledger: world.bytes("/sandbox/ledger").await,
        campaigns: world.bytes("/api/campaigns?filter[type]=rcs").await,
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let (one, again, other) = (run(7).await, run(7).await, run(8).await);
    assert!(one.messages.len() > 100_000 && one.ledger.len() > 50_000, "there is something to see");
    assert!(one == again, "the same seed");
    assert_ne!(one.messages, other.messages, "when things happen is drawn by lot");
    assert_ne!(one.ledger, other.ledger);
}
