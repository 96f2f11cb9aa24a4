//! The contract as it is published now: resuming, null and empty fields, searches, fields of contacts, default lists,
//! universal sends, statistics jobs, fields that are not named.

use http::Method;
use serde_json::{Value, json};

use crate::client::{CAMPAIGN, SEND, World, campaign_to, config, places, text_to};

/// A4.
#[tokio::test]
async fn a_paused_campaign_is_resumed_by_a_call() {
    for holds in [true, false] {
        let mut config = config();
        config.world.assumptions.resumes_by_call = holds;
        let world = World::with(config).await;
        world.post("/sandbox/accounts/live_sandbox/balance", &json!({ "balance": "0" })).await;
        let (_, made) = world.post(CAMPAIGN, &campaign_to([380_661_231_211])).await;
        world.advance("1h").await;
        let path = format!("/api/campaigns/{}", made["data"]["id"]);
        assert_eq!(world.get(&path).await.1["data"]["status"], "paused");
        world.post("/sandbox/accounts/live_sandbox/balance", &json!({ "balance": "1" })).await;
        let renew = format!("{path}/renew");
        let (status, answer) = world.call(Method::PUT, &renew, None).await.unwrap();
        assert_eq!(status, if holds { 200 } else { 404 }, "{answer}");
        world.advance("1h").await;
        let stands = if holds { "done" } else { "paused" };
        assert_eq!(world.get(&path).await.1["data"]["status"], stands);
        if holds {
            assert_eq!(answer["data"]["status"], "sending");
            let (status, refused) = world.call(Method::PUT, &renew, None).await.unwrap();
            assert_eq!((status, &refused["message"]), (422, &json!("Invalid campaign status")));
            let unknown = world.call(Method::PUT, "/api/campaigns/1/renew", None).await.unwrap();
            assert_eq!(unknown.0, 404);
        }
    }
}

/// What the vendor's client sends where nothing is given.
#[tokio::test]
async fn null_counts_as_absent_in_every_request() {
    let world = World::new().await;
    let (_, list) = world
        .post("/api/groups", &json!({ "name": "some", "description": null, "default": null }))
        .await;
    let list = &list["data"]["id"];
    let (status, made) = world
        .post(
            "/api/contacts",
            &json!({ "phone": 380_661_231_231_u64, "fields": null, "groups": [{ "id": list }] }),
        )
        .await;
    assert_eq!((status, &made["data"]["groups"][0]["id"]), (201, list), "{made}");
    let nothing = |mut body: Value, fields: &[&str]| {
        for field in fields {
            body[field] = Value::Null;
        }
        body
    };
    let common = ["alternative_channel", "tariff_code", "validity", "check_stop_list"];
    let more = ["validity_seconds", "add_to_contact_book"];
    let lists = json!({ "groups": [list], "sender": "demo_agent", "options": { "text": "Hi", "cards": null } });
    let universal = json!({
        "channels": ["rcs"], "dry_run": true, "sms": null, "respect_curfew": null,
        "rcs": { "sender": "demo_agent", "text": "Hi", "cards": null },
    });
    let with = |mut body: Value, field: &str, value: Value| {
        body[field] = value;
        body
    };
    let mut one =
        nothing(text_to("380661231211", "a"), &[&common[..], &more, &["callback_url"]].concat());
    one["options"] = json!({ "cards": [{ "title": null, "media": null, "text": "Hi", "suggestions": [
        { "type": null, "text": "Go", "url": "https://example.com", "phone": null, "postback_data": null },
    ] }], "text": null });
    one["phone"]["reference_id"] = Value::Null;
    for (path, body) in [
        (SEND, one),
        (SEND, with(text_to("380661231212", "b"), "callback_url", json!(""))),
        (
            CAMPAIGN,
            nothing(campaign_to([380_661_231_213]), &[&common[..], &more, &["start_at"]].concat()),
        ),
        ("/api/campaigns/rcs/send-groups", nothing(lists, &[&common[..], &["start_at"]].concat())),
        (
            "/api/messages/send",
            with(
                nothing(universal.clone(), &[&common[1..], &more, &["callback_url"]].concat()),
                "phone",
                json!({ "number": "380661231214" }),
            ),
        ),
        (
            "/api/campaigns/send",
            with(universal, "recipients", json!({ "groups": [list], "phones": null })),
        ),
    ] {
        let (status, answer) = world.post(path, &body).await;
        assert_eq!(status, 200, "{path} {body}: {answer}");
    }
    // What must be there is not there as null.
    let nothing_said = json!({ "phone": { "number": "380661231211" }, "sender": null, "options": { "text": null } });
    let (status, refused) = world.post(SEND, &nothing_said).await;
    assert_eq!((status, places(&refused)), (422, vec!["options", "sender"]), "{refused}");
}

/// A22.
#[tokio::test]
async fn fields_that_nobody_names_are_passed_over_or_refused() {
    for ignored in [true, false] {
        let mut config = config();
        config.world.assumptions.unknown_fields_ignored = ignored;
        let world = World::with(config).await;
        // The vendor's own example of a single send has `start_at`, and both validities.
        let mut body = text_to("380661231211", "a");
        body["start_at"] = json!("2026-01-05 10:00:00");
        body["validity"] = json!(1);
        body["validity_seconds"] = json!(60);
        body["phone"]["colour"] = json!("red");
        let (status, answer) = world.post(SEND, &body).await;
        if ignored {
            assert_eq!(status, 200, "{answer}");
        } else {
            assert_eq!((status, places(&answer)), (422, vec!["phone.colour", "start_at"]));
        }
        let mut card = text_to("380661231212", "b");
        let button = json!({ "type": "link", "text": "Go", "url": "https://example.com" });
        card["options"] = json!({ "cards": [{ "text": "Hi", "suggestions": [button] }] });
        let (status, answer) = world.post(SEND, &card).await;
        assert_eq!(status, 200, "{answer}");
    }
}

#[tokio::test]
async fn searches_know_their_fields_and_orders() {
    let world = World::new().await;
    let made = async |path: &str, body: Value| {
        let (status, answer) = world.post(path, &body).await;
        assert!(status < 300, "{path}: {answer}");
        answer["data"]["id"].clone()
    };
    let city = made("/api/contacts/fields", json!({ "name": "City", "type": "text" })).await;
    let list = made("/api/groups", json!({ "name": "Regulars", "description": "often" })).await;
    let other = made("/api/groups", json!({ "name": "Guests", "default": true })).await;
    let kyiv = json!({ "phone": 380_661_231_219_u64, "groups": [list], "fields": [{ "id": city, "value": "Kyiv" }] });
    let first = made("/api/contacts", kyiv).await;
    let second = made("/api/contacts", json!({ "phone": 380_661_231_211_u64 })).await;
    for (phone, types) in [(380_661_231_219_u64, json!(["rcs"])), (380_661_231_211, json!(["sms"]))]
    {
        world.post("/api/stoplist/attach", &json!({ "phones": [phone], "types": types })).await;
    }
    let phones = async |path: String| -> Vec<u64> {
        let (status, found) = world.get(&path).await;
        assert_eq!(status, 200, "{path}: {found}");
        let data = found["data"].as_array().unwrap();
        data.iter().map(|one| one["phone"].as_u64().unwrap() % 100).collect()
    };
    for (query, expected) in [
        ("", vec![19, 11]),
        ("sort=phone", vec![11, 19]),
        ("sort=phone&way=desc", vec![19, 11]),
        ("search[field]=phone&search[value]=11&search[operator]=like", vec![11]),
        ("search[field]=phone&search[value]=", vec![19, 11]),
        (&format!("search[field]=group_id&search[operator]==&search[value]={list}"), vec![19]),
        (&format!("search[field]={city}&search[value]=yi"), vec![19]),
        (&format!("search_fields[0][field]={city}&search_fields[0][value]=Lviv"), vec![]),
        (&format!("search[field]=id&search[operator]=%3E&search[value]={first}"), vec![11]),
    ] {
        assert_eq!(phones(format!("/api/contacts/search?{query}")).await, expected, "{query}");
    }
    for (query, expected) in [
        ("search[field]=type&search[value]=sms", vec![11]),
        (&format!("contact_group_id={list}"), vec![19]),
        ("sort=phone&way=asc", vec![11, 19]),
        (
            "search[field]=phone&search[value]=38&search_fields[0][field]=type&search_fields[0][value]=rcs",
            vec![19],
        ),
    ] {
        assert_eq!(phones(format!("/api/stoplist/search?{query}")).await, expected, "{query}");
    }
    for (query, expected) in [
        ("sort=name", vec!["Guests", "Regulars"]),
        ("sort=items&way=desc", vec!["Regulars", "Guests"]),
        ("search[field]=items&search[operator]=%3E=&search[value]=1", vec!["Regulars"]),
        ("search[field]=phone&search[value]=380661231219", vec!["Regulars"]),
        ("search[field]=description&search[value]=oft", vec!["Regulars"]),
    ] {
        let (_, found) = world.get(&format!("/api/groups/search?{query}")).await;
        let data = found["data"].as_array().unwrap();
        let names: Vec<_> = data.iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{query}");
    }
    let (_, shown) = world.get(&format!("/api/groups/{other}")).await;
    assert_eq!(shown["data"]["default"], true);
    let (_, found) = world.get("/api/groups/search?search[field]=name&search[value]=Guests").await;
    assert_eq!(found["data"][0]["is_default"], true);
    assert_ne!(first, second);
    for path in [
        "/api/contacts/search?search[field]=colour&search[value]=x",
        "/api/contacts?page[limit]=14",
        "/api/groups?page[limit]=501",
    ] {
        assert_eq!(world.get(path).await.0, 422, "{path}");
    }
}

#[tokio::test]
async fn fields_of_contacts_are_made_changed_and_deleted() {
    let world = World::new().await;
    let fields = "/api/contacts/fields";
    let (status, made) = world.post(fields, &json!({ "name": "Birthday", "type": "date" })).await;
    let id = made["data"]["id"].clone();
    let expected = json!({ "id": id, "name": "Birthday", "type": "date", "description": null, "is_visible": true });
    assert_eq!((status, &made["data"]), (201, &expected));
    let (status, again) = world.post(fields, &json!({ "name": "Birthday", "type": "text" })).await;
    assert_eq!((status, places(&again)), (422, vec!["name"]));
    let path = format!("{fields}/{id}");
    let change = json!({ "description": "When", "is_visible": false });
    let (_, changed) = world.call(Method::PATCH, &path, Some(&change)).await.unwrap();
    assert_eq!(changed["data"]["description"], "When");
    assert_eq!(world.get(fields).await.1["data"], json!([changed["data"]]));
    assert_eq!(world.call(Method::PATCH, &path, Some(&json!({}))).await.unwrap().0, 422);
    let contact =
        json!({ "phone": 380_661_231_211_u64, "fields": [{ "id": id, "value": "1990-01-01" }] });
    let (_, contact) = world.post("/api/contacts", &contact).await;
    let (status, _) = world.post(&format!("{fields}/delete"), &json!({ "ids": [id] })).await;
    assert_eq!(status, 204);
    let (_, contact) = world.get(&format!("/api/contacts/{}", contact["data"]["id"])).await;
    assert_eq!(contact["data"]["fields"], json!([]));
    let (status, refused) = world.post(&format!("{fields}/delete"), &json!({ "ids": [id] })).await;
    assert_eq!((status, places(&refused)), (422, vec!["ids[0]"]));
}

#[tokio::test]
async fn universal_sends_are_judged_in_all_their_fields() {
    let world = World::new().await;
    let body = |channels: Value| {
        json!({
            "phone": { "number": "380661231211" }, "channels": channels, "dry_run": true,
            "rcs": { "sender": "demo_agent", "text": "Hi" },
            "sms": { "sender": "Bistro", "text": "Hi", "transliterate": true, "unsubscribe_caption": "Stop:",
                     "short_links": [{ "link": "https://example.com", "placeholder": "x", "domain_ids": ["a"] }] },
            "respect_curfew": true, "tariff_code": 9, "validity": 24, "validity_seconds": 60,
            "add_to_contact_book": true, "check_stop_list": true, "callback_url": "http://127.0.0.1:9/",
        })
    };
    let path = "/api/messages/send";
    let (status, answer) = world.post(path, &body(json!(["rcs", "sms"]))).await;
    assert_eq!(status, 200, "{answer}");
    for channel in ["viber", "voice", "telegram", "whatsapp"] {
        let (status, refused) = world.post(path, &body(json!([channel]))).await;
        assert_eq!((status, places(&refused)), (422, vec!["channels[0]"]), "{channel}");
        let said = refused["errors"]["channels[0]"][0].as_str().unwrap();
        assert_eq!(said, "Only rcs and sms are carried here.");
    }
    let mut retired = body(json!(["rcs"]));
    retired["tariff_code"] = json!(4);
    assert_eq!(world.post(path, &retired).await.1["message"], "Tariff is not active");
    let mut late = body(json!(["rcs"]));
    late["recipients"] = json!({ "groups": [1] });
    late["start_at"] = json!("2027-01-01 00:00:00");
    let (status, refused) = world.post("/api/campaigns/send", &late).await;
    assert_eq!(
        (status, places(&refused)),
        (422, vec!["recipients.groups", "recipients.groups[0]", "start_at"]),
        "{refused}"
    );
}

#[tokio::test]
async fn statistics_jobs_are_the_bill_message_by_message() {
    let world = World::new().await;
    world.post(SEND, &text_to("380661231211", "a")).await;
    world.post(SEND, &text_to("380661231294", "b")).await;
    world.advance("1h").await;
    let jobs = "/api/stat/jobs";
    let all = json!({ "type": "params", "time_in_from": "2026-01-05", "time_in_to": "2026-01-05 23:59:59" });
    let (status, made) = world.post(jobs, &all).await;
    assert_eq!((status, &made["error"]), (200, &json!(0)), "{made}");
    let path = format!("{jobs}/{}", made["key"].as_str().unwrap());
    let (_, rows) = world.get(&path).await;
    let rows = rows["data"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let short = |row: &Value| {
        [&row["msisdn"], &row["status"], &row["price"]].map(|v| v.as_str().unwrap().to_owned())
    };
    assert_eq!(short(&rows[0]), ["380661231211", "Delivered", "0.0100000"]);
    assert_eq!(short(&rows[1]), ["380661231294", "Failed", "0.0000000"]);
    let mut failed = all.clone();
    failed["status"] = json!("Failed");
    failed["phones"] = json!([380_661_231_294_u64, 380_661_231_211_u64]);
    let (_, made) = world.post(jobs, &failed).await;
    let (_, rows) = world.get(&format!("{jobs}/{}", made["key"].as_str().unwrap())).await;
    assert_eq!(rows["data"].as_array().unwrap().len(), 1);
    assert_eq!(world.get(jobs).await.1["data"].as_array().unwrap().len(), 2);
    let (status, deleted) = world.call(Method::DELETE, &path, None).await.unwrap();
    assert_eq!((status, &deleted["error"]), (200, &json!(0)));
    for method in [Method::GET, Method::DELETE] {
        let (status, gone) = world.call(method, &path, None).await.unwrap();
        assert_eq!(
            (status, &gone["error"], &gone["errorDescription"]),
            (200, &json!(90), &json!("File not found"))
        );
    }
    for _ in 0..10 {
        world.post(jobs, &all).await;
        world.advance("1m").await;
    }
    let (status, full) = world.post(jobs, &all).await;
    assert_eq!((status, &full["error"], &full["key"]), (200, &json!(0), &Value::Null));
    assert_eq!(full["errorDescription"], "Maximum count of exports reached");
    for bad in [
        json!({ "type": "message" }),
        json!({ "type": "params", "time_in_from": "2026-01-05" }),
        json!({ "type": "all" }),
    ] {
        assert_eq!(world.post(jobs, &bad).await.0, 422, "{bad}");
    }
}
