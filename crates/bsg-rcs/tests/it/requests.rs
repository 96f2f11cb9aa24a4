//! Requests: exactly what leaves, call by call.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::{
    CallbackUrl, CivilDateTime, Client, MessageFilter, Messages, SendOutcome, SingleSend,
};
use bsg_rcs_transport::doubles::Scripted;
use bsg_rcs_transport::http::{Request, StatusCode};
use bsg_rcs_transport::{Bytes, Repeat, Timeout};
use serde_json::json;

use crate::stage::{
    LOGIN, answered, campaign, carousel, client, client_over, json, line, number, reference,
    single, text,
};

const REFUSED: &str = "{}";

/// The request behind the login of the one call that was made.
fn only(script: &Scripted) -> Request<Bytes> {
    let [_login, request] = script.requests().try_into().expect("a login and one request");
    request
}

#[tokio::test]
async fn a_single_text() {
    let (client, script) = answered(422, REFUSED);
    let _ = client.messages().send(&text(), &single()).await.unwrap();
    let request = only(&script);
    assert_eq!(line(&request), "POST /api/messages/rcs/send");
    let expected = json!({
        "phone": {"number": "380661231231", "reference_id": "r0"},
        "sender": "demo_agent",
        "options": {"text": "Your table is ready."},
        "add_to_contact_book": false,
        "check_stop_list": true,
    });
    assert_eq!(json(&request), expected);
}

#[tokio::test]
async fn a_single_carousel_with_everything() {
    let (client, script) = answered(422, REFUSED);
    let send = single().callback_url(CallbackUrl::parse("https://example.com/hook").unwrap());
    let _ = client.messages().send(&carousel(), &send).await.unwrap();
    let expected = json!({
        "phone": {"number": "380661231231", "reference_id": "r0"},
        "sender": "demo_agent",
        "options": {"cards": [
            {
                "title": "Menu",
                "text": "Today's three.",
                "media": {"url": "https://example.com/menu.jpg"},
                "suggestions": [
                    {"type": "link", "text": "Book", "url": "https://example.com/book",
                     "postback_data": "book"},
                    {"type": "call", "text": "Call us", "phone": "380661231231"},
                ],
            },
            {"text": "Dessert"},
        ]},
        "alternative_channel":
            {"sms": {"text": "Your table is ready.", "sender": "Bistro", "validity": 2,
                "check_stop_list": true}},
        "callback_url": "https://example.com/hook",
        "tariff_code": 9,
        "validity_seconds": 2700,
        "add_to_contact_book": true,
        "check_stop_list": false,
    });
    assert_eq!(json(&only(&script)), expected);
}

#[tokio::test]
async fn a_campaign_of_three() {
    let (client, script) = answered(422, REFUSED);
    let send = campaign().start_at(CivilDateTime::parse("2026-01-10T09:00:00").ok());
    let _ = client.campaigns().send(&text(), &send).await.unwrap();
    let request = only(&script);
    assert_eq!(line(&request), "POST /api/campaigns/rcs/send");
    let expected = json!({
        "phones": [
            {"number": "380661231231", "reference_id": "r0"},
            {"number": "380661231232", "reference_id": "r1"},
            {"number": "380661231233", "reference_id": "r2"},
        ],
        "sender": "demo_agent",
        "options": {"text": "Your table is ready."},
        "start_at": "2026-01-10 09:00:00",
        "add_to_contact_book": false,
        "check_stop_list": true,
    });
    assert_eq!(json(&request), expected);
}

#[tokio::test]
async fn without_a_reference_one_is_minted_and_answered() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let (client, script) = answered(500, "");
        let outcome = client.messages().send(&text(), &SingleSend::to(number())).await.unwrap();
        let SendOutcome::Unknown(unknown) = outcome else { panic!("{outcome:?}") };
        let sent = json(&only(&script))["phone"]["reference_id"].as_str().unwrap().to_owned();
        assert_eq!(unknown.unsettled.references(), [reference(&sent)]);
        assert_eq!(sent.len(), 32);
        assert!(sent.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)));
        seen.push(sent);
    }
    assert_ne!(seen[0], seen[1]);
}

#[tokio::test]
async fn the_login_carries_the_key_and_no_token() {
    let (client, script) = answered(200, "{}");
    let _ = client.account().balance().await;
    let login = &script.requests()[0];
    assert_eq!(line(login), "POST /api/auth/login");
    assert_eq!(json(login), json!({"api_key": "live_7kq2wz"}));
    assert!(!login.headers().contains_key("authorization"));
    // Another token does no harm.
    assert_eq!(Repeat::of(login.extensions()), Repeat::Safe);
}

/// One asking call: its line.
async fn check_asks(expected: &str, call: impl AsyncFnOnce(Client)) {
    let (client, script) = answered(404, "{}");
    call(client).await;
    let request = only(&script);
    assert_eq!(line(&request), expected);
    assert!(request.body().is_empty() && !request.headers().contains_key("content-type"));
    assert_eq!(Repeat::of(request.extensions()), Repeat::Safe, "{expected}");
}

#[tokio::test]
async fn asking_calls() {
    check_asks("GET /api/accounts/balance", async |client| {
        client.account().balance().await.unwrap_err();
    })
    .await;
    check_asks("GET /api/campaigns/4419393338", async |client| {
        client.campaigns().get(4_419_393_338).await.unwrap_err();
    })
    .await;
    check_asks("GET /api/campaigns/7/detail", async |client| {
        client.campaigns().detail(7).await.unwrap_err();
    })
    .await;
}

/// One page of messages: its query.
async fn check_page(filter: MessageFilter, offset: u64, limit: u32, expected: &str) {
    let expected = format!("GET /api/messages?{expected}");
    check_asks(&expected, async |client| {
        client.messages().page(filter, offset, limit).await.unwrap_err();
    })
    .await;
}

#[tokio::test]
async fn pages_of_messages() {
    let all = MessageFilter::default();
    let head = |offset: u64, limit: u32| {
        format!("page%5Boffset%5D={offset}&page%5Blimit%5D={limit}&sort=id&way=asc")
    };
    check_page(all, 0, 50, &head(0, 50)).await;
    check_page(all, u64::MAX, Messages::PAGE_MAX, &head(u64::MAX, 500)).await;
    // Brought within the platform's bounds.
    check_page(all, 0, 0, &head(0, 15)).await;
    check_page(all, 0, u32::MAX, &head(0, 500)).await;

    let campaign = all.campaign(7);
    check_page(campaign, 0, 50, &format!("{}&filter%5Bcampaign_id%5D=7", head(0, 50))).await;
    let both = campaign.reference(reference("hello"));
    let filters = "&filter%5Bcampaign_id%5D=7&filter%5Breference_id%5D=hello";
    check_page(both, 0, 50, &format!("{}{filters}", head(0, 50))).await;

    let narrowed = format!("{}&filter%5Breference_id%5D=hello", head(0, 15));
    check_asks(&format!("GET /api/messages?{narrowed}"), async |client| {
        client.messages().find(reference("hello")).await.unwrap_err();
    })
    .await;
}

#[tokio::test]
async fn stopping_changes_something_and_is_not_repeated() {
    let (client, script) = answered(422, r#"{"message": "Invalid campaign status"}"#);
    let error = client.campaigns().stop(7).await.unwrap_err();
    assert_eq!(error.to_string(), "the platform refused the call: 422: Invalid campaign status");
    let request = only(&script);
    assert_eq!(line(&request), "PATCH /api/campaigns/7/stop");
    assert_eq!(Repeat::of(request.extensions()), Repeat::OnlyIfNotSent);
}

#[tokio::test]
async fn every_request_says_what_it_is_and_how_long_it_may_take() {
    let script = Arc::new(Scripted::new().then_json(StatusCode::OK, LOGIN));
    let client = Client::builder()
        .base_url("http://127.0.0.1:8080/prefix/")
        .api_key("live_7kq2wz")
        .transport(Arc::clone(&script))
        .request_timeout(Duration::from_secs(7))
        .clock(|| Duration::ZERO)
        .build()
        .unwrap();
    let _ = client.messages().send(&text(), &single()).await;
    for request in script.requests() {
        assert!(request.uri().to_string().starts_with("http://127.0.0.1:8080/prefix/api/"));
        assert_eq!(request.headers()["accept"], "application/json");
        assert_eq!(request.headers()["content-type"], "application/json");
        assert_eq!(Timeout::of(request.extensions()), Some(Duration::from_secs(7)));
    }
    assert_eq!(Repeat::of(script.requests()[1].extensions()), Repeat::OnlyIfNotSent);
    let token = script.requests()[1].headers()["authorization"].clone();
    assert!(token.is_sensitive());
    assert_eq!(token, "Bearer tok3n.of.login");
    assert_eq!(client.request_timeout(), Duration::from_secs(7));
    assert_eq!(client.base_url(), "http://127.0.0.1:8080/prefix");
}

#[tokio::test]
async fn sends_are_not_to_be_repeated_once_they_left() {
    for single_send in [true, false] {
        let (client, script) = answered(422, REFUSED);
        if single_send {
            let _ = client.messages().send(&text(), &single()).await.unwrap();
        } else {
            let _ = client.campaigns().send(&text(), &campaign()).await.unwrap();
        }
        assert_eq!(Repeat::of(only(&script).extensions()), Repeat::OnlyIfNotSent);
    }
}

#[tokio::test]
async fn a_client_that_was_never_used_asks_for_nothing() {
    let (client, script) = client(&[]);
    drop((client.clone(), client_over(Scripted::new()), client));
    assert!(script.requests().is_empty());
}

#[test]
fn every_call_can_be_spawned() {
    fn sendable(_: impl Send) {}
    let (client, _) = client(&[]);
    let (messages, campaigns, account) = (client.messages(), client.campaigns(), client.account());
    let (message, one, many) = (text(), single(), campaign());
    sendable(messages.send(&message, &one));
    sendable(messages.find(reference("r0")));
    sendable(messages.page(MessageFilter::default(), 0, 50));
    sendable(campaigns.send(&message, &many));
    sendable((campaigns.get(7), campaigns.detail(7), campaigns.stop(7)));
    sendable(account.balance());
}
