//! What ends an exchange from this side: its time limit, and a caller who lost interest.

use std::time::Duration;

use bsg_rcs_transport::{Certainty, FailureKind, Timeout, Transport};
use bsg_rcs_transport_reqwest::ReqwestTransport;

use crate::server::{Connection, Server, post, settings, transport};

/// Short, because a test that passes waits for it to strike; its length decides nothing.
const SHORT: Duration = Duration::from_millis(200);
/// Never reached.
const LONG: Duration = Duration::from_secs(3600);

/// The exchange runs into its limit while the server holds the connection, and closes it then.
async fn check_strikes(
    transport: ReqwestTransport,
    own: Option<Duration>,
    hold: impl AsyncFnOnce(&mut Connection),
) {
    let server = Server::start().await;
    let mut request = post(&server.url("/"));
    if let Some(bound) = own {
        request.extensions_mut().insert(Timeout(bound));
    }
    let (outcome, ()) = tokio::join!(transport.exchange(request), async {
        let mut connection = server.accept().await;
        // On a busy machine the limit may strike before the request has come.
        if connection.try_request().await.is_some() {
            hold(&mut connection).await;
        }
        connection.closed().await;
    });
    let error = outcome.unwrap_err();
    assert_eq!((error.certainty(), error.kind()), (Certainty::MaybeSent, FailureKind::Timeout));
}

#[tokio::test]
async fn a_timeout_before_the_answer_may_have_sent() {
    let transport = settings().request_timeout(SHORT).build().unwrap();
    check_strikes(transport, None, async |_| {}).await;
}

#[tokio::test]
async fn a_timeout_within_the_body_may_have_sent() {
    let transport = settings().request_timeout(SHORT).build().unwrap();
    check_strikes(transport, None, async |connection| {
        connection.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this").await;
    })
    .await;
}

#[tokio::test]
async fn the_requests_own_limit_wins_over_the_transports() {
    let transport = settings().request_timeout(LONG).build().unwrap();
    check_strikes(transport, Some(SHORT), async |_| {}).await;
}

#[tokio::test]
async fn the_requests_own_limit_may_be_the_longer_one() {
    let server = Server::start().await;
    let transport = settings().request_timeout(Duration::ZERO).build().unwrap();
    let mut request = post(&server.url("/"));
    request.extensions_mut().insert(Timeout(LONG));
    let (outcome, _) = tokio::join!(
        transport.exchange(request),
        server.answer_once("HTTP/1.1 204 No Content\r\n\r\n")
    );
    assert_eq!(outcome.unwrap().status(), 204);
}

#[tokio::test]
async fn dropping_the_future_closes_the_connection() {
    let server = Server::start().await;
    let transport = transport();
    let mut exchange = transport.exchange(post(&server.url("/")));
    let arrival = async {
        let mut connection = server.accept().await;
        connection.request().await;
        connection
    };
    let connection = tokio::select! {
        outcome = &mut exchange => panic!("nobody answered: {outcome:?}"),
        connection = arrival => connection,
    };
    drop(exchange);
    connection.closed().await;
}
