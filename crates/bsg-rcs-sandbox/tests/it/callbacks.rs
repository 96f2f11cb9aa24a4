//! Callbacks: what they say, in which order, and how they are tried again.

use serde_json::json;

use crate::client::{CAMPAIGN, Receiver, SEND, World, campaign_to, impatient, text_to};

#[tokio::test]
async fn a_report_looks_like_the_founding_example() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    let (_, sent) = world.post(SEND, &text_to("380997087351", "hello")).await;
    world.advance("1h").await;
    let received = receiver.received();
    assert_eq!(receiver.words(), ["sent", "delivered"]);
    let report = received[1].as_object().unwrap();
    let keys: Vec<_> = report.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "currency",
            "error",
            "errorDescription",
            "id",
            "msisdn",
            "price",
            "reference",
            "status",
            "time_dr",
            "time_in",
            "time_sent"
        ]
    );
    assert_eq!(report["id"], sent["data"]["id"].to_string());
    assert_eq!(report["msisdn"], "380997087351");
    assert_eq!(report["reference"], "hello");
    assert_eq!(report["price"], "0.0100000");
    assert_eq!(report["error"], 0);
    assert_eq!(report["time_in"], "2026-01-05 09:00:00");
    assert_eq!(received[0]["time_dr"], json!(null));
    let told = world.told().await;
    assert!(told.iter().all(|note| note["delivery"] == "acknowledged"), "{told:?}");
}

#[tokio::test]
async fn a_click_says_which_button() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    let mut body = text_to("380661231298", "hello");
    body["callback_url"] = json!(receiver.url);
    let button = json!({ "text": "Book", "url": "https://example.com", "postback_data": "book" });
    body["options"] = json!({ "cards": [{ "text": "Menu", "suggestions": [button] }] });
    let (status, sent) = world.post(SEND, &body).await;
    assert_eq!(status, 200, "{sent}");
    world.advance("1h").await;
    assert_eq!(receiver.words(), ["sent", "delivered", "read", "click"]);
    let click = &receiver.received()[3];
    assert_eq!((&click["text"], &click["postback"]), (&json!("Book"), &json!("book")));
    let path = format!("/sandbox/messages/{}/click", sent["data"]["id"]);
    let (status, _) = world.post(&path, &json!({ "suggestion": 0, "card": 0 })).await;
    assert_eq!(status, 200);
    world.advance("0s").await;
    assert_eq!(receiver.words().len(), 5);
}

#[tokio::test]
async fn what_is_not_answered_with_200_is_tried_again_and_then_given_up() {
    let world = World::with(impatient()).await;
    let receiver = Receiver::new(2).await;
    world.listen_with(&receiver).await;
    world.post(SEND, &text_to("380661231211", "a")).await;
    world.advance("1h").await;
    assert_eq!(receiver.words(), ["sent", "delivered"], "in order, though the first was refused");
    let told = world.told().await;
    assert_eq!((&told[0]["attempts"], &told[1]["attempts"]), (&json!(3), &json!(1)));

    let world = World::with(impatient()).await;
    let receiver = Receiver::new(3).await;
    world.listen_with(&receiver).await;
    world.post(SEND, &text_to("380661231211", "a")).await;
    world.advance("1h").await;
    assert_eq!(receiver.words(), ["delivered"]);
    assert_eq!(world.told().await[0]["delivery"], "given_up");
}

#[tokio::test]
async fn where_callbacks_are_not_tried_again_the_first_refusal_loses_one() {
    let mut config = impatient();
    config.world.assumptions.callbacks_retried = false;
    let world = World::with(config).await;
    let receiver = Receiver::new(1).await;
    world.listen_with(&receiver).await;
    world.post(SEND, &text_to("380661231211", "a")).await;
    world.advance("1h").await;
    assert_eq!(receiver.words(), ["delivered"]);
    let told = world.told().await;
    assert_eq!((&told[0]["delivery"], &told[0]["attempts"]), (&json!("given_up"), &json!(1)));
}

#[tokio::test]
async fn a_scrambled_message_reports_twice_and_backwards() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    world.post(SEND, &text_to("380661231299", "a")).await;
    world.advance("1h").await;
    assert_eq!(receiver.words(), ["delivered", "delivered", "sent", "sent"]);
}

#[tokio::test]
async fn an_advance_waits_for_thousands_of_callbacks() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    let numbers = (0..1000).map(|at| 380_661_000_000 + at * 100);
    world.post(CAMPAIGN, &campaign_to(numbers)).await;
    world.advance("72h").await;
    assert_eq!(receiver.words().len(), 2000);
}
