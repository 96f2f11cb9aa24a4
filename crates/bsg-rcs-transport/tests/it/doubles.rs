//! What a test may rely on when it uses a double.

use std::error::Error;
use std::sync::Arc;

use bsg_rcs_transport::doubles::{NeverAnswers, Scripted};
use bsg_rcs_transport::http::{Request, Response, StatusCode};
use bsg_rcs_transport::{Bytes, Certainty, FailureKind, Transport, TransportError};

fn get(path: &str) -> Request<Bytes> {
    let uri = format!("https://host.invalid{path}");
    Request::get(uri).header("authorization", "Bearer secret").body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn a_script_answers_in_order_and_keeps_the_requests() {
    let transport = Scripted::new()
        .then_json(StatusCode::CREATED, "{}")
        .then(Response::new(Bytes::from_static(b"second")))
        .then_error(TransportError::maybe_sent(FailureKind::Timeout, "too slow"));

    let first = transport.exchange(get("/1")).await.unwrap();
    assert_eq!(first.status(), StatusCode::CREATED);
    assert_eq!(first.headers()["content-type"], "application/json");
    assert_eq!(transport.exchange(get("/2")).await.unwrap().body(), "second");
    assert_eq!(transport.exchange(get("/3")).await.unwrap_err().kind(), FailureKind::Timeout);

    let paths: Vec<_> = transport.requests().iter().map(|r| r.uri().path().to_owned()).collect();
    assert_eq!(paths, ["/1", "/2", "/3"]);
    assert_eq!(transport.remaining(), 0);
}

#[tokio::test]
async fn a_script_that_ran_out_says_so_and_nothing_was_sent() {
    let transport = Scripted::new();
    let error = transport.exchange(get("/1")).await.unwrap_err();
    assert_eq!(error.certainty(), Certainty::NotSent);
    assert_eq!(
        error.source().unwrap().to_string(),
        "the script of the test has no answer for exchange number 1"
    );
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn a_shared_script_is_a_transport_too() {
    let script = Arc::new(Scripted::new());
    let transport: Arc<dyn Transport> = script.clone();
    script.push(Ok(Response::new(Bytes::from_static(b"late"))));
    assert_eq!(transport.exchange(get("/1")).await.unwrap().body(), "late");
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn a_script_shows_no_request_in_its_debug_output() {
    let transport = Scripted::new();
    let _ = transport.exchange(get("/1")).await;
    assert_eq!(format!("{transport:?}"), "Scripted { remaining: 0, seen: 1 }");
}

#[tokio::test(start_paused = true)]
async fn the_silent_one_is_still_silent_after_a_year() {
    let year = std::time::Duration::from_secs(365 * 24 * 60 * 60);
    tokio::time::timeout(year, NeverAnswers.exchange(get("/1"))).await.unwrap_err();
}

#[cfg(feature = "mock")]
#[tokio::test]
async fn a_mock_answers_by_expectation_and_is_a_transport() {
    let mut mock = bsg_rcs_transport::doubles::MockTransport::new();
    mock.expect_exchange()
        .withf(|request| request.uri().path() == "/known")
        .times(1)
        .returning(|_| Ok(Response::new(Bytes::new())));
    let transport: Box<dyn Transport> = Box::new(mock);
    assert_eq!(transport.exchange(get("/known")).await.unwrap().status(), StatusCode::OK);
}
