//! What a failure is called: its kind, which the contract leaves to the transport, and what it proves
//! where the kit cannot see it.

use std::error::Error;
use std::time::Duration;

use bsg_rcs_transport::{Certainty, FailureKind, Transport, TransportError};
use tokio::net::TcpListener;

use crate::server::{Connection, Server, exchange, post, settings};

fn check(error: &TransportError, certainty: Certainty, kind: FailureKind) {
    assert_eq!((error.certainty(), error.kind()), (certainty, kind), "{error:?}");
    assert_tells_no_secret(error);
}

/// Neither the address nor the token stands anywhere in the error or in what lies below it.
fn assert_tells_no_secret(error: &TransportError) {
    let below = std::iter::successors(error.source(), |&cause| cause.source());
    let words: String = below.map(ToString::to_string).collect();
    for told in [format!("{error}"), format!("{error:?}"), format!("{error:#?}"), words] {
        assert!(!told.contains("opensesame") && !told.contains("/private"), "{told}");
    }
}

/// The server reads one whole request and then does this with the connection.
async fn check_after_request(
    certainty: Certainty,
    kind: FailureKind,
    then: impl AsyncFnOnce(Connection),
) {
    let server = Server::start().await;
    let url = server.url("/private");
    let (outcome, ()) = tokio::join!(exchange(&url), async {
        let mut connection = server.accept().await;
        connection.request().await;
        then(connection).await;
    });
    check(&outcome.unwrap_err(), certainty, kind);
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    // Bound but not listening: nobody else can take the port, and connecting is refused.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/private", socket.local_addr().unwrap());
    let error = exchange(&url).await.unwrap_err();
    check(&error, Certainty::NotSent, FailureKind::Connect);
}

#[tokio::test]
async fn a_failed_tls_handshake_sent_nothing() {
    let server = Server::start().await;
    let url = server.url("/private").replace("http://", "https://");
    let (outcome, ()) = tokio::join!(exchange(&url), async {
        server.accept().await.say("220 this is no TLS\r\n").await;
    });
    check(&outcome.unwrap_err(), Certainty::NotSent, FailureKind::Connect);
}

#[tokio::test]
async fn a_connect_timeout_sent_nothing() {
    // The system accepts on the listener's behalf, and nobody ever answers the handshake.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/private", listener.local_addr().unwrap());
    let transport = settings().connect_timeout(Duration::from_millis(50)).build().unwrap();
    let error = transport.exchange(post(&url)).await.unwrap_err();
    check(&error, Certainty::NotSent, FailureKind::Timeout);
}

#[tokio::test]
async fn what_cannot_be_a_request_sent_nothing() {
    for address in ["/private", "ftp://127.0.0.1/private", "http://1.2.3.400/private"] {
        let error = exchange(address).await.unwrap_err();
        check(&error, Certainty::NotSent, FailureKind::Other);
    }
}

#[tokio::test]
async fn a_connection_closed_in_place_of_an_answer_may_have_sent() {
    check_after_request(Certainty::MaybeSent, FailureKind::Broken, async |connection| {
        drop(connection);
    })
    .await;
}

#[tokio::test]
async fn a_body_shorter_than_announced_may_have_sent() {
    check_after_request(Certainty::MaybeSent, FailureKind::Broken, async |mut connection| {
        connection.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this").await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_no_http_may_have_sent() {
    check_after_request(Certainty::MaybeSent, FailureKind::Protocol, async |mut connection| {
        connection.say("530 who are you?\r\n\r\n").await;
    })
    .await;
}
