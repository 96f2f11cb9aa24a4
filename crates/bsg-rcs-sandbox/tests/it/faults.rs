//! Fault scripts, seen from the wire.

use http::Method;
use serde_json::{Value, json};

use crate::client::{CAMPAIGN, Receiver, SEND, World, campaign_to, text_to};

const ON_SEND: &str = "POST /api/messages/rcs/send";

#[tokio::test]
async fn a_request_is_lost_before_it_is_carried_out_or_its_answer_after() {
    for (what, made) in [("drop_before", 0), ("drop_after", 1)] {
        let world = World::new().await;
        world.fault(json!([{ "on": ON_SEND, "nth": 2, "do": what }])).await;
        assert_eq!(world.post(SEND, &text_to("380661231211", "a")).await.0, 200);
        let lost = world.call(Method::POST, SEND, Some(&text_to("380661231212", "b"))).await;
        assert_eq!(lost, None, "{what}");
        let (_, found) = world.get("/api/messages?filter[reference_id]=b").await;
        assert_eq!(found["meta"]["page"]["total"], made, "{what}");
        assert_eq!(world.post(SEND, &text_to("380661231213", "c")).await.0, 200);
    }
}

#[tokio::test]
async fn a_status_is_answered_and_nothing_done() {
    let world = World::new().await;
    world.fault(json!([{ "on": ON_SEND, "do": { "status": 503 } }])).await;
    for _ in 0..2 {
        assert_eq!(world.post(SEND, &text_to("380661231211", "a")).await.0, 503);
    }
    world.fault(json!([{ "on": ON_SEND, "nth": 1, "do": "garble" }])).await;
    let (status, body) = world.post(SEND, &text_to("380661231211", "a")).await;
    assert_eq!((status, body), (200, json!(null)), "no JSON");
    world
        .fault(json!([{ "on": "GET /api/campaigns/{id}", "nth": 1, "do": { "status": 500 } }]))
        .await;
    assert_eq!(world.get("/api/campaigns/1").await.0, 500);
    assert_eq!(world.get("/api/campaigns/1").await.0, 404);
}

#[tokio::test]
async fn callbacks_are_dropped_repeated_reordered_put_off() {
    for (what, words) in [
        (json!("drop"), vec!["delivered"]),
        (json!("repeat"), vec!["sent", "sent", "delivered"]),
        (json!("reorder"), vec!["delivered", "sent"]),
        (json!({ "delay": "1m" }), vec!["delivered", "sent"]),
    ] {
        let world = World::new().await;
        let receiver = Receiver::new(0).await;
        world.listen_with(&receiver).await;
        world.fault(json!([{ "on": "callback", "nth": 1, "do": what }])).await;
        world.post(SEND, &text_to("380661231211", "a")).await;
        world.advance("1h").await;
        assert_eq!(receiver.words(), words, "{what}");
    }
}

#[tokio::test]
async fn connections_are_refused_for_a_while() {
    let world = World::new().await;
    world.fault(json!([{ "do": "refuse_connection", "for": "100ms" }])).await;
    let connect = async || tokio::net::TcpStream::connect(world.sandbox.address()).await;
    let refused = connect().await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert_eq!(world.call(Method::GET, "/sandbox/clock", None).await, None);
    // No sleep: it listens again when the time is over.
    while connect().await.is_err() {}
    assert_eq!(world.get("/sandbox/clock").await.0, 200);
}

/// What was made with a reference, and what is set aside for it.
async fn made(world: &World, reference: &str) -> (Value, Value) {
    let (_, found) = world.get(&format!("/sandbox/messages?reference={reference}")).await;
    let (_, state) = world.get("/sandbox/state").await;
    (found["total"].clone(), state["accounts"][0]["reserved"].clone())
}

#[tokio::test]
async fn every_fault_of_a_request_and_what_is_left_of_it() {
    // What is done, the status that is answered, whether as JSON, and how many messages there are then.
    for (what, status, is_json, count) in [
        (json!("drop_before"), None, false, 0),
        (json!("drop_after"), None, false, 1),
        (json!({ "delay": "1ms" }), Some(200), true, 1),
        (json!({ "status": 503 }), Some(503), true, 0),
        (json!({ "status": 429 }), Some(429), true, 0),
        (json!("garble"), Some(200), false, 1),
    ] {
        let world = World::new().await;
        world.fault(json!([{ "on": ON_SEND, "nth": 2, "do": what }])).await;
        assert_eq!(world.post(SEND, &text_to("380661231211", "a")).await.0, 200, "{what}");
        let answer = world.call(Method::POST, SEND, Some(&text_to("380661231212", "b"))).await;
        assert_eq!(answer.as_ref().map(|(status, _)| *status), status, "{what}");
        assert_eq!(answer.is_some_and(|(_, body)| body.is_object()), is_json, "{what}");
        let reserved = format!("0.0{}00000", 1 + count);
        assert_eq!(made(&world, "b").await, (json!(count), json!(reserved)), "{what}");
        // Sent again, it is known to the platform exactly if it was carried out.
        world.advance("0s").await;
        let again = if count == 1 { 429 } else { 200 };
        assert_eq!(world.post(SEND, &text_to("380661231212", "b")).await.0, again, "{what}");
    }
}

#[tokio::test]
async fn a_campaign_whose_answer_is_lost_goes_its_way() {
    let world = World::new().await;
    world
        .fault(json!([{ "on": "POST /api/campaigns/rcs/send", "nth": 1, "do": "drop_after" }]))
        .await;
    let body = campaign_to(380_661_231_200..380_661_231_210);
    assert_eq!(world.call(Method::POST, CAMPAIGN, Some(&body)).await, None);
    assert_eq!(world.post(CAMPAIGN, &body).await.0, 429, "it is there");
    world.advance("1h").await;
    let (_, state) = world.get("/sandbox/state").await;
    assert_eq!(state["messages"], json!({ "delivered": 10 }));
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "the delay passes on the wall clock, where clients have their timeouts"
)]
async fn a_delayed_request_takes_its_time_and_holds_nobody_up() {
    let world = World::new().await;
    world.fault(json!([{ "on": ON_SEND, "do": { "delay": "200ms" } }])).await;
    let others = async {
        for _ in 0..3 {
            assert_eq!(world.get("/api/accounts/balance").await.0, 200);
        }
    };
    let begun = std::time::Instant::now();
    let body = text_to("380661231211", "a");
    let (answer, ()) = tokio::join!(world.post(SEND, &body), others);
    assert_eq!(answer.0, 200);
    assert!(begun.elapsed() >= std::time::Duration::from_millis(200));
}

#[tokio::test]
async fn counting_begins_with_the_script_and_anew_with_the_next() {
    let world = World::new().await;
    let ask = async || world.get("/api/accounts/balance").await.0;
    let on = "GET /api/accounts/balance";
    assert_eq!(ask().await, 200);
    world.fault(json!([{ "on": on, "nth": 2, "do": { "status": 503 } }])).await;
    assert_eq!([ask().await, ask().await, ask().await], [200, 503, 200]);
    world.fault(json!([{ "on": on, "nth": 1, "do": { "status": 502 } }])).await;
    assert_eq!([ask().await, ask().await], [502, 200]);
    // Each rule counts for itself; where several have their turn, the first.
    world
        .fault(json!([
            { "on": on, "nth": 2, "do": { "status": 501 } },
            { "on": on, "do": { "status": 500 } },
            { "on": "GET /api/messages", "nth": 1, "do": { "status": 504 } },
        ]))
        .await;
    assert_eq!([ask().await, ask().await, ask().await], [500, 501, 500]);
    assert_eq!(world.get("/api/messages").await.0, 504);
    world
        .fault(json!([
            { "on": on, "nth": 1, "do": { "status": 501 } },
            { "on": on, "nth": 2, "do": { "status": 502 } },
        ]))
        .await;
    assert_eq!([ask().await, ask().await, ask().await], [501, 502, 200]);
    // Another method of the same path is another call.
    world.fault(json!([{ "on": "POST /api/contacts", "do": { "status": 500 } }])).await;
    assert_eq!(world.get("/api/contacts").await.0, 200);
    // Refused, a script changes nothing; empty, it ends all faults.
    world.fault(json!([{ "on": on, "do": { "status": 500 } }])).await;
    assert_eq!(world.post("/sandbox/faults", &json!([{ "on": on, "do": "drop" }])).await.0, 422);
    assert_eq!(ask().await, 500);
    world.fault(json!([])).await;
    assert_eq!(ask().await, 200);
}

#[tokio::test]
async fn faults_of_callbacks_count_callbacks_and_say_what_became_of_them() {
    for (rules, words, deliveries) in [
        (
            json!([{ "on": "callback", "nth": 2, "do": "drop" }]),
            vec!["sent"],
            ["acknowledged", "dropped"],
        ),
        (json!([{ "on": "callback", "do": "drop" }]), vec![], ["dropped", "dropped"]),
        (
            json!([{ "on": "callback", "nth": 2, "do": "repeat" }]),
            vec!["sent", "delivered", "delivered"],
            ["acknowledged", "acknowledged"],
        ),
        // Nothing follows the last one: it leaves all the same.
        (
            json!([{ "on": "callback", "nth": 2, "do": "reorder" }]),
            vec!["sent", "delivered"],
            ["acknowledged", "acknowledged"],
        ),
        (
            json!([{ "on": "callback", "do": { "delay": "10m" } }]),
            vec!["sent", "delivered"],
            ["acknowledged", "acknowledged"],
        ),
    ] {
        let world = World::new().await;
        let receiver = Receiver::new(0).await;
        world.listen_with(&receiver).await;
        world.fault(rules.clone()).await;
        world.post(SEND, &text_to("380661231211", "a")).await;
        world.advance("1h").await;
        assert_eq!(receiver.words(), words, "{rules}");
        let told = world.told().await;
        let became: Vec<_> = told.iter().map(|note| note["delivery"].as_str().unwrap()).collect();
        assert_eq!(became, deliveries, "{rules}");
    }
}

#[tokio::test]
async fn a_delayed_callback_arrives_when_its_time_has_come() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    world.fault(json!([{ "on": "callback", "nth": 1, "do": { "delay": "1h" } }])).await;
    world.post(SEND, &text_to("380661231211", "a")).await;
    world.advance("50m").await;
    assert_eq!(receiver.words(), ["delivered"]);
    world.advance("20m").await;
    assert_eq!(receiver.words(), ["delivered", "sent"]);
    assert_eq!(receiver.received()[1]["time_in"], "2026-01-05 09:00:00", "it says when it was");
}

#[tokio::test]
async fn a_script_that_makes_no_sense_is_refused_with_its_reason() {
    let world = World::new().await;
    for (script, reason) in [
        (json!([{ "on": "callback", "do": "drop_before" }]), "rule 1: on callback, do is"),
        (json!([{ "on": ON_SEND, "do": "repeat" }]), "rule 1: repeat is for callbacks"),
        (json!([{ "on": "everything", "do": "garble" }]), "rule 1: on is callback, or method and"),
        (json!([{ "do": "garble" }]), "rule 1: on is missing"),
        (
            json!([{ "on": ON_SEND, "do": "explode" }]),
            "rule 1: do: there is no \"explode\"; there are drop_before",
        ),
        (json!([{ "on": ON_SEND }]), "missing field `do`"),
        (json!([{ "on": ON_SEND, "nth": 0, "do": "garble" }]), "nonzero"),
        (json!([{ "on": ON_SEND, "do": { "status": 7 } }]), "rule 1: status is 200 to 999"),
        (json!([{ "on": ON_SEND, "do": { "delay": "soon" } }]), "write a time as 72h"),
        (json!([{ "on": ON_SEND, "do": "garble", "when": 1 }]), "rule 1: unknown field `when`"),
        (
            json!([{ "on": ON_SEND, "do": { "status": 503, "why": 1 } }]),
            "rule 1: do: unknown field `why`",
        ),
        (
            json!([{ "on": "callback", "do": { "delay": "3s", "why": 1 } }]),
            "rule 1: do: unknown field `why`",
        ),
        (
            json!([{ "on": ON_SEND, "do": { "delay": "1s", "status": 503 } }]),
            "rule 1: do: name one of",
        ),
        (
            json!([{ "on": ON_SEND, "do": { "delay_before": "1s", "body": "x" } }]),
            "rule 1: do: headers and body",
        ),
        (
            json!([{ "on": ON_SEND, "do": { "status": 503, "headers": { "a b": "x" } } }]),
            "rule 1: headers: \"a b\"",
        ),
        (json!([{ "on": ON_SEND, "do": { "limit": "many" } }]), "rule 1: limit: write it as 100/s"),
        (
            json!([{ "on": ON_SEND, "do": "garble", "rate": 2 }]),
            "rule 1: rate is a number from 0 to 1",
        ),
        (json!([{ "on": ON_SEND, "do": "garble", "rate": 0.5, "nth": 1 }]), "rule 1: nth and rate"),
        (json!([{ "on": ON_SEND, "do": 7 }]), "rule 1: do is a word"),
        (
            json!([{ "on": "POST /api/message/rcs/send", "do": "garble" }]),
            "rule 1: on: the platform has no call POST /api/message/rcs/send",
        ),
        (
            json!([{ "on": "GET /api/messages/rcs/send", "do": "garble" }]),
            "rule 1: on: the platform has no call",
        ),
        (json!([{ "on": "callbacks", "do": "drop" }]), "rule 1: on is callback, or method"),
        (json!([{ "do": "refuse_connection" }]), "rule 1: refuse_connection has no on and a for"),
        (json!([{ "on": ON_SEND, "do": "garble", "for": "3s" }]), "rule 1: refuse_connection"),
        (
            json!([{ "on": ON_SEND, "do": "garble" }, { "on": "callback", "do": "garble" }]),
            "rule 2: on callback",
        ),
        (json!({ "on": ON_SEND, "do": "garble" }), "a script is a list of rules"),
    ] {
        let (status, refused) = world.post("/sandbox/faults", &script).await;
        assert_eq!(status, 422, "{script}");
        let said = refused["message"].as_str().unwrap();
        assert!(said.contains(reason), "{script}: {said}");
    }
}
