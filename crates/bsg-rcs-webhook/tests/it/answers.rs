//! The table of answers, row by row.

use std::io;
use std::iter::repeat_with;
use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use bsg_rcs_webhook::{BODY_MAX, Bytes};
use futures_util::stream;

use crate::inboxes::{FOUNDING, Fate, Gate, InMemory, app, call, post, request, secret, settle};

async fn check(method: &str, path: &str, expected: StatusCode) {
    let inbox = Arc::new(InMemory::default());
    let answer = call(&app(inbox.clone()), request(method, path, FOUNDING)).await;
    assert_eq!(answer.status(), expected, "{method} {path}");
    assert!(inbox.kept().is_empty(), "{method} {path}");
}

#[tokio::test]
async fn who_does_not_know_the_secret_finds_nothing() {
    let right = secret().path();
    let letters = secret().expose().to_owned();
    let escaped = format!("/callbacks/%{:02x}{}", letters.as_bytes()[0], &letters[1..]);
    let wrong = [
        "/callbacks/".to_owned(),
        "/callbacks/x".to_owned(),
        "/callbacks/%ff%fe".to_owned(),
        format!("/callbacks/{}", "a".repeat(32)),
        format!("{right}a"),
        format!("{right}/a"),
        right[..right.len() - 1].to_owned(),
        right.to_uppercase(),
        // The right one, but escaped where nothing is to be.
        escaped,
        format!("/callbacks/x?secret={}", secret().expose()),
    ];
    for path in wrong {
        check("POST", &path, StatusCode::NOT_FOUND).await;
    }
}

#[tokio::test]
async fn a_nested_router_takes_callbacks_too() {
    let inbox = Arc::new(InMemory::default());
    let nested = axum::Router::new().nest("/hooks/of/ours", app(inbox.clone()));
    let path = format!("/hooks/of/ours{}", secret().path());
    assert_eq!(call(&nested, request("POST", &path, FOUNDING)).await.status(), StatusCode::OK);
    let wrong = format!("/hooks/of/ours/callbacks/{}", "a".repeat(32));
    let refused = call(&nested, request("POST", &wrong, FOUNDING)).await;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    assert_eq!(inbox.kept().len(), 1);
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        check(method, &secret().path(), StatusCode::METHOD_NOT_ALLOWED).await;
    }
    check("POST", "/healthz", StatusCode::METHOD_NOT_ALLOWED).await;
    check("DELETE", "/readyz", StatusCode::METHOD_NOT_ALLOWED).await;
}

#[tokio::test]
async fn a_body_has_64_kib_at_most() {
    let inbox = Arc::new(InMemory::default());
    let app = app(inbox.clone());
    assert_eq!(post(&app, vec![b' '; BODY_MAX + 1]).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(inbox.kept().is_empty());
    assert_eq!(post(&app, vec![b' '; BODY_MAX]).await, StatusCode::OK);
    assert_eq!(inbox.kept()[0].body.len(), BODY_MAX);
}

#[tokio::test]
async fn a_body_without_an_announced_length_is_bounded_too() {
    let inbox = Arc::new(InMemory::default());
    // Never ends: reading it whole would never return.
    let frames = repeat_with(|| Ok::<_, io::Error>(Bytes::from(vec![b' '; 1000])));
    let body = Body::from_stream(stream::iter(frames));
    let answer = call(&app(inbox.clone()), request("POST", &secret().path(), body)).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(inbox.kept().is_empty());
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_kept() {
    let inbox = Arc::new(InMemory::default());
    let frames = [Ok(Bytes::from(FOUNDING)), Err(io::Error::other("reset"))];
    let body = Body::from_stream(stream::iter(frames));
    let answer = call(&app(inbox.clone()), request("POST", &secret().path(), body)).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(inbox.kept().is_empty());
}

#[tokio::test]
async fn what_cannot_be_kept_is_sent_again_and_nothing_is_lost() {
    for fate in [Fate::Fails, Fate::Panics] {
        let inbox = Arc::new(InMemory::with([fate, fate]));
        let app = app(inbox.clone());
        for _ in 0..2 {
            let answer = call(&app, request("POST", &secret().path(), FOUNDING)).await;
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.headers()[RETRY_AFTER], "5");
            assert!(inbox.kept().is_empty());
        }
        assert_eq!(post(&app, FOUNDING).await, StatusCode::OK);
        assert_eq!(inbox.kept()[0].body, FOUNDING);
        assert_eq!(inbox.groups(), [1]);
    }
}

#[tokio::test]
async fn health_and_readiness_while_the_inbox_is_full() {
    let (gate, _entered) = Gate::closed();
    let app = app(gate.clone());
    let status = async |path| call(&app, request("GET", path, Body::empty())).await.status();
    assert_eq!(status("/healthz").await, StatusCode::OK);
    assert_eq!(status("/readyz").await, StatusCode::OK);

    // The first wave brings a group to the inbox, the second fills the queue behind it.
    let mut posted = Vec::new();
    for _ in 0..2 {
        posted.extend((0..4096).map(|_| {
            let app = app.clone();
            tokio::spawn(async move { post(&app, FOUNDING).await })
        }));
        settle().await;
    }
    assert_eq!(status("/healthz").await, StatusCode::OK);
    assert_eq!(status("/readyz").await, StatusCode::SERVICE_UNAVAILABLE);
    let turned_away = call(&app, request("POST", &secret().path(), FOUNDING)).await;
    assert_eq!(turned_away.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(turned_away.headers()[RETRY_AFTER], "5");

    gate.open();
    let mut accepted = 0;
    for answer in posted {
        match answer.await.unwrap() {
            StatusCode::OK => accepted += 1,
            other => assert_eq!(other, StatusCode::SERVICE_UNAVAILABLE),
        }
    }
    assert!(accepted > 4096, "{accepted}");
    assert_eq!(gate.behind.kept().len(), accepted, "every 200 is kept, and nothing else");
    assert_eq!(status("/readyz").await, StatusCode::OK);
}

#[tokio::test]
async fn the_callbacks_nest_beside_a_callers_own_routes() {
    use axum::routing::get;
    use bsg_rcs_webhook::callback_routes;

    let inbox = Arc::new(InMemory::default());
    let app = axum::Router::new()
        .route("/healthz", get(|| async { StatusCode::IM_A_TEAPOT }))
        .nest("/hooks", callback_routes(&secret(), inbox.clone()));
    let path = format!("/hooks{}", secret().path());
    assert_eq!(call(&app, request("POST", &path, FOUNDING)).await.status(), StatusCode::OK);
    let health = call(&app, request("GET", "/healthz", Body::empty())).await;
    assert_eq!(health.status(), StatusCode::IM_A_TEAPOT);
    let wrong = call(&app, request("POST", "/hooks/callbacks/wrong", FOUNDING)).await;
    assert_eq!(wrong.status(), StatusCode::NOT_FOUND);
    assert_eq!(inbox.kept().len(), 1);
}
