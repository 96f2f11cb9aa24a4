//! Exchanges as they happen, written to a tape.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use super::entry::{Answered, Asked, Body, Entry, Failed, kept};
use super::json::Json;
use super::redact::Redaction;
use crate::error::TransportError;
use crate::transport::Transport;

/// Writes every exchange of the transport inside to a tape, a line each, when it has ended.
///
/// What cannot be written is lost and disturbs no exchange; [`finish`](Self::finish) tells. An
/// exchange that was dropped half way is not on the tape.
pub struct Record<T> {
    inner: T,
    tape: Mutex<Tape>,
}

struct Tape {
    redaction: Redaction,
    write: Box<dyn Write + Send>,
    /// The first line that could not be written ends the recording.
    failed: Option<io::Error>,
}

impl<T> Record<T> {
    /// Records to this file, or whatever else takes bytes. Each line is handed over in one piece.
    pub fn new(inner: T, write: impl Write + Send + 'static) -> Self {
        let tape = Tape { redaction: Redaction::default(), write: Box::new(write), failed: None };
        Self { inner, tape: Mutex::new(tape) }
    }

    /// Flushes the tape.
    ///
    /// # Errors
    ///
    /// The first one that writing met since the last call: from there on the tape has holes.
    pub fn finish(&self) -> io::Result<()> {
        let mut tape = self.tape();
        match tape.failed.take() {
            Some(error) => Err(error),
            None => tape.write.flush(),
        }
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tape {
    fn note(
        &mut self,
        request: &Request<Bytes>,
        outcome: &Result<Response<Bytes>, TransportError>,
    ) {
        let entry = self.entry(request, outcome);
        let written =
            serde_json::to_string(&entry).map_err(io::Error::from).and_then(|mut line| {
                line.push('\n');
                self.write.write_all(line.as_bytes())
            });
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }

    /// Looks at both sides before either is written, so that what only the answer names as a number
    /// is gone from the request as well.
    fn entry(
        &mut self,
        request: &Request<Bytes>,
        outcome: &Result<Response<Bytes>, TransportError>,
    ) -> Entry {
        let mut asked = Json::read(request.body());
        let mut told = outcome.as_ref().ok().and_then(|answer| Json::read(answer.body()));
        self.redaction.look_at_request(request, asked.as_mut());
        told.iter_mut().for_each(|json| self.redaction.look_at(json));

        let request = self.redaction.asked(request, asked);
        match outcome {
            Ok(answer) => {
                let answer = self.redaction.answered(answer, told);
                Entry { request, answer: Some(answer), failure: None }
            }
            Err(error) => Entry { request, answer: None, failure: Some(Failed::of(error)) },
        }
    }
}

impl Redaction {
    /// The request as it stands on a tape; `json` is its body, if it is JSON.
    pub(super) fn asked(&self, request: &Request<Bytes>, json: Option<Json>) -> Asked {
        Asked {
            method: request.method().to_string(),
            target: self.target(request.uri()),
            headers: kept(request.headers(), |value| self.text(value)),
            body: self.body(request.body(), json),
        }
    }

    fn answered(&self, answer: &Response<Bytes>, json: Option<Json>) -> Answered {
        Answered {
            status: answer.status().as_u16(),
            headers: kept(answer.headers(), |value| self.text(value)),
            body: self.body(answer.body(), json),
        }
    }

    fn body(&self, bytes: &Bytes, json: Option<Json>) -> Option<Body> {
        if let Some(mut json) = json {
            self.json(&mut json);
            return Body::of_json(&json);
        }
        let bytes = match std::str::from_utf8(bytes) {
            Ok(text) => self.text(text).into_bytes(),
            Err(_) => bytes.to_vec(),
        };
        Body::of_bytes(bytes)
    }
}

/// Nothing of what was seen.
impl<T: fmt::Debug> fmt::Debug for Record<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("inner", &self.inner).finish_non_exhaustive()
    }
}

#[async_trait]
impl<T: Transport> Transport for Record<T> {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let outcome = self.inner.exchange(request.clone()).await;
        self.tape().note(&request, &outcome);
        outcome
    }
}
