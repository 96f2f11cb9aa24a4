//! Answers and callbacks as the platform gives them, and what testers ask for.

use http::Method;
use serde_json::{Value, json};

use crate::client::{
    CAMPAIGN, Receiver, SEND, World, campaign_to, config, impatient, places, text_to,
};

#[tokio::test]
async fn a_date_that_there_is_not_is_refused() {
    let world = World::new().await;
    for query in
        ["filter[from]=2026-02-31", "filter[to]=2026-13-01", "filter[from]=2026-01-05T25:00:00"]
    {
        for path in ["/api/messages", "/api/campaigns"] {
            let (status, body) = world.get(&format!("{path}?{query}")).await;
            assert_eq!(status, 422, "{query}");
            assert_eq!(places(&body), [query.split('=').next().unwrap()]);
        }
    }
    assert_eq!(world.get("/api/messages?filter[from]=2026-02-28").await.0, 200);
    let mut body = campaign_to([380_661_231_211]);
    body["start_at"] = json!("2026-02-31 09:00:00");
    let (status, refused) = world.post(CAMPAIGN, &body).await;
    assert_eq!((status, places(&refused)), (422, vec!["start_at"]));
}

#[tokio::test]
async fn a_whole_number_may_be_written_with_a_point() {
    let world = World::new().await;
    let mut body = text_to("380661231211", "a");
    body["validity"] = json!(1.0);
    let (status, sent) = world.post(SEND, &body).await;
    assert_eq!((status, &sent["data"]["validity"]), (200, &json!(1)), "{sent}");
    body["validity"] = json!(1.5);
    let (status, refused) = world.post(SEND, &body).await;
    assert_eq!((status, places(&refused)), (422, vec!["validity"]));
}

#[tokio::test]
async fn a_single_send_answers_no_field_of_lists() {
    let world = World::new().await;
    let (_, sent) = world.post(SEND, &text_to("380661231211", "a")).await;
    let fields: Vec<_> = sent["data"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "amount",
        "created_at",
        "delivered_at",
        "id",
        "phone",
        "reference_id",
        "sender",
        "sent_at",
        "source",
        "status",
        "type",
        "validity",
    ];
    assert_eq!(fields, expected);
}

/// A1: the older surfaces have a code for each sort of fault.
#[tokio::test]
async fn the_older_surfaces_say_what_is_wrong_by_a_code() {
    let mut config = config();
    config.world.assumptions.refused_as_unprocessable = false;
    config.world.accounts[0].balance = bsg_rcs_domain::Amount::from_ten_millionths(150_000);
    let world = World::with(config).await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = text_to("380661231211", "a");
        change(&mut body);
        body
    };
    for (body, code) in [
        (with(&|body| body["sender"] = json!("nobody")), "32"),
        (with(&|body| body["tariff_code"] = json!(77)), "6"),
        (with(&|body| body["tariff_code"] = json!(4)), "9"),
        (with(&|body| body["phone"]["number"] = json!("12")), "21"),
        (with(&|body| body["phone"]["reference_id"] = json!("a-b")), "27"),
        (with(&|body| body["options"] = json!({ "text": "x".repeat(161) })), "26"),
        (with(&|body| body["validity"] = json!(99)), "28"),
        (with(&|body| drop(body.as_object_mut().unwrap().remove("sender"))), "3"),
        (with(&|body| body["options"] = json!({ "text": "x" })), "0"),
        (with(&|body| body["options"] = json!({ "text": "y" })), "23"),
        (with(&|body| body["phone"] = json!({ "number": "380661231212" })), "8"),
    ] {
        let (status, answer) = world.post(SEND, &body).await;
        if code == "0" {
            assert_eq!(status, 200, "{answer}");
            continue;
        }
        assert_eq!((status, &answer["error"]), (400, &json!(code)), "{body}: {answer}");
    }
}

#[tokio::test]
async fn a_report_of_a_failure_has_an_error() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    for (at, (ending, error)) in
        [(11, 0), (93, 5), (94, 5), (92, 28), (95, 33)].into_iter().enumerate()
    {
        world
            .post(SEND, &text_to(&(380_661_231_200_u64 + ending).to_string(), &format!("r{at}")))
            .await;
        world.advance("80h").await;
        let last = receiver.received().pop().unwrap();
        assert_eq!(last["error"], error, "{last}");
        assert_eq!(last["errorDescription"] == "No errors", error == 0, "{last}");
    }
}

#[tokio::test]
async fn a_message_that_was_not_delivered_costs_nothing() {
    let world = World::new().await;
    for (ending, cost) in [(11, "0.0100000"), (94, "0.0000000")] {
        let number = (380_661_231_200_u64 + ending).to_string();
        world.post(SEND, &text_to(&number, &format!("r{ending}"))).await;
        world.advance("1h").await;
        let (_, listed) = world.get(&format!("/api/messages?filter[reference_id]=r{ending}")).await;
        assert_eq!(listed["data"][0]["amount"]["value"], cost);
        let (_, found) = world.get(&format!("/sandbox/messages?reference=r{ending}")).await;
        assert_eq!(found["data"][0]["charged"], cost);
        assert_eq!(found["data"][0]["price"], "0.0100000");
    }
}

#[tokio::test]
async fn the_phone_shows_the_recipients_own_link_and_leads_nowhere() {
    let world = World::new().await;
    let mut body = text_to("380661231211", "a");
    body["options"] = json!({ "text": "Stop: http://nosms.cc/XXXX" });
    let (_, sent) = world.post(SEND, &body).await;
    let shown = world.view("/phones/380661231211").await;
    let own = format!("nosms.cc/{:x}", sent["data"]["id"].as_u64().unwrap());
    assert!(shown.contains(&own) && !shown.contains("XXXX"), "{shown}");
    assert!(!shown.contains("http://nosms.cc"), "{shown}");
}

#[tokio::test]
async fn a_callback_that_is_not_posted_has_its_reason() {
    let world = World::with(impatient()).await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, answer) in [
        (
            "https://127.0.0.1:9/hook".to_owned(),
            "not posted: the sandbox posts to http:// addresses",
        ),
        (format!("http://{gone}/"), "not reachable"),
    ] {
        let mut body = text_to("380661231211", &format!("r{}", url.len()));
        body["callback_url"] = json!(url);
        let (status, sent) = world.post(SEND, &body).await;
        assert_eq!(status, 200, "{sent}");
        world.advance("1h").await;
        let (_, found) = world.get(&format!("/sandbox/messages/{}", sent["data"]["id"])).await;
        let told = &found["callbacks"][0];
        assert_eq!((&told["delivery"], &told["answer"]), (&json!("given_up"), &json!(answer)));
    }
}

#[tokio::test]
async fn contacts_of_lists_are_asked_for_in_any_form() {
    let world = World::new().await;
    let (_, list) = world.post("/api/groups", &json!({ "name": "some" })).await;
    let list = &list["data"]["id"];
    world.post("/api/contacts", &json!({ "phone": "380661231211", "groups": [list] })).await;
    world.post("/api/contacts", &json!({ "phone": "380661231212" })).await;
    for name in ["groups", "groups[]", "groups[0]"] {
        let (_, found) = world.get(&format!("/api/contacts?{name}={list}")).await;
        assert_eq!(found["total"], 1, "{name}");
        let (status, refused) = world.get(&format!("/api/contacts?{name}=x")).await;
        assert_eq!((status, places(&refused)), (422, vec![name]));
    }
}

#[tokio::test]
async fn a_status_without_a_body_has_none() {
    let world = World::new().await;
    let on = "GET /api/accounts/balance";
    let answer = json!({ "status": 204 });
    world.fault(json!([{ "on": on, "do": answer }])).await;
    let (status, headers, text) = world.page("/api/accounts/balance", None, &[]).await;
    assert_eq!((status, text.as_str()), (204, ""));
    assert!(headers.get("content-type").is_none(), "{headers:?}");
    let answer = json!({ "status": 503, "headers": { "Retry-After": "7" }, "body": "<html>busy" });
    world.fault(json!([{ "on": on, "do": answer }])).await;
    let (status, headers, text) = world.page("/api/accounts/balance", None, &[]).await;
    assert_eq!((status, text.as_str()), (503, "<html>busy"));
    assert_eq!(headers["retry-after"], "7");
    world.fault(json!([{ "on": on, "do": { "limit": "1/m" } }])).await;
    let balance = async || world.page("/api/accounts/balance", None, &[]).await;
    assert_eq!(balance().await.0, 401, "it passes");
    let (status, headers, _) = balance().await;
    assert_eq!((status, headers["retry-after"].to_str().unwrap()), (429, "60"));
}

#[tokio::test]
async fn tokens_expire_funds_and_fates_are_set_on_demand() {
    let mut world = World::new().await;
    assert_eq!(world.get("/api/accounts/balance").await.0, 200);
    assert_eq!(world.post("/sandbox/tokens/expire", &json!({})).await.0, 200);
    assert_eq!(world.get("/api/accounts/balance").await.0, 401);
    world.log_in("live_sandbox").await;
    let path = "/sandbox/accounts/live_sandbox/balance";
    let (_, account) = world.post(path, &json!({ "balance": "0.0100000" })).await;
    assert_eq!(account["available"], "0.0100000");
    assert_eq!(world.post(SEND, &text_to("380661231211", "a")).await.0, 200);
    let (status, refused) = world.post(SEND, &text_to("380661231212", "b")).await;
    assert_eq!((status, &refused["message"]), (422, &json!("Insufficient funds")));
    assert_eq!(world.post(path, &json!({ "balance": "10", "credit": "1" })).await.0, 200);
    let rules = json!({ "rules": [{ "number": "*12", "fate": "expires" }] });
    assert_eq!(world.post("/sandbox/fates", &rules).await.0, 200);
    assert_eq!(world.get("/sandbox/fates").await.1["rules"], rules["rules"]);
    world.post(SEND, &text_to("380661231212", "c")).await;
    world.advance("80h").await;
    let (_, found) = world.get("/sandbox/messages?reference=c").await;
    assert_eq!(found["data"][0]["status"], "expired");
    assert_eq!(found["data"][0]["text"], "Your table is ready.");
    for (path, body) in [
        (path, json!({ "balance": "-1" })),
        ("/sandbox/fates", json!({ "rules": [{ "number": "*12", "fate": "lost" }] })),
        ("/sandbox/fates", json!({ "rules": [{ "number": "x", "fate": "expires" }] })),
    ] {
        let (status, refused) = world.post(path, &body).await;
        assert_eq!(status, 422, "{refused}");
    }
    assert_eq!(world.post("/sandbox/reset", &json!({})).await.0, 200);
    assert_eq!(world.get("/sandbox/fates").await.1["rules"], json!([]), "a reset is one");
}

#[tokio::test]
async fn ledger_and_requests_come_in_pages() {
    let world = World::new().await;
    world.post(CAMPAIGN, &campaign_to(380_661_231_200..380_661_231_220)).await;
    world.advance("1h").await;
    let (_, all) = world.get("/sandbox/ledger").await;
    assert_eq!((&all["total"], all["data"].as_array().unwrap().len()), (&json!(40), 40));
    let (_, page) = world.get("/sandbox/ledger?offset=38&limit=5").await;
    assert_eq!(page["data"].as_array().unwrap()[..], all["data"].as_array().unwrap()[38..]);
    let (_, requests) = world.get("/sandbox/requests?limit=1").await;
    assert_eq!(requests["total"], 2);
    let last = &requests["data"][0];
    assert_eq!((&last["method"], &last["path"]), (&json!("POST"), &json!(CAMPAIGN)));
    assert_eq!(last["body"]["sender"], "demo_agent");
    assert_eq!(world.get("/sandbox/ledger?limt=1").await.0, 422);
    assert_eq!(world.call(Method::GET, "/sandbox/messages/1", None).await.unwrap().0, 404);
}
