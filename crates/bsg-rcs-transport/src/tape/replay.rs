//! A tape that answers in the place of a server.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use super::entry::{Answered, Asked, Body, Entry};
use super::json::Json;
use super::redact::Redaction;
use crate::error::{FailureKind, TransportError};
use crate::transport::Transport;

/// Answers from a tape, and opens no socket.
///
/// A request is answered by the first exchange left that has the same method, path, query and body,
/// both redacted; the host and the headers do not count. Each exchange is used once. What is not on
/// the tape is a [`NotSent`](crate::Certainty::NotSent) error whose source says what was asked for.
///
/// Numbers are named in the order in which they come up, as on the tape. In answers, a number that
/// the caller has named before stands as the caller named it, every other one by its pseudonym; a
/// caller that sends a pseudonym means just that. To be independent of the order, let the test send
/// the tape's own pseudonyms.
pub struct Replay {
    state: Mutex<State>,
    ignored: BTreeSet<String>,
    total: usize,
}

struct State {
    left: Vec<Entry>,
    redaction: Redaction,
}

/// A tape that cannot be read: which line, and why.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the tape cannot be read")]
pub struct TapeError {
    line: usize,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Replay {
    /// Reads a whole tape. Empty lines are skipped, so that a person may part it into paragraphs.
    ///
    /// # Errors
    ///
    /// When reading fails, or a line is no exchange.
    pub fn read(tape: impl Read) -> Result<Self, TapeError> {
        let mut left = Vec::new();
        for (position, text) in BufReader::new(tape).lines().enumerate() {
            let broken = |source| TapeError { line: position + 1, source };
            let text = text.map_err(|error| broken(error.into()))?;
            if !text.trim().is_empty() {
                left.push(serde_json::from_str(&text).map_err(|error| broken(error.into()))?);
            }
        }
        let total = left.len();
        let state = Mutex::new(State { left, redaction: Redaction::default() });
        Ok(Self { state, ignored: BTreeSet::new(), total })
    }

    /// Has requests match whatever stands in the JSON fields of this name: for what is drawn anew
    /// in every run, such as `reference_id`.
    #[must_use]
    pub fn ignoring(mut self, field: impl Into<String>) -> Self {
        self.ignored.insert(field.into());
        self
    }

    /// How many exchanges of the tape nobody has asked for yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.state().left.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn missing(&self, asked: &Asked, left: usize) -> TransportError {
        let Asked { method, target, .. } = asked;
        let total = self.total;
        let cause = format!(
            "the tape has no such exchange among the {left} that are left of {total}: \
             {method} {target}"
        );
        TransportError::not_sent(FailureKind::Other, cause)
    }

    fn same(&self, one: &Asked, other: &Asked) -> bool {
        one.method == other.method
            && one.target == other.target
            && self.comparable(one) == self.comparable(other)
    }

    /// A body without what does not matter: the order of fields, and the ignored ones.
    fn comparable(&self, asked: &Asked) -> Option<Vec<u8>> {
        let bytes = asked.body.as_ref().and_then(Body::bytes)?;
        let Some(mut json) = Json::read(&bytes) else { return Some(bytes) };
        json.sort();
        let anything = Json::Plain("null".to_owned());
        self.ignored.iter().for_each(|field| json.overwrite(field, &anything));
        Some(json.to_string().into_bytes())
    }
}

impl State {
    /// The answer with the caller's own numbers in it.
    fn answer(&mut self, recorded: &Answered) -> Result<Response<Bytes>, TransportError> {
        let body = recorded.body.as_ref().map_or(Some(Vec::new()), Body::bytes);
        let body = body.ok_or_else(|| damaged("a body is not base 64"))?;
        if let Some(mut json) = Json::read(&body) {
            // The pseudonyms in it are taken.
            self.redaction.look_at(&mut json);
        }
        let body = match String::from_utf8(body) {
            Ok(text) => self.redaction.undone(&text).into_bytes(),
            Err(error) => error.into_bytes(),
        };
        recorded.response(body.into()).map_err(damaged)
    }
}

fn damaged(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TransportError {
    TransportError::not_sent(FailureKind::Other, cause)
}

/// Counts only.
impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("remaining", &self.remaining())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for Replay {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mut state = self.state();
        let mut json = Json::read(request.body());
        state.redaction.look_at_request(&request, json.as_mut());
        let asked = state.redaction.asked(&request, json);

        let found = state.left.iter().position(|entry| self.same(&entry.request, &asked));
        let found = found.ok_or_else(|| self.missing(&asked, state.left.len()))?;
        let entry = state.left.remove(found);
        match (&entry.answer, &entry.failure) {
            (Some(answer), None) => state.answer(answer),
            (None, Some(failure)) => Err(failure.error()),
            _ => Err(damaged("an exchange on the tape has not one end")),
        }
    }
}
