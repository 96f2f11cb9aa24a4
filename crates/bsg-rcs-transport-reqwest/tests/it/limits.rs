//! The time limit of the transport's own, and the one that a request brings in its place.

use std::time::Duration;

use bsg_rcs_transport::{Certainty, FailureKind, Timeout, Transport};
use bsg_rcs_transport_reqwest::ReqwestTransport;

use crate::server::{Server, post, settings};

/// Short, because a test that passes waits for it to strike; its length decides nothing.
const SHORT: Duration = Duration::from_millis(200);
/// Never reached.
const LONG: Duration = Duration::from_secs(3600);

/// The exchange runs into its limit while the server holds the connection, and closes it then.
async fn check_strikes(transport: ReqwestTransport, own: Option<Duration>) {
    let server = Server::start().await;
    let mut request = post(&server.url("/"));
    if let Some(bound) = own {
        request.extensions_mut().insert(Timeout(bound));
    }
    let (outcome, ()) = tokio::join!(transport.exchange(request), async {
        let mut connection = server.accept().await;
        // On a busy machine the limit may strike before the request has come.
        let _ = connection.try_request().await;
        connection.closed().await;
    });
    let error = outcome.unwrap_err();
    assert_eq!((error.certainty(), error.kind()), (Certainty::MaybeSent, FailureKind::Timeout));
}

#[tokio::test]
async fn a_timeout_before_the_answer_may_have_sent() {
    let transport = settings().request_timeout(SHORT).build().unwrap();
    check_strikes(transport, None).await;
}

#[tokio::test]
async fn the_requests_own_limit_wins_over_the_transports() {
    let transport = settings().request_timeout(LONG).build().unwrap();
    check_strikes(transport, Some(SHORT)).await;
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
