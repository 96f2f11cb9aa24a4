//! Work that outlives the request that began it.

use bytes::Bytes;
use http::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{Receiver, SEND, World, text_to};

/// Sends a request and leaves before it is answered, once `until` holds.
async fn leave(world: &World, path: &str, body: &serde_json::Value, until: impl AsyncFn() -> bool) {
    let mut stream = TcpStream::connect(world.sandbox.address()).await.unwrap();
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        world.token,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    while !until().await {}
}

#[tokio::test]
async fn an_advance_goes_on_when_its_client_leaves() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    world.post(SEND, &text_to("380661231291", "a")).await;
    world.fault(json!([{ "on": "callback", "do": { "delay": "10m" } }])).await;
    leave(&world, "/sandbox/clock", &json!({ "advance": "2h" }), async || {
        world.get("/sandbox/clock").await.1["now"] != "2026-01-05 09:00:00"
    })
    .await;
    while world.get("/sandbox/clock").await.1["now"] != "2026-01-05 11:00:00" {}
    // One advance after the other: when this one is through, so is that.
    world.advance("0s").await;
    assert_eq!(receiver.words(), ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn a_request_that_is_late_is_carried_out_though_its_client_gave_up() {
    for what in [
        json!({ "delay": "30ms" }),
        json!({ "delay_before": "30ms" }),
        json!({ "delay_after": "30ms" }),
    ] {
        let world = World::new().await;
        world.fault(json!([{ "on": "POST /api/messages/rcs/send", "do": what }])).await;
        leave(&world, SEND, &text_to("380661231211", "a"), async || {
            world.get("/sandbox/faults").await.1["data"][0]["hit"] == 1
        })
        .await;
        while world.get("/sandbox/messages").await.1["total"] != 1 {}
    }
}

#[tokio::test]
async fn before_or_after_it_is_carried_out() {
    for (what, made_meanwhile) in [("delay_before", 0), ("delay_after", 1)] {
        let world = World::new().await;
        world
            .fault(json!([{ "on": "POST /api/messages/rcs/send", "do": { what: "200ms" } }]))
            .await;
        let body = text_to("380661231211", "a");
        let look = async {
            while world.get("/sandbox/faults").await.1["data"][0]["hit"] != 1 {}
            // The next request of another call comes behind the one that waits.
            world.get("/api/accounts/balance").await;
            world.get("/sandbox/messages").await.1["total"].clone()
        };
        let (answer, made) = tokio::join!(world.post(SEND, &body), look);
        assert_eq!((answer.0, made), (200, json!(made_meanwhile)), "{what}");
    }
}

#[tokio::test]
async fn an_advance_beyond_the_end_of_time_is_refused() {
    let world = World::new().await;
    for (by, status) in [("99999999999h", 422), ("8000d", 200), ("3000000d", 422), ("1h", 200)] {
        let (answered, body) = world.post("/sandbox/clock", &json!({ "advance": by })).await;
        assert_eq!(answered, status, "{by}: {body}");
    }
    let (_, clock) = world.get("/sandbox/clock").await;
    assert_eq!(clock["now"], "2047-12-01 10:00:00");
}

#[tokio::test]
async fn a_dead_receiver_holds_up_nothing_but_its_own() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}/", silent.local_addr().unwrap());
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    let send = async |at: u64, url: &str| {
        let mut body = text_to(&(380_661_230_000 + at * 100).to_string(), &format!("r{at}"));
        body["callback_url"] = json!(url);
        assert_eq!(world.post(SEND, &body).await.0, 200);
    };
    for at in 0..64 {
        send(at, &dead).await;
    }
    for at in 64..128 {
        send(at, &receiver.url).await;
    }
    let advance = json!({ "advance": "1h" });
    let told = async {
        while receiver.received().len() < 128 {
            world.get("/sandbox/clock").await;
        }
    };
    tokio::select! {
        _ = world.post("/sandbox/clock", &advance) => panic!("the dead receiver answered"),
        () = told => {}
    }
}

#[tokio::test]
async fn a_held_callback_leaves_with_a_new_script() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    let mut body = text_to("380661231211", "hello");
    let button = json!({ "text": "Book", "url": "https://example.com", "postback_data": "book" });
    body["options"] = json!({ "cards": [{ "text": "Menu", "suggestions": [button] }] });
    let (_, sent) = world.post(SEND, &body).await;
    world.advance("1h").await;
    for (method, path, script) in [
        (Method::POST, "/sandbox/faults", json!([])),
        (Method::DELETE, "/sandbox/faults", json!(null)),
        // Nothing follows, but time passes.
        (Method::POST, "/sandbox/clock", json!({ "advance": "1s" })),
    ] {
        let before = receiver.words().len();
        world.fault(json!([{ "on": "callback", "do": "reorder" }])).await;
        let click = format!("/sandbox/messages/{}/click", sent["data"]["id"]);
        assert_eq!(world.post(&click, &json!({})).await.0, 200);
        assert_eq!(receiver.words().len(), before, "it is held");
        let answer = world.raw(method, path, &[], Bytes::from(script.to_string())).await.unwrap();
        assert_eq!(answer.0, 200);
        while receiver.words().len() == before {
            world.get("/sandbox/clock").await;
        }
    }
}
