//! A request arrives at most once, above all on a connection that was used before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bsg_rcs_transport::{Certainty, FailureKind, Transport};

use crate::server::{Connection, Server, post, transport};

const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// A first exchange leaves its connection open; the second one's request arrives on it, whole, and
/// then the connection ends like this, without a byte of an answer.
async fn check_reused(end: impl FnOnce(Connection)) {
    let server = Server::start().await;
    let transport = transport();

    let (first, mut connection) =
        tokio::join!(transport.exchange(post(&server.url("/1"))), async {
            let mut connection = server.accept().await;
            connection.request().await;
            connection.say(EMPTY).await;
            connection
        });
    first.unwrap();

    let (second, ()) = tokio::join!(transport.exchange(post(&server.url("/2"))), async {
        let request = connection.request().await;
        assert!(request.starts_with("POST /2 "), "{request}");
        end(connection);
    });
    let error = second.unwrap_err();
    assert_eq!((error.certainty(), error.kind()), (Certainty::MaybeSent, FailureKind::Broken));

    // Had the second request been sent again, its connection would stand first in the queue.
    let (third, next) =
        tokio::join!(transport.exchange(post(&server.url("/3"))), server.answer_once(EMPTY));
    third.unwrap();
    assert!(next.starts_with("POST /3 "), "{next}");
}

#[tokio::test]
async fn a_reset_on_a_reused_connection_is_told_and_not_sent_again() {
    check_reused(Connection::reset).await;
}

#[tokio::test]
async fn a_close_on_a_reused_connection_is_told_and_not_sent_again() {
    check_reused(drop).await;
}

/// How often each request line arrived.
type Arrivals = Arc<Mutex<HashMap<String, u32>>>;

/// Counts the request, promises to keep the connection, and breaks the promise.
async fn count_answer_and_close(mut connection: Connection, arrivals: Arrivals) {
    let Some(request) = connection.try_request().await else { return };
    let line = request.lines().next().unwrap_or_default().to_owned();
    *arrivals.lock().unwrap().entry(line).or_default() += 1;
    connection.say(EMPTY).await;
}

#[tokio::test]
async fn on_a_connection_that_went_stale_a_request_arrives_at_most_once() {
    let server = Arc::new(Server::start().await);
    let arrivals = Arrivals::default();
    let (listening, counting) = (Arc::clone(&server), Arc::clone(&arrivals));
    tokio::spawn(async move {
        loop {
            let connection = listening.accept().await;
            tokio::spawn(count_answer_and_close(connection, Arc::clone(&counting)));
        }
    });

    let transport = transport();
    for number in 0..200 {
        // Whether the pool has noticed the close by now is a race, and either way is right: the
        // exchange fails, or it is made on a new connection.
        let answered = transport.exchange(post(&server.url(&format!("/{number}")))).await.is_ok();
        let line = format!("POST /{number} HTTP/1.1");
        let arrived = arrivals.lock().unwrap().get(&line).copied().unwrap_or(0);
        assert!(arrived <= 1, "{line} arrived {arrived} times");
        assert!(!answered || arrived == 1, "{line} was answered and never arrived");
    }
    let arrivals = arrivals.lock().unwrap();
    assert!(arrivals.values().all(|&count| count == 1), "{arrivals:?}");
}
