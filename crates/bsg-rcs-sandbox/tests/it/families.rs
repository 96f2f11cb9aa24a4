//! Stop list, contacts, contact lists, tariffs: what each call answers and refuses, and that no account sees another's.

use http::Method;
use serde_json::{Value, json};

use crate::client::{CAMPAIGN, SEND, World, campaign_to, places, text_to};

const PHONE: u64 = 380_661_231_211;

impl World {
    async fn contact(&self, number: u64) -> u64 {
        let (status, made) = self.post("/api/contacts", &json!({ "phone": number })).await;
        assert_eq!(status, 201, "{made}");
        made["data"]["id"].as_u64().unwrap()
    }

    async fn list(&self, name: &str) -> u64 {
        let (status, made) = self.post("/api/groups", &json!({ "name": name })).await;
        assert_eq!(status, 201, "{made}");
        made["data"]["id"].as_u64().unwrap()
    }

    /// A call without a body; its status.
    async fn status(&self, method: Method, path: &str) -> u16 {
        self.call(method, path, None).await.unwrap().0
    }

    async fn stop(&self, phones: &[u64], types: &[&str]) -> Vec<Value> {
        let body = json!({ "phones": phones, "types": types });
        let (status, attached) = self.post("/api/stoplist/attach", &body).await;
        assert_eq!(status, 200, "{attached}");
        attached["data"].as_array().unwrap().clone()
    }
}

fn ids(answer: &Value) -> Vec<u64> {
    let items = answer["data"].as_array().unwrap_or_else(|| panic!("{answer}"));
    items.iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn tariffs_come_with_their_total() {
    let world = World::new().await;
    let (status, tariffs) = world.get("/api/accounts/tariff").await;
    assert_eq!((status, &tariffs["total"]), (200, &json!(2)));
    let standard =
        json!({ "id": 1, "name": "Standard", "code": 9, "is_active": true, "is_default": true });
    assert_eq!(tariffs["data"][0], standard);
    let (_, rest) = world.get("/api/accounts/tariff?page[offset]=1&page[limit]=15").await;
    assert_eq!((ids(&rest), &rest["total"]), (vec![2], &json!(2)));
    let (status, refused) = world.get("/api/accounts/tariff?page[limit]=14").await;
    assert_eq!((status, places(&refused)), (422, vec!["page[limit]"]));
    for (code, expected) in [(4, 422), (9, 200)] {
        let mut body = text_to("380661231211", "a");
        body["tariff_code"] = json!(code);
        assert_eq!(world.post(SEND, &body).await.0, expected);
    }
}

#[tokio::test]
async fn the_stop_list_is_filled_listed_searched_and_emptied() {
    let mut world = World::new().await;
    let attached = world.stop(&[PHONE, PHONE + 1, PHONE], &["rcs", "whatsapp"]).await;
    assert_eq!(attached.len(), 2, "each number once");
    let first = json!({
        "id": attached[0]["id"], "phone": PHONE, "created_at": "2026-01-05 09:00:00",
        "sms_stoplist": false, "viber_stoplist": false, "rcs_stoplist": true,
    });
    assert_eq!(attached[0], first);
    world.stop(&[PHONE + 1], &["sms"]).await;
    let (_, all) = world.get("/api/stoplist").await;
    assert_eq!((ids(&all).len(), &all["total"]), (2, &json!(2)));
    let (_, by_sms) = world.get("/api/stoplist?type=sms&page[limit]=15").await;
    assert_eq!((&by_sms["data"][0]["phone"], &by_sms["total"]), (&json!(PHONE + 1), &json!(1)));
    let search = format!("search[field]=phone&search[operator]=>&search[value]={PHONE}");
    let (_, found) =
        world.get(&format!("/api/stoplist/search?{}", search.replace('>', "%3E"))).await;
    assert_eq!(ids(&found), [attached[1]["id"].as_u64().unwrap()]);
    assert_eq!(found["meta"]["page"], json!({ "limit": 50, "offset": 0, "total": 1 }));
    let echo = json!({ "field": "phone", "operator": ">", "value": PHONE.to_string() });
    assert_eq!(found["meta"]["search"], echo);

    let detach = json!({ "ids": [attached[0]["id"]], "types": ["rcs", "whatsapp"] });
    let live = world.token.clone();
    world.log_in("test_sandbox").await;
    assert_eq!(world.get("/api/stoplist").await.1["total"], 0, "no account sees another's");
    assert_eq!(world.post("/api/stoplist/detach", &detach).await.0, 422);
    world.token = live;
    let (status, detached) = world.post("/api/stoplist/detach", &detach).await;
    assert_eq!((status, detached), (200, json!({ "data": {} })));
    let (status, refused) = world.post("/api/stoplist/detach", &detach).await;
    assert_eq!((status, places(&refused)), (422, vec!["ids[0]"]));
    assert_eq!(world.get("/api/stoplist").await.1["total"], 1);
}

#[tokio::test]
async fn what_the_stop_list_refuses() {
    let world = World::new().await;
    for (call, body, place) in [
        ("attach", json!({ "phones": ["380661231211"], "types": ["rcs"] }), "phones[0]"),
        ("attach", json!({ "phones": vec![PHONE; 1001], "types": ["rcs"] }), "phones"),
        ("attach", json!({ "phones": [PHONE], "types": ["mail"] }), "types[0]"),
        ("attach", json!({ "phones": [PHONE], "types": ["telegram"] }), "types[0]"),
        ("detach", json!({ "ids": vec![1; 201], "types": ["rcs"] }), "ids"),
        ("detach", json!({ "ids": [1] }), "types"),
    ] {
        let (status, refused) = world.post(&format!("/api/stoplist/{call}"), &body).await;
        assert_eq!((status, places(&refused)), (422, vec![place]));
    }
    // Nothing is asked for where nothing is named.
    for (call, body) in [
        ("attach", json!({ "phones": [PHONE], "types": [] })),
        ("attach", json!({ "phones": [], "types": ["rcs"] })),
        ("detach", json!({ "ids": [], "types": [] })),
    ] {
        assert_eq!(world.post(&format!("/api/stoplist/{call}"), &body).await.0, 200, "{body}");
        assert_eq!(world.get("/api/stoplist").await.1["total"], 0);
    }
    for (query, place) in [
        ("?type=mail", "type"),
        ("?page[limit]=none", "page[limit]"),
        ("/search?search[value]=1", "search[field]"),
        ("/search?search[field]=phone", "search[value]"),
        ("/search?search[field]=name&search[value]=1", "search[field]"),
        ("/search?search[field]=id&search[value]=1&search[operator]=is", "search[operator]"),
    ] {
        let (status, refused) = world.get(&format!("/api/stoplist{query}")).await;
        assert_eq!((status, places(&refused)), (422, vec![place]), "{query}");
    }
}

#[tokio::test]
async fn a_stopped_number_is_not_sent_to_and_a_click_stops_one() {
    let world = World::new().await;
    world.stop(&[PHONE], &["rcs"]).await;
    let status = async |reference: &str| {
        let (_, found) =
            world.get(&format!("/api/messages?filter[reference_id]={reference}")).await;
        found["data"][0]["status"].clone()
    };
    let mut body = text_to(&PHONE.to_string(), "stopped");
    assert_eq!(world.post(SEND, &body).await.0, 200);
    body = text_to(&PHONE.to_string(), "unchecked");
    body["check_stop_list"] = json!(false);
    world.post(SEND, &body).await;
    world.advance("1h").await;
    assert_eq!(
        (status("stopped").await, status("unchecked").await),
        (json!("failed"), json!("delivered"))
    );
    let (_, balance) = world.get("/api/accounts/balance").await;
    assert_eq!(balance["data"]["balance"].to_string(), "999.99");

    let button = json!({ "text": "Stop", "url": "http://nosms.cc/XXXX" });
    body = text_to("380661231298", "clicked");
    body["options"] = json!({ "cards": [{ "text": "Menu", "suggestions": [button] }] });
    world.post(SEND, &body).await;
    world.advance("1h").await;
    let (_, list) = world.get("/api/stoplist?type=rcs").await;
    assert_eq!(list["data"][1]["phone"], 380_661_231_298_u64);
    let (_, seen) = world.get("/sandbox/messages?reference=clicked").await;
    assert!(seen["data"][0]["unsubscribe_link"].as_str().unwrap().starts_with("http://nosms.cc/"));
}

#[tokio::test]
async fn a_contact_is_made_changed_found_and_deleted() {
    let mut world = World::new().await;
    let list = world.list("Regulars").await;
    let body = json!({
        "phone": PHONE.to_string(),
        "fields": [{ "id": 7, "value": "Ann" }],
        "groups": [list],
    });
    let (status, made) = world.post("/api/contacts", &body).await;
    assert_eq!(status, 201);
    let id = made["data"]["id"].as_u64().unwrap();
    let (_, on_it) = world.get(&format!("/api/groups/{list}")).await;
    let on_it = &on_it["data"];
    assert_eq!(on_it["items"], 1);
    let expected = json!({
        "id": id, "phone": PHONE, "fields": { "7": "Ann" }, "groups": [on_it],
        "created_at": "2026-01-05 09:00:00", "hlr_status": null, "hlr_last_check": null,
    });
    assert_eq!(made["data"], expected);
    let path = format!("/api/contacts/{id}");
    assert_eq!(world.get(&path).await, (200, made));
    let other = world.contact(PHONE + 1).await;
    assert_eq!(world.get(&format!("/api/contacts/{other}")).await.1["data"]["fields"], json!([]));

    for (query, found) in [
        ("".to_owned(), vec![id, other]),
        ("?page[limit]=15&page[offset]=1".to_owned(), vec![other]),
        (format!("?groups[]={list}"), vec![id]),
        (format!("/search?search[field]=phone&search[value]={}", PHONE + 1), vec![other]),
        ("/search?search_fields[0][field]=7&search_fields[0][value]=an".to_owned(), vec![id]),
        ("/search?search_fields[0][field]=8&search_fields[0][value]=an".to_owned(), vec![]),
        ("/search?search[field]=created_at&search[value]=2026-01-05".to_owned(), vec![id, other]),
    ] {
        let (status, page) = world.get(&format!("/api/contacts{query}")).await;
        assert_eq!((status, ids(&page)), (200, found), "{query}");
    }
    assert_eq!(world.get("/api/contacts").await.1["total"], 2);

    let change = json!({ "phone": (PHONE + 2).to_string(), "fields": [] });
    let (status, changed) = world.call(Method::PUT, &path, Some(&change)).await.unwrap();
    assert_eq!((status, &changed["data"]["phone"]), (200, &json!(PHONE + 2)));
    assert_eq!(
        (&changed["data"]["fields"], &changed["data"]["groups"]),
        (&json!([]), &json!([on_it]))
    );

    let live = world.token.clone();
    world.log_in("test_sandbox").await;
    assert_eq!(world.get("/api/contacts").await.1["total"], 0, "no account sees another's");
    assert_eq!(world.get(&path).await.0, 404);
    assert_eq!(
        world.call(Method::PUT, &path, Some(&json!({ "phone": "380661231231" }))).await.unwrap().0,
        404
    );
    assert_eq!(world.status(Method::DELETE, &path).await, 404);
    world.token = live;
    assert_eq!(world.status(Method::DELETE, &path).await, 204);
    assert_eq!(world.status(Method::DELETE, &path).await, 404);
    assert_eq!(world.get(&path).await.1["message"], "Contact is not found");
}

#[tokio::test]
async fn many_contacts_are_deleted_by_their_ids_and_lists() {
    let world = World::new().await;
    let list = world.list("Regulars").await;
    let mut made = Vec::new();
    for at in 0..4 {
        made.push(world.contact(PHONE + at).await);
    }
    let members = json!({ "contacts": &made[..2], "groups": [list] });
    assert_eq!(world.post("/api/groups/attach", &members).await.0, 200);
    let path = |query: &str| format!("/api/contacts/delete{query}");
    let query = format!("?contact_ids[]={}&contact_ids[]=1", made[3]);
    let (status, refused) = world.call(Method::POST, &path(&query), None).await.unwrap();
    assert_eq!((status, &refused["message"]), (422, &json!("Invalid contact id")));
    assert_eq!(world.status(Method::POST, &path("")).await, 422);
    assert_eq!(world.status(Method::POST, &path("?contact_ids[]=x")).await, 422);
    assert_eq!(world.status(Method::POST, &path("?group_ids[]=1")).await, 422);
    let query = format!("?contact_ids[]={}&group_ids[]={list}", made[3]);
    assert_eq!(world.status(Method::POST, &path(&query)).await, 204);
    assert_eq!(ids(&world.get("/api/contacts").await.1), [made[2]]);
    assert_eq!(world.get(&format!("/api/groups/{list}")).await.1["data"]["items"], 0);
}

#[tokio::test]
async fn what_contacts_refuse() {
    let mut world = World::new().await;
    world.contact(PHONE).await;
    let known = json!({ "phone": PHONE.to_string() });
    let (status, refused) = world.post("/api/contacts", &known).await;
    assert_eq!((status, places(&refused)), (422, vec!["phone"]));
    assert_eq!(refused["message"], "Phone number is already exist in contact book");
    let (_, refused) =
        world.post("/api/contacts", &json!({ "phone": "380661231219", "groups": [1] })).await;
    assert_eq!(refused["message"], "Contact group is not found");
    for (body, place) in [
        (json!({ "phone": "+380661231219" }), "phone"),
        (json!({ "phone": 99_999_999 }), "phone"),
        (json!({ "phone": null }), "phone"),
        (json!({}), "phone"),
        (json!({ "phone": "380661231219", "fields": [{ "id": 1 }] }), "fields[0].value"),
        (json!({ "phone": "380661231219", "groups": ["1"] }), "groups[0]"),
    ] {
        let (status, refused) = world.post("/api/contacts", &body).await;
        assert_eq!((status, places(&refused)), (422, vec![place]));
    }
    for (query, place) in [
        ("?groups[]=x", "groups[]"),
        ("?groups[]=1", "groups[]"),
        ("/search?search_fields[0][field]=7", "search_fields[0][value]"),
        ("/search?search[field]=fields&search[value]=1", "search[field]"),
    ] {
        let (status, refused) = world.get(&format!("/api/contacts{query}")).await;
        assert_eq!((status, places(&refused)), (422, vec![place]), "{query}");
    }
    assert_eq!(world.get("/api/contacts/x").await.0, 404);
    world.log_in("test_sandbox").await;
    let unverified = json!({ "phone": "380661231219" });
    assert_eq!(world.post("/api/contacts", &unverified).await.0, 422, "in test mode");
    world.contact(380_661_231_231).await;
}

#[tokio::test]
async fn sends_fill_the_contact_book_unless_told_otherwise() {
    let world = World::new().await;
    let mut body = campaign_to([PHONE, PHONE + 1]);
    body["add_to_contact_book"] = json!(false);
    world.post(CAMPAIGN, &body).await;
    assert_eq!(world.get("/api/contacts").await.1["total"], 0);
    world.post(CAMPAIGN, &campaign_to([PHONE, PHONE + 1])).await;
    world.post(SEND, &text_to(&PHONE.to_string(), "a")).await;
    assert_eq!(world.get("/api/contacts").await.1["total"], 2);
}

#[tokio::test]
async fn a_list_is_made_filled_changed_found_and_deleted() {
    let mut world = World::new().await;
    let body = json!({ "name": "Regulars", "description": "often here" });
    let (status, made) = world.post("/api/groups", &body).await;
    assert_eq!(status, 201);
    let id = made["data"]["id"].as_u64().unwrap();
    let expected = json!({
        "id": id, "name": "Regulars", "description": "often here", "default": false,
        "created_at": "2026-01-05 09:00:00", "items": 0, "stop_list_count": 0,
    });
    assert_eq!(made["data"], expected);
    let contacts = [world.contact(PHONE).await, world.contact(PHONE + 1).await];
    let members = json!({ "contacts": contacts, "groups": [id] });
    assert_eq!(world.post("/api/groups/attach", &members).await, (200, json!({ "data": {} })));
    world.stop(&[PHONE], &["sms"]).await;
    let path = format!("/api/groups/{id}");
    let counts = async || {
        let (_, seen) = world.get(&path).await;
        (seen["data"]["items"].clone(), seen["data"]["stop_list_count"].clone())
    };
    assert_eq!(counts().await, (json!(2), json!(1)));
    let one = json!({ "contacts": &contacts[..1], "groups": [id] });
    assert_eq!(world.post("/api/groups/detach", &one).await, (200, json!({ "data": {} })));
    assert_eq!(counts().await, (json!(1), json!(0)));

    let other = world.list("Guests").await;
    let (_, all) = world.get("/api/groups?page[limit]=15").await;
    assert_eq!((ids(&all), &all["total"]), (vec![id, other], &json!(2)));
    let (_, found) = world.get("/api/groups/search?search[field]=name&search[value]=est").await;
    let expected = json!({
        "id": other, "name": "Guests", "description": null, "is_default": false,
        "created_at": "2026-01-05 09:00:00",
    });
    assert_eq!(found["data"], json!([expected]));
    assert_eq!(found["meta"]["search"]["operator"], "like");
    let change = json!({ "name": "Friends" });
    let (status, changed) = world.call(Method::PUT, &path, Some(&change)).await.unwrap();
    assert_eq!((status, &changed["data"]["name"]), (200, &json!("Friends")));

    let live = world.token.clone();
    world.log_in("test_sandbox").await;
    assert_eq!(world.get("/api/groups").await.1["total"], 0, "no account sees another's");
    assert_eq!(world.get(&path).await.0, 404);
    assert_eq!(world.call(Method::PUT, &path, Some(&change)).await.unwrap().0, 404);
    assert_eq!(world.status(Method::DELETE, &path).await, 404);
    assert_eq!(world.post("/api/groups/attach", &members).await.0, 422);
    world.token = live;
    assert_eq!(world.status(Method::DELETE, &path).await, 204);
    assert_eq!(
        world.get(&path).await,
        (404, json!({ "message": "Contact group is not found", "errors": [] }))
    );
    assert_eq!(world.get("/api/contacts").await.1["total"], 2, "its contacts stay");
}

#[tokio::test]
async fn what_lists_refuse() {
    let world = World::new().await;
    let list = world.list("Regulars").await;
    let (status, refused) = world.post("/api/groups", &json!({ "name": "Regulars" })).await;
    assert_eq!((status, &refused["message"]), (422, &json!("Contact group is already exists")));
    for (body, place) in [
        (json!({ "name": "ab" }), "name"),
        (json!({ "name": "x".repeat(51) }), "name"),
        (json!({ "name": "abc", "description": "" }), "description"),
        (json!({ "name": "abc", "description": "x".repeat(256) }), "description"),
        (json!({}), "name"),
    ] {
        let (status, refused) = world.post("/api/groups", &body).await;
        assert_eq!((status, places(&refused)), (422, vec![place]));
        let path = format!("/api/groups/{list}");
        assert_eq!(world.call(Method::PUT, &path, Some(&body)).await.unwrap().0, 422);
    }
    for (body, place) in [
        (json!({ "contacts": [1], "groups": [list] }), "contacts[0]"),
        (json!({ "contacts": vec![1; 201], "groups": [list] }), "contacts"),
        (json!({ "contacts": [], "groups": [list] }), "contacts"),
        (json!({ "contacts": [1], "groups": vec![list; 101] }), "groups"),
    ] {
        for call in ["attach", "detach"] {
            let (status, refused) = world.post(&format!("/api/groups/{call}"), &body).await;
            assert_eq!((status, places(&refused)), (422, vec![place]));
        }
    }
    assert_eq!(world.get("/api/groups/x").await.0, 404);
    assert_eq!(world.get("/api/groups/search?search[field]=name").await.0, 422);
}
