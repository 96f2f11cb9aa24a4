//! Worlds in which an assumption about the wire is false.

use serde_json::json;

use crate::client::{CAMPAIGN, SEND, World, config};

fn message(number: u64) -> serde_json::Value {
    json!({
        "phone": { "number": number.to_string(), "reference_id": "r1" },
        "sender": "demo_agent",
        "options": { "text": "Your table is ready." },
    })
}

/// A1: the older surfaces' form, with their codes.
#[tokio::test]
async fn sends_are_refused_as_the_older_surfaces_do() {
    let mut config = config();
    config.world.assumptions.refused_as_unprocessable = false;
    let world = World::with(config).await;
    assert_eq!(world.post(SEND, &message(380_661_231_201)).await.0, 200);
    let (status, known) = world.post(SEND, &message(380_661_231_202)).await;
    assert_eq!((status, &known["error"]), (400, &json!("23")), "{known}");
    let (status, bad) = world.post(CAMPAIGN, &json!({ "phones": [] })).await;
    assert_eq!((status, &bad["error"]), (400, &json!("3")), "{bad}");
    assert!(bad["errorDescription"].as_str().is_some_and(|words| !words.is_empty()));
    // Only sends: a list is refused as ever.
    assert_eq!(world.get("/api/messages?sort=colour").await.0, 422);
}

/// A6: the word of the statistics.
#[tokio::test]
async fn a_handset_without_rcs_is_no_rcs_user() {
    for (holds, word) in [(true, "not_service_user"), (false, "not_rcs_user")] {
        let mut config = config();
        config.world.assumptions.no_rcs_is_no_service = holds;
        let world = World::with(config).await;
        assert_eq!(world.post(SEND, &message(380_661_231_295)).await.0, 200);
        world.sandbox.advance(std::time::Duration::from_secs(3600)).await;
        let (_, listed) = world.get("/api/messages").await;
        assert_eq!(listed["data"][0]["status"], word);
    }
}
