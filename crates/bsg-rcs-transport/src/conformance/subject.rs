//! The transport under test, and the questions that every law asks of it.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::server::Server;
use crate::error::{Certainty, FailureKind, TransportError};
use crate::transport::Transport;

/// Nothing, or what was seen in place of what the law asks for.
pub type Seen = Result<(), String>;

pub(super) type Outcome = Result<Response<Bytes>, TransportError>;

/// Stands in the request's `Authorization`.
const TOKEN: &str = "opensesame";
/// Stands in the request's path.
pub(super) const NUMBER: &str = "491701234567";

/// The transport under test and the terms of the test.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) terms: Terms,
}

/// What the user of the kit may set.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) patience: Duration,
    pub(super) largest_answer: usize,
    pub(super) exchanges: usize,
    pub(super) at_once: usize,
}

/// A request with a body and a token.
pub(super) fn post(url: &str) -> Result<Request<Bytes>, String> {
    post_with(url, Bytes::from_static(b"{\"n\":1}"))
}

pub(super) fn post_with(url: &str, body: Bytes) -> Result<Request<Bytes>, String> {
    Request::post(url)
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json")
        .body(body)
        .map_err(|error| format!("the kit cannot build its request: {error}"))
}

impl Subject {
    /// The exchange and the server's part in it, side by side, to the end of both. A request that
    /// comes when the server has done its part is one too many.
    pub(super) async fn meets<T>(
        &self,
        server: &Server,
        request: Request<Bytes>,
        part: impl Future<Output = Result<T, String>>,
    ) -> Result<(Outcome, T), String> {
        self.meets_before(&[server], request, part).await
    }

    /// As [`meets`](Self::meets), before the eyes of several servers.
    pub(super) async fn meets_before<T>(
        &self,
        servers: &[&Server],
        request: Request<Bytes>,
        part: impl Future<Output = Result<T, String>>,
    ) -> Result<(Outcome, T), String> {
        let patience = self.terms.patience;
        let mut exchange = pin!(tokio::time::timeout(patience, self.transport.exchange(request)));
        let mut part = pin!(tokio::time::timeout(patience, part));
        let (outcome, part) = tokio::select! {
            outcome = &mut exchange => (outcome, part.await),
            part = &mut part => tokio::select! {
                outcome = &mut exchange => (outcome, part),
                line = one_too_many(servers) => return Err(format!("one request more came: {line}")),
            },
        };
        let came_to = outcome.as_ref().map_or_else(
            |_| format!("the exchange did not end within {patience:?}"),
            |outcome| format!("the exchange {}", told(outcome)),
        );
        // What the server has to say comes first: it is nearer to the cause.
        let part = part.map_err(|_| format!("the server waited in vain, {came_to}"))?;
        let part = part.map_err(|why| format!("{why}, {came_to}"))?;
        Ok((outcome.map_err(|_| came_to)?, part))
    }

    /// An exchange whose server nobody watches.
    pub(super) async fn alone(&self, request: Request<Bytes>) -> Result<Outcome, String> {
        let (outcome, ()) = self.meets_before(&[], request, async { Ok(()) }).await?;
        Ok(outcome)
    }
}

/// Waits for a request at any of these servers.
async fn one_too_many(servers: &[&Server]) -> String {
    let mut watches: Vec<_> = servers.iter().map(|server| Box::pin(server.next_line())).collect();
    poll_fn(|context| {
        let mut lines = watches.iter_mut().map(|watch| watch.as_mut().poll(context));
        lines.find(Poll::is_ready).unwrap_or(Poll::Pending)
    })
    .await
}

/// What an exchange came to, without its secrets.
pub(super) fn told(outcome: &Outcome) -> String {
    match outcome {
        Ok(answer) => format!("answered {} with {} bytes", answer.status(), answer.body().len()),
        Err(error) => format!("failed ({:?}, {:?})", error.kind(), error.certainty()),
    }
}

/// There must be an answer.
pub(super) fn answered(outcome: Outcome) -> Result<Response<Bytes>, String> {
    outcome.map_err(|error| format!("no answer, it {}", told(&Err(error))))
}

/// It must have failed, with this certainty, and without telling a secret.
pub(super) fn failed(outcome: &Outcome, certainty: Certainty) -> Seen {
    let Err(error) = outcome else { return Err(told(outcome)) };
    same("the certainty", error.certainty(), certainty)?;
    keeps_secrets(error)
}

/// It must have failed in this way, after the request may have left.
pub(super) fn failed_as(outcome: &Outcome, kind: FailureKind) -> Seen {
    failed(outcome, Certainty::MaybeSent)?;
    let seen = outcome.as_ref().map_err(TransportError::kind).err();
    same("the kind of failure", seen, Some(kind))
}

/// Neither the token nor the number stands anywhere in the error or in what lies below it.
fn keeps_secrets(error: &TransportError) -> Seen {
    let below = std::iter::successors(error.source(), |&cause| cause.source());
    let words: String = below.map(ToString::to_string).collect();
    for text in [format!("{error}{error:?}{error:#?}"), words] {
        hides("the error", &text)?;
    }
    Ok(())
}

/// Neither the token nor the number stands in the text.
pub(super) fn hides(what: &str, text: &str) -> Seen {
    for (secret, name) in [(TOKEN, "the token"), (NUMBER, "the path")] {
        if text.contains(secret) {
            return Err(format!("{what} tells {name}"));
        }
    }
    Ok(())
}

/// The two must be the same.
pub(super) fn same<A: PartialEq<B> + fmt::Debug, B: fmt::Debug>(
    what: &str,
    seen: A,
    asked: B,
) -> Seen {
    if seen == asked { Ok(()) } else { Err(format!("{what} is {seen:?} and not {asked:?}")) }
}

/// As [`same`], for bodies, whose bytes nobody wants to read.
pub(super) fn same_bytes(what: &str, seen: &[u8], asked: &[u8]) -> Seen {
    if seen == asked {
        return Ok(());
    }
    let equal = seen.iter().zip(asked).take_while(|(one, other)| one == other).count();
    let (seen, asked) = (seen.len(), asked.len());
    Err(format!("{what} has {seen} bytes, not {asked}, and differs from byte {equal} on"))
}
