//! The page: what each view shows, what can be done in it, and what no text and no other site can do.

use std::time::Instant;

use bsg_rcs_domain::Amount;
use serde_json::json;

use crate::client::{CAMPAIGN, Receiver, SEND, World, campaign_to, config, text_to};

const VIEWS: [&str; 5] = ["/", "/campaigns", "/money", "/trouble", "/requests"];

/// A single send of a carousel with an alternative channel, every text of which holds this.
fn everywhere(number: &str, text: &str) -> serde_json::Value {
    let card = json!({
        "title": text, "text": text, "media": { "url": "https://example.com/a.jpg" },
        "suggestions": [
            { "text": text.chars().take(12).collect::<String>(), "type": "link", "url": "https://example.com/", "postback_data": text.chars().take(12).collect::<String>() },
            { "type": "call", "text": "Call", "phone": "380661231231" },
        ],
    });
    json!({
        "phone": { "number": number }, "sender": "demo_agent", "options": { "cards": [card, card] },
        "alternative_channel": { "sms": { "sender": "Bistro", "text": text } },
    })
}

#[tokio::test]
async fn every_view_shows_what_there_is() {
    let world = World::new().await;
    for view in VIEWS {
        world.view(view).await;
    }
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    let (status, body) = world.post(SEND, &everywhere("380661231291", "Tonight's menu")).await;
    assert_eq!(status, 200, "{body}");
    let (_, campaign) = world.post(CAMPAIGN, &campaign_to([380661231210, 380661231291])).await;
    let campaign = &campaign["data"]["id"];
    world.advance("72h").await;
    assert!(world.view("/").await.contains("+380661231291"));
    let phone = world.view("/phones/380661231291").await;
    for part in [
        "Tonight&#39;s menu",
        "Carousel of 2 cards",
        "read",
        "acknowledged",
        "answered 200",
        "&quot;status&quot;",
    ] {
        assert!(phone.contains(part) || phone.contains(&part.replace("&#39;", "'")), "{part}");
    }
    let shown = world.view(&format!("/campaigns/{campaign}")).await;
    for part in ["price so far", "0.0200000 EUR", "100.0 %", "50.0 %", "polyline", "+380661231210"]
    {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(world.view("/money?kind=charge").await.contains("0.0100000"));
    assert!(world.view("/money?kind=release").await.contains("No line of the ledger"));
    let calls = world.view("/requests").await;
    assert!(calls.contains("curl -g -X POST 'http://127.0.0.1:"), "{calls}");
    assert!(!calls.contains("Tonight&#39;s") || calls.contains("Authorization: Bearer $TOKEN"));
}

#[tokio::test]
async fn what_can_be_done_is_done() {
    let mut poor = config();
    poor.world.accounts[0].balance = Amount::from_ten_millionths(1_000_000);
    let world = World::with(poor).await;
    let (_, campaign) =
        world.post(CAMPAIGN, &campaign_to((0..20).map(|at| 380_661_000_000 + at * 100))).await;
    let path = format!("/campaigns/{}", campaign["data"]["id"]);
    world.act("/trouble/clock", "advance=1h").await;
    assert!(world.view(&path).await.contains(">paused<"));
    world.act("/money/top-up", "key=live_sandbox&amount=10").await;
    world.act(&format!("{path}/resume"), "").await;
    world.act("/trouble/clock", "advance=1h").await;
    assert!(world.view(&path).await.contains(">done<"));
    for (act, form, status) in [
        ("/money/top-up", "key=nobody&amount=10", 404),
        ("/money/top-up", "key=live_sandbox&amount=-1", 422),
        ("/trouble/clock", "advance=soon", 422),
        ("/campaigns/1/pause", "", 404),
        ("/campaigns/1/dance", "", 404),
        ("/phones/1/click", "message=1&card=0&suggestion=0", 404),
    ] {
        assert_eq!(world.page(act, Some(form), &[]).await.0, status, "{act}");
    }
    world.act("/trouble/faults", "unavailable=on&callback-twice=on").await;
    assert!(world.view("/trouble").await.contains("503"));
    assert_eq!(world.post(SEND, &text_to("380661231211", "a")).await.0, 503);
    world.act("/trouble/faults", "").await;
    assert!(world.view("/trouble").await.contains("Nothing goes wrong on purpose."));
    world.act("/trouble/reset", "").await;
    assert!(world.view("/").await.contains("No message was sent yet"));
}

#[tokio::test]
async fn a_button_clicks() {
    let world = World::new().await;
    let receiver = Receiver::new(0).await;
    world.listen_with(&receiver).await;
    let (_, sent) = world.post(SEND, &everywhere("380661231210", "Book")).await;
    let id = sent["data"]["id"].to_string();
    world.advance("1h").await;
    assert!(world.view("/phones/380661231210").await.contains(&format!("id=\"b{id}-1-0\"")));
    let form = format!("message={id}&card=1&suggestion=0");
    world.act("/phones/380661231210/click", &form).await;
    world.advance("1s").await;
    assert_eq!(receiver.words().last().unwrap(), "click");
    assert!(world.view("/phones/380661231210").await.contains("click, acknowledged"));
}

/// Texts that a careless page would run or be broken by.
fn payloads() -> Vec<String> {
    let tags = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "\"><script>alert(1)</script>",
        "'><img src=x onerror=alert(1)>",
        "</title><script>alert(1)</script>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "</textarea><svg/onload=alert(1)>",
        "<body onload=alert(1)>",
        "<a href=javascript:alert(1)>x</a>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<style>*{display:none}</style>",
        "<link rel=stylesheet href=//evil.example>",
        "<base href=//evil.example>",
        "<form action=//evil.example><button>x",
        "<meta http-equiv=refresh content=0>",
        "<object data=x>",
        "<embed src=x>",
        "<details open ontoggle=alert(1)>",
        "<input autofocus onfocus=alert(1)>",
        "<!--><script>alert(1)</script-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "</script><script>alert(1)</script>",
        "<ScRiPt>alert(1)</sCrIpT>",
        "<video><source onerror=alert(1)>",
    ];
    let others = [
        "\" onmouseover=\"alert(1)",
        "' onfocus='alert(1)",
        "javascript:alert(1)",
        "{{constructor.constructor('alert(1)')()}}",
        "${alert(1)}",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;",
        "`-alert(1)-`",
        "\\u003cscript\\u003e",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "https://x/\"onclick=alert(1)//",
        "https://x/'><script>alert(1)</script>",
        "http://<script>alert(1)</script>",
        "\u{202e}evil",
        "\u{0}<b>",
        "a\r\nSet-Cookie: x=1",
        "-->",
        "]]>",
        "*/alert(1)/*",
        "//evil.example",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "=cmd|' /C calc'!A0",
        "\u{2028}alert(1)",
        "&NewLine;<b>",
    ];
    tags.into_iter().chain(others).map(str::to_owned).collect()
}

/// What a browser could take for a tag, and quotes that could end an attribute.
fn tags(page: &str) -> usize {
    page.matches('<').count()
}

#[tokio::test]
async fn no_text_becomes_anything_but_text() {
    let payloads = payloads();
    assert_eq!(payloads.len(), 50);
    let world = World::new().await;
    let mut expected = None;
    for text in std::iter::once("harmless").chain(payloads.iter().map(String::as_str)) {
        world.post("/sandbox/reset", &json!({})).await;
        let world = &world;
        let (status, body) = world.post(SEND, &everywhere("380661231210", text)).await;
        assert_eq!(status, 200, "{text:?}: {body}");
        world.post(CAMPAIGN, &json!({
            "phones": [{ "number": "380661231291" }], "sender": "demo_agent", "options": { "text": text }
        })).await;
        world.advance("1h").await;
        let mut seen = Vec::new();
        for view in ["/", "/phones/380661231210", "/campaigns", "/requests"] {
            let page = world.view(view).await;
            assert!(!text.contains('<') || !page.contains(text), "{text} as it is in {view}");
            assert!(!page.contains("\" onmouseover"), "{view}");
            // An address in a text is a link; all else is a text.
            seen.push((view, tags(&page) - 2 * page.matches("rel=\"noopener").count()));
        }
        let expected = expected.get_or_insert_with(|| seen.clone());
        assert_eq!(&seen, expected, "{text:?}");
    }
}

#[tokio::test]
async fn a_page_forbids_the_browser_everything_but_its_own() {
    let world = World::new().await;
    for view in VIEWS.into_iter().chain(["/page/style.css", "/page/script.js"]) {
        let (_, headers, text) = world.page(view, None, &[]).await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        // Nothing that the policy would forbid: no style and no script within the page.
        for forbidden in [" style=", "<style", "<script>", " onclick", "javascript:"] {
            assert!(view.starts_with("/page/") || !text.contains(forbidden), "{view}: {forbidden}");
        }
    }
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let world = World::new().await;
    let host = world.sandbox.address().to_string();
    let own = format!("http://{host}");
    for (headers, status) in [
        (vec![("origin", own.as_str())], 303),
        (vec![("sec-fetch-site", "same-origin"), ("origin", own.as_str())], 303),
        (vec![], 303),
        (vec![("origin", "http://evil.example")], 403),
        (vec![("origin", "null")], 403),
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("sec-fetch-site", "same-site"), ("origin", own.as_str())], 403),
    ] {
        let (got, _, _) = world.page("/trouble/reset", Some(""), &headers).await;
        assert_eq!(got, status, "{headers:?}");
        let (got, _, _) = world.page("/sandbox/reset", Some(""), &headers).await;
        assert_eq!(got, if status == 303 { 200 } else { 403 }, "{headers:?}");
    }
    let foreign = [("origin", "http://evil.example")];
    assert_eq!(world.page("/api/auth/login", Some("{}"), &foreign).await.0, 403);
    // Under another name nothing can be read, either.
    for path in ["/requests", "/sandbox/state", "/"] {
        assert_eq!(world.page(path, None, &[("host", "evil.example")]).await.0, 403, "{path}");
    }
}

#[tokio::test]
async fn a_key_that_nobody_has_is_not_shown() {
    let world = World::new().await;
    let (status, _) =
        world.post("/api/auth/login", &json!({ "api_key": "somebodys-real-key" })).await;
    assert_ne!(status, 200);
    // Also where the answer is lost, another one than usual, or the key is where none belongs.
    let key = json!({ "api_key": "somebodys-real-key" });
    for fault in [json!("drop_before"), json!("drop_after"), json!({ "status": 200 })] {
        world.fault(json!([{ "on": "POST /api/auth/login", "do": fault }])).await;
        world.call(http::Method::POST, "/api/auth/login", Some(&key)).await;
    }
    world.fault(json!([])).await;
    world.post("/api/auth/login?api_key=somebodys-real-key", &json!({})).await;
    world.post(SEND, &key).await;
    assert!(!world.view("/requests").await.contains("somebodys-real-key"));
}

#[tokio::test]
async fn a_hundred_thousand_messages_are_no_burden() {
    let mut rich = config();
    rich.world.accounts[0].balance = Amount::from_ten_millionths(i128::from(u32::MAX) * 1000);
    let world = World::with(rich).await;
    let mut last = String::new();
    let taking = now();
    for batch in 0..20_u64 {
        let numbers = (0..5000).map(|at| 380_660_000_000 + (batch * 5000 + at) * 10);
        let (status, body) = world.post(CAMPAIGN, &campaign_to(numbers)).await;
        assert_eq!(status, 200, "{body}");
        last = body["data"]["id"].to_string();
    }
    // Measured by what the same machine does, since some are slow and shared.
    let taken = taking.elapsed();
    world.advance("72h").await;
    let campaign = format!("/campaigns/{last}");
    for view in [
        "/",
        "/?page=1999",
        "/phones/380660000010",
        "/campaigns",
        &campaign,
        "/money",
        "/money?page=1000",
        "/money?kind=top-up",
        "/trouble",
        "/requests",
    ] {
        world.view(view).await;
        let mut times = Vec::new();
        for _ in 0..5 {
            let began = now();
            world.view(view).await;
            times.push(began.elapsed());
        }
        let best = times.iter().min().unwrap();
        assert!(*best < taken / 10, "{view}: {times:?}; all messages were taken in {taken:?}");
    }
}

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn now() -> Instant {
    Instant::now()
}
