//! Fault scripts, seen from the wire.

use http::Method;
use serde_json::json;

use crate::client::{Receiver, SEND, World, text_to};

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

#[tokio::test]
async fn a_script_that_makes_no_sense_is_refused() {
    let world = World::new().await;
    for script in [
        json!([{ "on": "callback", "do": "drop_before" }]),
        json!([{ "on": ON_SEND, "do": "repeat" }]),
        json!([{ "on": "everything", "do": "garble" }]),
        json!([{ "on": ON_SEND, "do": "explode" }]),
        json!([{ "on": ON_SEND, "nth": 0, "do": "garble" }]),
        json!([{ "on": ON_SEND, "do": { "status": 7 } }]),
        json!([{ "do": "refuse_connection" }]),
        json!([{ "on": ON_SEND, "do": "garble", "for": "3s" }]),
    ] {
        assert_eq!(world.post("/sandbox/faults", &script).await.0, 422, "{script}");
    }
}
