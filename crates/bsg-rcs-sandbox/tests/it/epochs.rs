//! Resets: nothing of an earlier life is seen after the answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{CAMPAIGN, Receiver, SEND, World, campaign_to, impatient, text_to};

/// Resets; answers the first id that a message of the new life can have.
async fn reset(world: &World) -> u64 {
    let (status, answer) = world.post("/sandbox/reset", &json!({})).await;
    assert_eq!(status, 200, "{answer}");
    answer["first_ids"]["message"].as_u64().unwrap()
}

fn ids(received: &[Value]) -> BTreeSet<String> {
    received.iter().map(|body| body["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn callbacks_of_before_a_reset_are_not_posted_after_it() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    world.post(CAMPAIGN, &campaign_to(380_661_230_000..380_661_231_000)).await;
    let advance = json!({ "advance": "1h" });
    let advance = world.post("/sandbox/clock", &advance);
    let mut advance = std::pin::pin!(advance);
    // As soon as the first ones have come, with most of them on their way.
    while receiver.received().len() < 10 {
        tokio::select! { biased; _ = advance.as_mut() => break, _ = world.get("/sandbox/clock") => {} }
    }
    reset(&world).await;
    let before = ids(&receiver.received());
    let count = receiver.received().len();
    assert!(count < 2000, "the reset came in between");
    // An advance that was under way is over, and has not moved the new clock.
    let (status, refused) = advance.await;
    assert_eq!((status, &refused["message"]), (409, &json!("The sandbox was reset meanwhile.")));
    let (_, clock) = world.get("/sandbox/clock").await;
    assert_eq!(clock["now"], "2026-01-05 09:00:00");
    world.listen_with(&receiver).await;
    world.post(SEND, &text_to("380661231211", "a")).await;
    world.advance("1h").await;
    let after = receiver.received().split_off(count);
    assert_eq!(after.len(), 2, "{after:?}");
    assert!(ids(&after).is_disjoint(&before), "ids never come again");
}

#[tokio::test]
async fn ids_never_come_again() {
    let world = World::new().await;
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        let (_, sent) = world.post(SEND, &text_to("380661231211", "a")).await;
        let (_, campaign) = world.post(CAMPAIGN, &campaign_to([380_661_231_212])).await;
        let (_, list) = world.post("/api/groups", &json!({ "name": "some" })).await;
        for made in [sent, campaign, list] {
            assert!(seen.insert(made["data"]["id"].to_string()), "{made}");
        }
        reset(&world).await;
        assert_eq!(world.get("/api/messages").await.1["meta"]["page"]["total"], 0);
    }
}

#[tokio::test]
async fn a_delayed_request_of_before_a_reset_is_not_carried_out() {
    let world = World::new().await;
    world
        .fault(json!([{ "on": "POST /api/messages/rcs/send", "do": { "delay_before": "50ms" } }]))
        .await;
    let body = text_to("380661231211", "a");
    let late = world.post(SEND, &body);
    let both = async {
        // It has arrived once the rule has seen it.
        while world.get("/sandbox/faults").await.1["data"][0]["seen"] != 1 {}
        reset(&world).await;
    };
    let ((status, _), ()) = tokio::join!(late, both);
    assert_eq!(status, 409);
    assert_eq!(world.get("/sandbox/messages").await.1["total"], 0);
    assert_eq!(world.get("/sandbox/requests").await.1["total"], 0, "nor is it in the log");
}

/// Load while resets go on: sends, advances, faults that delay, hold back and double, one after the other.
async fn load(world: &World, receiver: &Receiver, worker: u64) {
    let script = json!([
        { "on": "callback", "rate": 0.2, "do": "reorder" },
        { "on": "callback", "rate": 0.2, "do": "repeat" },
        { "on": "callback", "rate": 0.2, "do": { "delay": "5s" } },
        { "on": "POST /api/messages/rcs/send", "rate": 0.3, "do": { "delay_before": "3ms" } },
        { "on": "POST /api/campaigns/rcs/send", "rate": 0.3, "do": { "delay_after": "3ms" } },
    ]);
    for turn in 0.. {
        world.listen_with(receiver).await;
        world.fault(script.clone()).await;
        let number = 380_661_000_000 + worker * 1_000_000 + turn * 100;
        world.post(CAMPAIGN, &campaign_to(number..number + 30)).await;
        world.post(SEND, &text_to(&(number + 50).to_string(), &format!("w{worker}t{turn}"))).await;
        let (status, answer) = world.post("/sandbox/clock", &json!({ "advance": "4s" })).await;
        assert!([200, 409].contains(&status), "{answer}");
    }
}

/// Everything that shows an id of a message, and each is of the new life.
async fn only_new(world: &World, receiver: &Receiver, seen: usize, first: u64) {
    let id = |body: &Value| body["id"].as_str().map_or(body["id"].as_u64(), |id| id.parse().ok());
    let (_, messages) = world.get("/sandbox/messages?limit=10000").await;
    let told = receiver.received().split_off(seen);
    for body in messages["data"].as_array().unwrap().iter().chain(&told) {
        assert!(id(body).unwrap() >= first, "{first}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_storm_of_resets_lets_nothing_of_an_earlier_life_through() {
    let world = World::with(impatient()).await;
    let receiver = Receiver::new(0).await;
    let resets = async {
        let mut last = 0;
        for _ in 0..100 {
            // Something is on its way whenever it resets.
            while world.get("/sandbox/messages?limit=1").await.1["total"] == 0 {}
            let first = reset(&world).await;
            let seen = receiver.received().len();
            assert!(first > last, "ids go on");
            last = first;
            only_new(&world, &receiver, seen, first).await;
            world.get("/sandbox/clock").await;
            only_new(&world, &receiver, seen, first).await;
        }
        assert!(receiver.received().len() > 100, "callbacks were on their way");
    };
    let both = async { tokio::join!(load(&world, &receiver, 1), load(&world, &receiver, 2)) };
    tokio::select! {
        () = resets => {}
        _ = both => {}
    }
}

#[tokio::test]
async fn a_reset_does_not_wait_for_receivers_that_do_not_answer() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let world = World::with(impatient()).await;
    let body = json!({ "key": "live_sandbox", "url": url });
    assert_eq!(world.post("/sandbox/callbacks", &body).await.0, 200);
    world.post(CAMPAIGN, &campaign_to(380_661_231_200..380_661_231_210)).await;
    let advance = json!({ "advance": "1h" });
    let reset_meanwhile = async {
        silent.accept().await.unwrap();
        reset(&world).await;
    };
    let (advanced, ()) = tokio::join!(world.post("/sandbox/clock", &advance), reset_meanwhile);
    assert_eq!(advanced.0, 409);
    world.advance("1h").await;
}
