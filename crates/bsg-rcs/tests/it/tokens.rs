//! Tokens: how often they are fetched, seen from the transport.
//!
//! Here a call too many must fail on the spot, so the transport is a mock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs::{Client, Transport, TransportError};
use bsg_rcs_transport::doubles::{MockTransport, NeverAnswers};
use bsg_rcs_transport::http::{Request, Response, StatusCode};
use bsg_rcs_transport::{Bytes, FailureKind};
use mockall::Sequence;
use mockall::predicate::function;

use crate::stage::{KEY, client_over};

const BALANCE: &str = r#"{"data": {"balance": 1, "currency": "EUR"}}"#;
/// A JWT that lives for 100 seconds: `{"iat": 1000, "exp": 1100}`.
const SHORT_LIVED: &str = r#"{"bearer": "e30.eyJpYXQiOjEwMDAsImV4cCI6MTEwMH0.c2ln"}"#;

type Answer = Result<Response<Bytes>, TransportError>;

fn answer(status: StatusCode, body: &'static str) -> Answer {
    let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
    *answer.status_mut() = status;
    Ok(answer)
}

/// A call to this path with this token (none is empty).
fn call(
    path: &'static str,
    token: &'static str,
) -> impl Fn(&Request<Bytes>) -> bool + Send + 'static {
    move |request| {
        let header = request.headers().get("authorization");
        let given = header.map_or("", |value| value.to_str().unwrap());
        request.uri().path() == path && given.strip_prefix("Bearer ").unwrap_or(given) == token
    }
}

/// Expects these calls in this order, each once.
fn in_order(calls: Vec<(&'static str, &'static str, StatusCode, &'static str)>) -> MockTransport {
    let mut mock = MockTransport::new();
    let mut order = Sequence::new();
    for (path, token, status, body) in calls {
        mock.expect_exchange()
            .with(function(call(path, token)))
            .once()
            .in_sequence(&mut order)
            .returning(move |_| answer(status, body));
    }
    mock
}

const LOGIN: &str = "/api/auth/login";
const REFRESH: &str = "/api/auth/refresh";
const ASK: &str = "/api/accounts/balance";
const OK: StatusCode = StatusCode::OK;
const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;

/// Lets others go first, so that calls overlap.
#[derive(Debug)]
struct Polite<T>(T);

#[async_trait]
impl<T: Transport> Transport for Polite<T> {
    async fn exchange(&self, request: Request<Bytes>) -> Answer {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        self.0.exchange(request).await
    }
}

/// Calls this often at the same time; every call is answered.
async fn ask_at_once(client: &Client, times: usize) {
    let ask = |_| {
        let client = client.clone();
        tokio::spawn(async move { client.account().balance().await })
    };
    let asked: Vec<_> = (0..times).map(ask).collect();
    for answer in asked {
        answer.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn many_concurrent_calls_log_in_once() {
    let mut mock = MockTransport::new();
    mock.expect_exchange()
        .with(function(call(LOGIN, "")))
        .once()
        .returning(|_| answer(OK, r#"{"bearer": "t1"}"#));
    mock.expect_exchange()
        .with(function(call(ASK, "t1")))
        .times(1000)
        .returning(|_| answer(OK, BALANCE));
    ask_at_once(&client_over(Polite(mock)), 1000).await;
}

#[tokio::test]
async fn many_calls_refused_together_log_in_once_more() {
    let mut mock = MockTransport::new();
    let logins = AtomicU64::new(0);
    mock.expect_exchange().with(function(call(LOGIN, ""))).times(2).returning(
        move |_| match logins.fetch_add(1, Ordering::Relaxed) {
            0 => answer(OK, r#"{"bearer": "t1"}"#),
            _ => answer(OK, r#"{"bearer": "t2"}"#),
        },
    );
    mock.expect_exchange()
        .with(function(call(ASK, "t1")))
        .times(1..=100)
        .returning(|_| answer(UNAUTHORIZED, ""));
    mock.expect_exchange()
        .with(function(call(ASK, "t2")))
        .times(100)
        .returning(|_| answer(OK, BALANCE));
    ask_at_once(&client_over(Polite(mock)), 100).await;
}

#[tokio::test]
async fn a_call_is_refused_twice_and_no_more() {
    let mock = in_order(vec![
        (LOGIN, "", OK, r#"{"bearer": "t1"}"#),
        (ASK, "t1", UNAUTHORIZED, r#"{"message": "Unauthenticated."}"#),
        (LOGIN, "", OK, r#"{"bearer": "t2"}"#),
        (ASK, "t2", UNAUTHORIZED, r#"{"message": "Unauthenticated."}"#),
    ]);
    let error = client_over(mock).account().balance().await.unwrap_err();
    assert_eq!(error.to_string(), "the platform refused the API key: 401: Unauthenticated.");
    assert!(error.is_unreachable_or_key_refused());
}

/// A client on a clock that the test sets, in seconds.
fn client_at(clock: &Arc<AtomicU64>, transport: impl Transport + 'static) -> Client {
    let clock = Arc::clone(clock);
    let now = move || Duration::from_secs(clock.load(Ordering::Relaxed));
    Client::builder()
        .base_url("https://platform.test")
        .api_key(KEY)
        .transport(transport)
        .without_retry()
        .clock(now)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_token_is_refreshed_ahead_of_its_end() {
    let old = "e30.eyJpYXQiOjEwMDAsImV4cCI6MTEwMH0.c2ln";
    let clock = Arc::new(AtomicU64::new(0));
    let mock = in_order(vec![
        (LOGIN, "", OK, SHORT_LIVED),
        (ASK, old, OK, BALANCE),
        (ASK, old, OK, BALANCE),
        (REFRESH, old, OK, r#"{"bearer": "t2"}"#),
        (ASK, "t2", OK, BALANCE),
    ]);
    let client = client_at(&clock, mock);
    for at in [0, 89, 90] {
        clock.store(at, Ordering::Relaxed);
        client.account().balance().await.unwrap();
    }
}

#[tokio::test]
async fn a_refresh_that_fails_is_replaced_by_a_login() {
    let old = "e30.eyJpYXQiOjEwMDAsImV4cCI6MTEwMH0.c2ln";
    for status in [UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS, StatusCode::BAD_GATEWAY] {
        let clock = Arc::new(AtomicU64::new(0));
        let mock = in_order(vec![
            (LOGIN, "", OK, SHORT_LIVED),
            (ASK, old, OK, BALANCE),
            (REFRESH, old, status, ""),
            (LOGIN, "", OK, r#"{"bearer": "t2"}"#),
            (ASK, "t2", OK, BALANCE),
        ]);
        let client = client_at(&clock, mock);
        client.account().balance().await.unwrap();
        clock.store(99, Ordering::Relaxed);
        client.account().balance().await.unwrap();
    }
}

#[tokio::test]
async fn a_login_that_was_given_up_hinders_nobody() {
    let client = client_over(NeverAnswers);
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.account().balance().await }
    });
    tokio::task::yield_now().await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());

    // The lock is free again: the next one gets as far as the transport, which is silent.
    let account = client.account();
    let polled = std::pin::pin!(account.balance());
    let waker = std::task::Waker::noop();
    assert!(polled.poll(&mut std::task::Context::from_waker(waker)).is_pending());
}

#[tokio::test]
async fn an_unreachable_login_is_told_to_every_waiting_call() {
    let mut mock = MockTransport::new();
    mock.expect_exchange().times(1).returning(|_| {
        Err(TransportError::maybe_sent(FailureKind::Timeout, "the login took too long"))
    });
    let client = client_over(Polite(mock));
    let ask = async || client.account().balance().await.unwrap_err().certainty();
    let (a, b, c) = tokio::join!(ask(), ask(), ask());
    assert_eq!([a, b, c], [bsg_rcs::Certainty::NotSent; 3]);
}
