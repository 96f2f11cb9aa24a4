//! Steering: clock, funds, campaigns, reset; starting and stopping.

use std::sync::{Arc, Mutex};

use bsg_rcs_sandbox::{Sandbox, SandboxConfig, Speed, StartError};
use serde_json::json;

use crate::client::{CAMPAIGN, SEND, World, campaign_to, config, text_to};

#[tokio::test]
async fn a_campaign_that_runs_dry_is_resumed_after_a_top_up() {
    let mut poor = config();
    poor.world.accounts[0].balance = bsg_rcs_domain::Amount::from_ten_millionths(3_000_000);
    let world = World::with(poor).await;
    let numbers = (0..50).map(|at| 380_661_000_000 + at * 100);
    let (_, campaign) = world.post(CAMPAIGN, &campaign_to(numbers)).await;
    let id = &campaign["data"]["id"];
    let status =
        async || world.get(&format!("/api/campaigns/{id}")).await.1["data"]["status"].clone();
    world.advance("1h").await;
    assert_eq!(status().await, "paused");
    let path = "/sandbox/accounts/live_sandbox/top-up";
    let (code, account) = world.post(path, &json!({ "amount": "0.2000000" })).await;
    assert_eq!((code, &account["available"]), (200, &json!("0.2000000")));
    world.advance("1h").await;
    assert_eq!(status().await, "paused");
    let (code, _) = world.post(&format!("/sandbox/campaigns/{id}/resume"), &json!({})).await;
    assert_eq!(code, 200);
    world.advance("1h").await;
    assert_eq!(status().await, "done");
    let (_, ledger) = world.get("/sandbox/ledger").await;
    let charges = ledger["data"].as_array().unwrap().iter().filter(|e| e["kind"] == "charge");
    assert_eq!(charges.count(), 50);
    for path in ["/sandbox/campaigns/1/resume", "/sandbox/accounts/nobody/top-up"] {
        assert_eq!(world.post(path, &json!({ "amount": "1" })).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn time_passes_when_it_is_told_to_and_a_reset_begins_anew() {
    let world = World::new().await;
    world.post(SEND, &text_to("380661231211", "a")).await;
    world.advance("36h").await;
    world.sandbox.advance(std::time::Duration::from_secs(36 * 3600)).await;
    let (_, clock) = world.get("/sandbox/clock").await;
    assert_eq!(clock["now"], "2026-01-08 09:00:00");
    assert_eq!(clock["now_ms"], world.sandbox.now_ms());
    let (_, state) = world.get("/sandbox/state").await;
    assert_eq!(state["messages"], json!({ "delivered": 1 }));
    assert_eq!(state["accounts"][0]["balance"], "999.9900000");
    let (_, found) = world.get("/sandbox/messages?phone=380661231211").await;
    assert_eq!(found["total"], 1);
    assert_eq!(found["data"][0]["history"][0]["status"], "accepted");
    assert_eq!(world.post("/sandbox/clock", &json!({ "advance": "soon" })).await.0, 422);

    assert_eq!(world.post("/sandbox/reset", &json!({})).await.0, 200);
    let (_, state) = world.get("/sandbox/state").await;
    assert_eq!(state["messages"], json!({}));
    assert_eq!(state["now"], "2026-01-05 09:00:00");
    assert_eq!(world.post(SEND, &text_to("380661231211", "a")).await.0, 200);
}

#[tokio::test]
async fn the_seed_decides_everything() {
    let run = async || {
        let world = World::new().await;
        world.post(CAMPAIGN, &campaign_to(380_661_231_200..380_661_231_300)).await;
        world.advance("5s").await;
        world.post(SEND, &text_to("380661231211", "a")).await;
        world.advance("72h").await;
        let messages = world.get("/sandbox/messages?limit=1000").await.1;
        (messages, world.get("/sandbox/ledger").await.1)
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test]
async fn with_real_time_it_passes_by_itself() {
    let mut config = config();
    config.speed = Speed::times(10_000);
    let world = World::with(config).await;
    world.post(SEND, &text_to("380661231211", "a")).await;
    // No sleep: the loop ends when the ticker has carried the message to its end.
    loop {
        let (_, state) = world.get("/sandbox/state").await;
        if state["messages"] == json!({ "delivered": 1 }) {
            return;
        }
    }
}

/// Keeps the warnings that are traced.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN
    }

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            self.0.lock().unwrap().push(format!("{field}: {value:?}"));
        });
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn it_listens_on_loopback_and_warns_where_others_can_reach_it() {
    let warnings = Warnings::default();
    let _kept = tracing::subscriber::set_default(warnings.clone());
    let quiet = Sandbox::start(config()).await.unwrap();
    assert!(quiet.address().ip().is_loopback());
    assert_eq!(*warnings.0.lock().unwrap(), [""; 0]);
    let everywhere = SandboxConfig { listen: "0.0.0.0:0".parse().unwrap(), ..config() };
    let open = Sandbox::start(everywhere).await.unwrap();
    let warned = warnings.0.lock().unwrap().join("\n");
    assert!(warned.contains("the sandbox can be reached from other machines"), "{warned}");
    assert!(warned.contains(&format!("address: {}", open.address())), "{warned}");
}

#[tokio::test]
async fn a_port_in_use_is_said_with_its_address() {
    let world = World::new().await;
    let address = world.sandbox.address();
    let config = || SandboxConfig { listen: address, ..config() };
    let error = Sandbox::start(config()).await.unwrap_err();
    assert!(matches!(error, StartError::InUse { .. }));
    assert!(error.to_string().contains(&address.to_string()));
    world.sandbox.stop().await;
    Sandbox::start(config()).await.unwrap().stop().await;
}

#[tokio::test]
async fn the_page_is_there() {
    let world = World::new().await;
    let (status, _) = world.get("/").await;
    assert_eq!(status, 200);
    let (status, document) = world.get("/sandbox/openapi.json").await;
    assert_eq!((status, &document["openapi"]), (200, &json!("3.1.0")));
}

#[tokio::test]
async fn what_cannot_be_steered_is_refused_in_words() {
    let world = World::new().await;
    for (path, status) in [
        ("/sandbox/messages?limit=many", 422),
        ("/sandbox/messages?campain_id=1", 422),
        ("/sandbox/messages?phone=x", 422),
        ("/sandbox/messages?campaign_id=1", 200),
        ("/sandbox/nothing", 404),
    ] {
        let (answered, body) = world.get(path).await;
        assert_eq!(answered, status, "{path}: {body}");
        assert_eq!(body["message"].is_string(), status != 200, "{path}: {body}");
    }
    for (path, body, status) in [
        ("/sandbox/campaigns/x/pause", json!({}), 404),
        ("/sandbox/campaigns/1/resume", json!({}), 404),
        ("/sandbox/messages/x/click", json!({}), 404),
        ("/sandbox/accounts/nobody/top-up", json!({ "amount": "1" }), 404),
        ("/sandbox/accounts/live_sandbox/top-up", json!({ "amount": 1.5 }), 422),
        ("/sandbox/callbacks", json!({ "key": "live_sandbox", "url": "ftp://x" }), 422),
        ("/sandbox/clock", json!({ "advance": "soon" }), 422),
        ("/sandbox/faults", json!([{ "on": "callback", "do": "garble" }]), 422),
    ] {
        let (answered, answer) = world.post(path, &body).await;
        assert_eq!(answered, status, "{path}: {answer}");
        let said = answer["message"].as_str().unwrap();
        assert!(!said.contains("line 1"), "{path}: {answer}");
    }
    let (_, refused) = world.post("/sandbox/clock", &json!({ "advance": "1h", "by": 1 })).await;
    assert_eq!(refused["message"], "unknown field `by`, expected `advance`");
    let json_type = [("content-type", "application/json".to_owned())];
    let text = bytes::Bytes::from_static(b"soon");
    let answer = world.raw(http::Method::POST, "/sandbox/clock", &json_type, text).await.unwrap();
    let said = answer.1["message"].as_str().unwrap().to_owned();
    assert!(said.starts_with("The body is no JSON: "), "{said}");
}
