//! Sends beyond the plain ones, and the list of campaigns: to contact lists, universal, and what is found again.

use bsg_rcs_sandbox::engine::DryRunAnswer;
use serde_json::{Value, json};

use crate::client::{CAMPAIGN, SEND, World, campaign_to, config, places, text_to};

const UA: u64 = 380_661_231_200;
const TO_LISTS: &str = "/api/campaigns/rcs/send-groups";

/// A list with new contacts of these numbers.
async fn list_of(world: &World, name: &str, numbers: &[u64]) -> u64 {
    let (_, list) = world.post("/api/groups", &json!({ "name": name })).await;
    for number in numbers {
        let body = json!({ "phone": number.to_string(), "groups": [list["data"]["id"]] });
        assert_eq!(world.post("/api/contacts", &body).await.0, 201);
    }
    list["data"]["id"].as_u64().unwrap()
}

fn to_lists(lists: &[u64]) -> Value {
    json!({ "groups": lists, "sender": "demo_agent", "options": { "text": "Hello" }, "validity": 24 })
}

#[tokio::test]
async fn lists_are_sent_to() {
    let mut world = World::new().await;
    let one = list_of(&world, "One", &[UA, UA + 1]).await;
    let empty = list_of(&world, "Empty", &[]).await;
    let (status, campaign) = world.post(TO_LISTS, &to_lists(&[one, empty])).await;
    assert_eq!((status, &campaign["data"]["status"]), (200, &json!("moderation")));
    assert_eq!(world.post(TO_LISTS, &to_lists(&[one, empty])).await.0, 429);
    world.advance("1h").await;
    let id = &campaign["data"]["id"];
    let (_, messages) = world.get(&format!("/api/messages?filter[campaign_id]={id}")).await;
    assert_eq!(messages["meta"]["page"]["total"], 2);
    assert!(messages["data"][0]["reference_id"].is_null());
    assert_eq!(messages["data"][0]["validity"], 24);

    let (status, refused) = world.post(TO_LISTS, &to_lists(&[empty])).await;
    assert_eq!((status, places(&refused)), (422, vec!["groups"]));
    let (status, refused) = world.post(TO_LISTS, &to_lists(&[one, 1])).await;
    assert_eq!((status, places(&refused)), (422, vec!["groups[1]"]));
    assert_eq!(refused["message"], "Contact group is not found");
    for (change, place) in [
        (json!({ "groups": [] }), "groups"),
        (json!({ "groups": vec![one; 1001] }), "groups"),
        (json!({ "validity": 73 }), "validity"),
        (json!({ "sender": "nobody" }), "sender"),
        (json!({ "start_at": "2026-02-04 00:00:00" }), "start_at"),
        (json!({ "tariff_code": 4 }), "tariff_code"),
    ] {
        let mut body = to_lists(&[one]);
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (status, refused) = world.post(TO_LISTS, &body).await;
        assert_eq!((status, places(&refused)), (422, vec![place]), "{change}");
    }
    world.log_in("test_sandbox").await;
    let (status, refused) = world.post(TO_LISTS, &to_lists(&[one])).await;
    assert_eq!((status, places(&refused)), (422, vec!["groups[0]"]), "no account sees another's");
}

#[tokio::test]
async fn campaigns_are_listed_if_their_type_is_named() {
    let mut world = World::new().await;
    let mut made = Vec::new();
    for (at, agent) in ["demo_agent_ua", "demo_agent", "demo_agent_ua"].into_iter().enumerate() {
        let mut body = campaign_to([UA + u64::try_from(at).unwrap()]);
        body["sender"] = json!(agent);
        made.push(world.post(CAMPAIGN, &body).await.1["data"]["id"].as_u64().unwrap());
        world.advance("24h").await;
    }
    let found = async |query: &str| {
        let (status, page) = world.get(&format!("/api/campaigns{query}")).await;
        assert_eq!(status, 200, "{page}");
        let items = page["data"].as_array().unwrap();
        let at = |item: &Value| made.iter().position(|id| item["id"] == *id).unwrap();
        items.iter().map(at).collect::<Vec<_>>()
    };
    let nothing: [usize; 0] = [];
    assert_eq!(found("").await, nothing, "without a type, those by SMS");
    assert_eq!(found("?filter[type]=viber").await, nothing);
    assert_eq!(found("?filter[type]=rcs").await, [0, 1, 2]);
    for (query, expected) in [
        ("way=desc", vec![2, 1, 0]),
        ("sort=sender", vec![1, 0, 2]),
        ("sort=date&way=desc", vec![2, 1, 0]),
        ("sort=status", vec![0, 1, 2]),
        ("sort=type", vec![0, 1, 2]),
        ("filter[from]=2026-01-06", vec![1, 2]),
        ("filter[from]=2026-01-06&filter[to]=2026-01-06", vec![1]),
        ("search[field]=sender&search[value]=UA", vec![0, 2]),
        ("page[offset]=2&page[limit]=30", vec![2]),
    ] {
        assert_eq!(found(&format!("?filter[type]=rcs&{query}")).await, expected, "{query}");
    }
    let by_id = |id: u64| format!("?filter[type]=rcs&search[field]=taskname&search[value]={id}");
    assert_eq!(found(&by_id(made[1])).await, [1]);
    assert_eq!(found(&by_id(made[1] / 10)).await, nothing, "the id, not a part of it");
    world.advance("2160h").await;
    assert_eq!(found("?filter[type]=rcs").await, [1, 2], "those of the last three months");
    for query in [
        "page[limit]=29",
        "page[limit]=501",
        "page[offset]=-1",
        "sort=name",
        "way=up",
        "filter[type]=mail",
        "filter[from]=yesterday",
        "search[field]=sender",
        "search[value]=x",
        "search[field]=name&search[value]=x",
    ] {
        assert_eq!(world.get(&format!("/api/campaigns?{query}")).await.0, 422, "{query}");
    }
    world.log_in("test_sandbox").await;
    let (_, page) = world.get("/api/campaigns?filter[type]=rcs").await;
    assert_eq!(page["meta"]["page"], json!({ "limit": 50, "offset": 0, "total": 0 }));
}

fn universal(change: Value) -> Value {
    let mut body = json!({
        "channels": ["rcs", "sms"],
        "rcs": { "sender": "demo_agent", "text": "Hello" },
        "sms": { "sender": "Bistro", "text": "Hello" },
        "dry_run": true,
    });
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_dry_run_is_judged_and_nothing_happens() {
    let world = World::new().await;
    let one = json!({ "phone": { "number": "380661231211", "reference_id": "a" } });
    let phones: Vec<_> = (0..3).map(|at| json!({ "number": (UA + at).to_string() })).collect();
    for (path, to) in [
        ("/api/messages/send", one.clone()),
        ("/api/campaigns/send", json!({ "recipients": { "phones": phones } })),
    ] {
        for _ in 0..2 {
            let (status, answer) = world.post(path, &universal(to.clone())).await;
            assert_eq!((status, answer), (200, json!({ "data": { "dry_run": true, "id": null } })));
        }
        for dry_run in [json!(false), json!(null)] {
            let mut body = universal(to.clone());
            body["dry_run"] = dry_run.clone();
            let (status, refused) = world.post(path, &body).await;
            assert_eq!((status, places(&refused)), (422, vec!["dry_run"]), "{dry_run}");
        }
        for (change, place) in [
            (json!({ "rcs": { "sender": "nobody", "text": "Hello" } }), "rcs.sender"),
            (json!({ "rcs": { "sender": "demo_agent" } }), "rcs"),
            (json!({ "channels": ["viber"] }), "channels[0]"),
            (json!({ "channels": ["rcs", "rcs"] }), "channels[1]"),
            (json!({ "channels": [] }), "channels"),
            (json!({ "sms": { "sender": "Bistro", "text": "ї".repeat(336) } }), "sms.text"),
        ] {
            let mut body = universal(to.clone());
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let (status, refused) = world.post(path, &body).await;
            assert_eq!((status, places(&refused)), (422, vec![place]), "{change}");
        }
    }
    assert_eq!(world.get("/api/messages").await.1["data"], json!([]));
    assert_eq!(world.get("/sandbox/ledger").await.1["data"], json!([]));
    assert_eq!(world.get("/api/contacts").await.1["total"], 0);
    assert_eq!(world.post(SEND, &text_to("380661231211", "a")).await.0, 200);
    assert_eq!(world.post("/api/messages/send", &universal(one)).await.0, 422, "a known reference");
}

#[tokio::test]
async fn rcs_takes_5000_where_the_schema_takes_10000() {
    let world = World::new().await;
    let to = |count: u64| {
        let phones: Vec<_> =
            (0..count).map(|at| json!({ "number": (UA + at).to_string() })).collect();
        json!({ "recipients": { "phones": phones } })
    };
    let send = async |body: Value| {
        let (status, answer) = world.post("/api/campaigns/send", &universal(body)).await;
        (status, answer["errors"].clone())
    };
    assert_eq!(send(to(5000)).await.0, 200);
    let sentence = json!({ "recipients.phones": ["At most 5000 recipients."] });
    assert_eq!(send(to(5001)).await, (422, sentence));
    let mut by_sms = to(10_000);
    by_sms["channels"] = json!(["sms"]);
    assert_eq!(send(by_sms).await.0, 200);
    assert_eq!(send(to(10_001)).await.0, 422);
}

#[tokio::test]
async fn where_a_dry_run_answers_nothing_it_answers_204() {
    let mut config = config();
    config.world.assumptions.dry_run_answer = DryRunAnswer::NoContent;
    let world = World::with(config).await;
    let one = json!({ "phone": { "number": "380661231211" } });
    let answer = world.post("/api/messages/send", &universal(one)).await;
    assert_eq!(answer, (204, Value::Null));
}
