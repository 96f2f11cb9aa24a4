//! What ends an exchange from the caller's side: a time limit, a size limit, a caller who lost
//! interest.

use std::time::Duration;

use super::server::{Connection, Server};
use super::subject::{Seen, Subject, failed, failed_as, post, told};
use crate::error::{Certainty, FailureKind};
use crate::extensions::Timeout;

/// Short, because a transport that keeps the law waits for it to strike; its length decides nothing.
const SHORT: Duration = Duration::from_millis(200);
/// What is sent beyond the largest answer that may be accepted, in bytes.
const BEYOND: usize = 1024 * 1024;

/// The exchange runs into its limit while the server holds the connection; the server sees it close.
async fn check_strikes(subject: Subject, hold: impl AsyncFnOnce(&mut Connection) -> Seen) -> Seen {
    let server = Server::start().await?;
    let mut request = post(&server.url("/"))?;
    request.extensions_mut().insert(Timeout(SHORT));
    let part = async {
        let mut connection = server.accept().await?;
        // On a busy machine the limit may strike before the request has come.
        if connection.try_request().await.is_some() {
            hold(&mut connection).await?;
        }
        connection.closed().await;
        Ok(())
    };
    let (outcome, ()) = subject.meets(&server, request, part).await?;
    failed_as(&outcome, FailureKind::Timeout)
}

pub(super) async fn a_time_limit_strikes_before_the_answer(subject: Subject) -> Seen {
    check_strikes(subject, async |_| Ok(())).await
}

pub(super) async fn a_time_limit_strikes_within_the_body(subject: Subject) -> Seen {
    check_strikes(subject, async |connection| {
        connection.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this").await
    })
    .await
}

pub(super) async fn a_dropped_exchange_closes_its_connection(subject: Subject) -> Seen {
    let server = Server::start().await?;
    let request = post(&server.url("/"))?;
    let mut exchange = subject.transport.exchange(request);
    let arrival = async {
        let mut connection = server.accept().await?;
        connection.request().await?;
        Ok::<_, String>(connection)
    };
    let patience = subject.terms.patience;
    let connection = tokio::select! {
        outcome = &mut exchange => return Err(format!("nobody answered, and it {}", told(&outcome))),
        connection = tokio::time::timeout(patience, arrival) => {
            connection.map_err(|_| "the request did not arrive")??
        }
    };
    drop(exchange);
    tokio::time::timeout(patience, connection.closed())
        .await
        .map(|_| ())
        .map_err(|_| format!("{patience:?} later the connection was still open"))
}

/// Whether it is refused on sight or runs into its time limit is the transport's choice; it must not
/// make room for what was announced.
pub(super) async fn an_answer_that_announces_too_much_fails(subject: Subject) -> Seen {
    let server = Server::start().await?;
    let mut request = post(&server.url("/"))?;
    request.extensions_mut().insert(Timeout(SHORT));
    let part = async {
        let mut connection = server.accept().await?;
        if connection.try_request().await.is_some() {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775000\r\n\r\nhello";
            connection.say(head).await?;
        }
        connection.closed().await;
        Ok(())
    };
    let (outcome, ()) = subject.meets(&server, request, part).await?;
    failed(&outcome, Certainty::MaybeSent)
}

pub(super) async fn an_answer_that_turns_out_too_large_is_refused(subject: Subject) -> Seen {
    let server = Server::start().await?;
    let request = post(&server.url("/"))?;
    let size = subject.terms.largest_answer + BEYOND;
    let part = async {
        let mut connection = server.accept().await?;
        connection.request().await?;
        connection.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
        // A client that closes half way is right to do so.
        let _ = say_chunks(&mut connection, size).await;
        Ok(())
    };
    let (outcome, ()) = subject.meets(&server, request, part).await?;
    failed_as(&outcome, FailureKind::TooLarge)
}

async fn say_chunks(connection: &mut Connection, size: usize) -> Seen {
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..=size / 0x10000 {
        connection.say(&chunk).await?;
    }
    connection.say("0\r\n\r\n").await
}
