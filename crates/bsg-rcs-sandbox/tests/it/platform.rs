//! The platform's calls: what they answer, and what they refuse with which code.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::client::{CAMPAIGN, SEND, World, campaign_to, config, places, text_to};

const UA: u64 = 380_661_231_200;

#[tokio::test]
async fn a_single_send_is_accepted_found_and_paid() {
    let world = World::new().await;
    let (status, answer) = world.post(SEND, &text_to("380661231211", "hello")).await;
    assert_eq!(status, 200, "{answer}");
    let sent = &answer["data"];
    assert_eq!(sent["status"], "accepted");
    assert_eq!(sent["reference_id"], "hello");
    assert_eq!(sent["phone"], 380_661_231_211_u64);
    assert_eq!(sent["amount"], json!({ "value": "0.0100000", "currency": "EUR" }));
    assert!(sent["id"].as_u64().unwrap() > u64::from(u32::MAX));

    world.advance("1h").await;
    let (_, found) = world.get("/api/messages?filter%5Breference_id%5D=hello").await;
    assert_eq!(found["meta"]["page"], json!({ "limit": 50, "offset": 0, "total": 1 }));
    assert_eq!(found["data"][0]["id"], sent["id"]);
    assert_eq!(found["data"][0]["status"], "delivered");
    assert_eq!(found["data"][0]["country"], "UA");
    let (_, balance) = world.get("/api/accounts/balance").await;
    assert_eq!(balance["data"].to_string(), r#"{"balance":999.99,"credit":0.0,"currency":"EUR"}"#);
}

#[tokio::test]
async fn a_campaign_is_counted_and_can_be_stopped() {
    let world = World::new().await;
    let (status, answer) = world.post(CAMPAIGN, &campaign_to(UA + 90..=UA + 99)).await;
    assert_eq!(status, 200, "{answer}");
    let campaign = &answer["data"];
    assert_eq!(campaign["name"], "RCS api campaign / 2026-01-05 09:00:00");
    assert_eq!(campaign["status"], "moderation");
    assert_eq!(campaign["calculated_price"].to_string(), "0.1");
    let path = format!("/api/campaigns/{}", campaign["id"]);
    world.advance("72h").await;
    let (_, short) = world.get(&path).await;
    assert_eq!(short["data"]["status"], "done");
    assert_eq!(short["data"]["statistics"], json!({ "delivered": 4, "sent": 8 }));
    let (_, detail) = world.get(&format!("{path}/detail")).await;
    let counts = &detail["data"]["statistics"];
    let of = |word: &str| counts[word].as_u64().unwrap();
    assert_eq!((of("delivered"), of("read"), of("not_rcs_user"), of("unknown")), (2, 2, 1, 1));
    assert_eq!(detail["data"]["total_price"], "0.0400000");
    assert_eq!(detail["data"]["total_messages"], 10);
    for method in [Method::PATCH, Method::PUT] {
        let (status, body) = world.call(method, &format!("{path}/stop"), None).await.unwrap();
        assert_eq!((status, &body["message"]), (422, &json!("Invalid campaign status")));
    }
    let (_, other) = world.post(CAMPAIGN, &campaign_to(UA..UA + 10)).await;
    let path = format!("/api/campaigns/{}/stop", other["data"]["id"]);
    let (status, stopped) = world.call(Method::PATCH, &path, None).await.unwrap();
    assert_eq!((status, &stopped["data"]["status"]), (200, &json!("stopped")));
}

#[tokio::test]
async fn messages_come_page_by_page_sorted() {
    let world = World::new().await;
    let (_, campaign) = world.post(CAMPAIGN, &campaign_to((UA..UA + 40).rev())).await;
    let base = format!("/api/messages?filter[campaign_id]={}", campaign["data"]["id"]);
    let (_, page) = world.get(&format!("{base}&page[limit]=15&page[offset]=30")).await;
    assert_eq!(page["data"].as_array().unwrap().len(), 10);
    assert_eq!(page["meta"]["page"], json!({ "limit": 15, "offset": 30, "total": 40 }));
    let (_, page) = world.get(&format!("{base}&sort=phone&way=desc")).await;
    assert_eq!(page["data"][0]["phone"], UA + 39);
    let (_, none) = world.get("/api/messages?filter[to]=2020-01-01").await;
    assert_eq!(none["data"], json!([]));
    let (status, refused) = world.get("/api/messages?page[limit]=501&sort=colour").await;
    assert_eq!(status, 422);
    assert_eq!(
        refused["errors"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["page[limit]", "sort"]
    );
}

#[tokio::test]
async fn bodies_are_judged_by_the_document_and_by_the_engine() {
    let world = World::new().await;
    let mut body = campaign_to(UA..UA + 20);
    body["phones"][17]["number"] = json!("+380661231217");
    body["phones"][3]["reference_id"] = json!("not a reference");
    body.as_object_mut().unwrap().remove("sender");
    let (status, refused) = world.post(CAMPAIGN, &body).await;
    assert_eq!(status, 422);
    assert_eq!(places(&refused), ["phones[17].number", "phones[3].reference_id", "sender"]);
    assert!(!refused.to_string().contains("380661231217"), "no number is repeated: {refused}");

    for (change, place) in [
        (json!({ "sender": "nobody" }), "sender"),
        (json!({ "options": { "text": "x".repeat(161) } }), "options.text"),
        (json!({ "options": { "cards": [{ "title": "no text" }] } }), "options.cards[0]"),
        (json!({ "validity": 73 }), "validity"),
        (json!({ "start_at": "2020-01-01 00:00:00" }), "start_at"),
        (json!({ "tariff_code": 1 }), "tariff_code"),
        (
            json!({ "phones": [{ "number": "380661231211" }, { "number": "380661231211" }] }),
            "phones[1].number",
        ),
    ] {
        let mut body = campaign_to(UA..UA + 2);
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (status, refused) = world.post(CAMPAIGN, &body).await;
        assert_eq!((status, places(&refused)), (422, vec![place]), "{change}");
    }
    let (status, refused) = world.post(CAMPAIGN, &campaign_to(UA..UA + 5001)).await;
    assert_eq!((status, places(&refused)), (422, vec!["phones"]));
}

#[tokio::test]
async fn the_same_request_twice_is_429_and_a_known_reference_422() {
    let world = World::new().await;
    let body = text_to("380661231211", "hello");
    assert_eq!(world.post(SEND, &body).await.0, 200);
    let (status, refused) = world.post(SEND, &body).await;
    assert_eq!((status, &refused["message"]), (429, &json!("Too many duplicate request detected")));
    world.advance("10s").await;
    let (status, refused) = world.post(SEND, &body).await;
    assert_eq!((status, places(&refused)), (422, vec!["phone.reference_id"]));
}

#[tokio::test]
async fn without_a_good_token_nothing_is_said() {
    let mut world = World::new().await;
    let good = world.token.clone();
    for header in
        [None, Some("Bearer x.y.z".into()), Some(good.clone()), Some(format!("Basic {good}"))]
    {
        let headers: Vec<_> = header.into_iter().map(|value| ("authorization", value)).collect();
        let answer = world.raw(Method::GET, "/api/accounts/balance", &headers, "".into()).await;
        assert_eq!(answer.unwrap().0, 401);
    }
    let colon = [("authorization", format!("Bearer: {good}"))];
    let answer = world.raw(Method::GET, "/api/accounts/balance", &colon, "".into()).await;
    assert_eq!(answer.unwrap().0, 200);
    let (status, _) = world.post("/api/auth/login", &json!({ "api_key": "live_wrong" })).await;
    assert_eq!(status, 401);
    let (status, fresh) = world.post("/api/auth/refresh", &json!({})).await;
    assert_eq!(status, 200);
    assert_ne!(fresh["bearer"], world.token.as_str());
    world.token = fresh["bearer"].as_str().unwrap().into();
    assert_eq!(world.get("/api/accounts/balance").await.0, 200);

    let mut short = config();
    short.token_life = Duration::ZERO;
    let world = World::with(short).await;
    assert_eq!(world.get("/api/accounts/balance").await.0, 401, "expired");
}

#[tokio::test]
async fn one_account_does_not_see_the_other() {
    let mut world = World::new().await;
    let (_, campaign) = world.post(CAMPAIGN, &campaign_to([UA])).await;
    world.log_in("test_sandbox").await;
    let path = format!("/api/campaigns/{}", campaign["data"]["id"]);
    assert_eq!(world.get(&path).await.0, 404);
    assert_eq!(world.call(Method::PATCH, &format!("{path}/stop"), None).await.unwrap().0, 404);
    assert_eq!(world.get("/api/messages").await.1["data"], json!([]));
    let (status, refused) = world.post(SEND, &text_to("380661231211", "a")).await;
    assert_eq!((status, places(&refused)), (422, vec!["phone.number", "sender"]));
}

#[tokio::test]
async fn what_is_no_call_gets_the_code_that_says_so() {
    let world = World::new().await;
    let token = ("authorization", format!("Bearer {}", world.token));
    let json = ("content-type", "application/json".to_owned());
    let send = async |headers: &[(&str, String)], body: Vec<u8>| {
        world.raw(Method::POST, SEND, headers, body.into()).await.unwrap().0
    };
    assert_eq!(world.get("/api/nothing").await.0, 404);
    assert_eq!(world.get(SEND).await.0, 405);
    assert_eq!(world.get("/api/campaigns/1").await.0, 404);
    assert_eq!(world.get("/api/campaigns/x").await.0, 404);
    assert_eq!(send(std::slice::from_ref(&token), b"{}".to_vec()).await, 415);
    assert_eq!(send(&[token.clone(), json.clone()], b"{".to_vec()).await, 422);
    assert_eq!(send(&[token, json], vec![b' '; 8 * 1024 * 1024 + 1]).await, 413);
}
