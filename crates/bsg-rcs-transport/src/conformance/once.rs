//! A request arrives at most once, whatever becomes of its connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::JoinSet;

use super::server::{Connection, EMPTY, Server};
use super::subject::{Seen, Subject, answered, failed, post, same, told};
use crate::error::Certainty;

/// How many requests are made to a server that closes what it promised to keep.
const STALE: usize = 100;

pub(super) async fn a_redirect_is_not_followed(subject: Subject) -> Seen {
    let (server, elsewhere) = (Server::start().await?, Server::start().await?);
    for status in [301, 302, 303, 307, 308] {
        let request = post(&server.url("/"))?;
        let location = elsewhere.url("/elsewhere");
        let answer = format!(
            "HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\n\
             connection: close\r\n\r\n"
        );
        let servers = [&server, &elsewhere];
        let part = server.answer_once(answer);
        let (outcome, _) = subject.meets_before(&servers, request, part).await?;
        let answer = answered(outcome)?;
        same("the status", answer.status().as_u16(), status)?;
        let kept = answer.headers().get("location").map(|value| value.as_bytes());
        same("the location", kept, Some(location.as_bytes()))?;
    }
    first_is_the_probe(&subject, &elsewhere).await
}

pub(super) async fn a_redirect_to_nowhere_is_an_answer_too(subject: Subject) -> Seen {
    for location in ["http://1.2.3.400/", "ftp://host/", "http://", "//["] {
        let server = Server::start().await?;
        let request = post(&server.url("/"))?;
        let answer =
            format!("HTTP/1.1 308 Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let (outcome, _) = subject.meets(&server, request, server.answer_once(answer)).await?;
        same("the status", answered(outcome)?.status().as_u16(), 308)?;
    }
    Ok(())
}

/// Had anything been sent to this server before, it would stand first in its queue.
async fn first_is_the_probe(subject: &Subject, server: &Server) -> Seen {
    let (probe, first) =
        subject.meets(server, post(&server.url("/probe"))?, server.answer_once(EMPTY)).await?;
    same("what arrived next", first.line(), "POST /probe")?;
    answered(probe).map(|_| ())
}

pub(super) async fn a_request_that_failed_is_not_sent_again(subject: Subject) -> Seen {
    for end in [closed, Connection::reset] {
        let server = Server::start().await?;
        let part = async {
            let mut connection = server.accept().await?;
            connection.request().await?;
            end(connection)
        };
        let (outcome, ()) = subject.meets(&server, post(&server.url("/1"))?, part).await?;
        failed(&outcome, Certainty::MaybeSent)?;
        first_is_the_probe(&subject, &server).await?;
    }
    Ok(())
}

pub(super) async fn a_server_error_is_not_tried_again(subject: Subject) -> Seen {
    for status in [429, 500, 502, 503, 504] {
        let server = Server::start().await?;
        let answer = format!(
            "HTTP/1.1 {status} Busy\r\nretry-after: 0\r\ncontent-length: 0\r\n\
             connection: close\r\n\r\n"
        );
        let part = server.answer_once(answer);
        let (outcome, _) = subject.meets(&server, post(&server.url("/1"))?, part).await?;
        same("the status", answered(outcome)?.status().as_u16(), status)?;
        first_is_the_probe(&subject, &server).await?;
    }
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "stands in a list with one that can fail")]
fn closed(connection: Connection) -> Seen {
    drop(connection);
    Ok(())
}

/// The first exchange leaves its connection open. The second request may come on it, and is read
/// whole; then the connection ends without a byte of an answer.
pub(super) async fn a_loss_on_a_reused_connection_is_told_and_not_sent_again(
    subject: Subject,
) -> Seen {
    for end in [closed, Connection::reset] {
        let server = Server::start().await?;
        let part = async {
            let mut connection = server.accept().await?;
            connection.request().await?;
            connection.say(EMPTY).await?;
            Ok(connection)
        };
        let (first, mut kept) = subject.meets(&server, post(&server.url("/1"))?, part).await?;
        answered(first)?;

        let part = async {
            let (connection, request) = tokio::select! {
                Some(request) = kept.try_request() => (kept, request),
                // A transport that keeps no connections comes on a new one.
                other = server.accept() => {
                    let mut other = other?;
                    let request = other.request().await?;
                    (other, request)
                }
            };
            end(connection)?;
            Ok(request)
        };
        let (second, request) = subject.meets(&server, post(&server.url("/2"))?, part).await?;
        same("what arrived second", request.line(), "POST /2")?;
        failed(&second, Certainty::MaybeSent)?;
        first_is_the_probe(&subject, &server).await?;
    }
    Ok(())
}

/// How often each request arrived.
#[derive(Clone, Default)]
struct Arrivals(Arc<Mutex<HashMap<String, u32>>>);

impl Arrivals {
    fn counts(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, line: &str) {
        *self.counts().entry(line.to_owned()).or_default() += 1;
    }

    fn of(&self, line: &str) -> u32 {
        self.counts().get(line).copied().unwrap_or(0)
    }

    fn most(&self) -> u32 {
        self.counts().values().copied().max().unwrap_or(0)
    }
}

/// Counts the request, promises to keep the connection, and breaks the promise.
async fn count_answer_and_close(mut connection: Connection, arrivals: Arrivals) {
    let Some(request) = connection.try_request().await else { return };
    arrivals.count(request.line());
    // A client that is gone already shows in the client's own outcome.
    let _ = connection.say(EMPTY).await;
}

async fn serve(server: Server, arrivals: Arrivals) {
    let mut connections = JoinSet::new();
    while let Ok(connection) = server.accept().await {
        connections.spawn(count_answer_and_close(connection, arrivals.clone()));
    }
}

/// Whether the pool has noticed the close by the next exchange is a race, and either way is right:
/// the exchange fails, or it is made on a new connection.
pub(super) async fn on_a_connection_that_went_stale_a_request_arrives_at_most_once(
    subject: Subject,
) -> Seen {
    let server = Server::start().await?;
    let url = server.url("");
    let arrivals = Arrivals::default();
    let mut serving = JoinSet::new();
    serving.spawn(serve(server, arrivals.clone()));

    for number in 0..STALE {
        let outcome = subject.alone(post(&format!("{url}/{number}"))?).await?;
        let arrived = arrivals.of(&format!("POST /{number}"));
        match (&outcome, arrived) {
            (Ok(_), 1) | (Err(_), 0) => {}
            (Err(error), 1) if error.may_have_been_sent() => {}
            _ => {
                let told = told(&outcome);
                return Err(format!("number {number} arrived {arrived} times, and it {told}"));
            }
        }
    }
    same("the most often that one request arrived", arrivals.most(), 1)
}
