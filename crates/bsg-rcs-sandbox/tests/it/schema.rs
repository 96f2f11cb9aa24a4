//! Answers and callbacks are true to the OpenAPI document.

use serde_json::{Value, json};

use crate::client::{CAMPAIGN, Receiver, SEND, World, campaign_to, text_to};

/// Holds a body against a schema of the document, which may name no field that the body has and it has not.
#[track_caller]
fn check(schema: &str, body: &Value) {
    let document: Value = serde_json::from_str(bsg_rcs_wire::OPENAPI).unwrap();
    let mut components = document["components"].clone();
    components["schemas"][schema]["additionalProperties"] = json!(false);
    let reference = format!("#/components/schemas/{schema}");
    let whole = json!({ "$ref": reference, "components": components });
    let validator = jsonschema::draft202012::new(&whole).unwrap();
    let errors: Vec<_> = validator.iter_errors(body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{schema}: {errors:?}\n{body:#}");
}

#[tokio::test]
async fn every_answer_of_the_platform() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    let button = json!({ "text": "Call", "phone": "380661231231", "postback_data": "call" });
    let card = json!({ "text": "Menu", "media": { "url": "https://example.com/a.jpg" }, "suggestions": [button] });
    let mut campaign = campaign_to(380_661_231_190..380_661_231_200);
    campaign["options"] = json!({ "cards": [card.clone(), card] });
    campaign["alternative_channel"] = json!({ "sms": { "text": "Menu", "sender": "Bistro" } });
    campaign["phones"][0]["reference_id"] = json!("a1");
    let (_, sent) = world.post(SEND, &text_to("380661231211", "hello")).await;
    check("Message", &sent["data"]);
    let (_, sent) = world.post(CAMPAIGN, &campaign).await;
    check("Campaign", &sent["data"]);
    let path = format!("/api/campaigns/{}", sent["data"]["id"]);
    for _ in 0..2 {
        check("Campaign", &world.get(&path).await.1["data"]);
        check("CampaignDetail", &world.get(&format!("{path}/detail")).await.1["data"]);
        let (_, page) = world.get("/api/messages").await;
        for message in page["data"].as_array().unwrap() {
            check("Message", message);
        }
        check("PageBounds", &page["meta"]["page"]);
        world.advance("72h").await;
    }
    check("Balance", &world.get("/api/accounts/balance").await.1["data"]);
    check("Token", &world.post("/api/auth/refresh", &json!({})).await.1);
    check("RefusalBody", &world.post(SEND, &json!({})).await.1);
    for body in receiver.received() {
        check(if body.get("status").is_some() { "StatusReport" } else { "SuggestionClick" }, &body);
    }
    assert_eq!(receiver.words().iter().filter(|word| *word == "click").count(), 1);
}
