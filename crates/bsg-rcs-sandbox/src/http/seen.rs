//! What was seen lately, for the page: the latest calls with their answers, and what receivers answered to
//! callbacks. Bounded; forgotten at a reset.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::{Method, StatusCode};
use memchr::memmem;

use super::shared::Shared;
use crate::engine::{Engine, MessageIx};

/// Calls that are kept.
const CALLS: usize = 200;
/// Bytes of a body that are kept.
const BODY_BYTES: usize = 16 * 1024;
/// Callbacks whose answers are kept.
const ANSWERS: usize = 20_000;

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    calls: Mutex<Calls>,
    answers: Mutex<Answers>,
}

#[derive(Debug, Default)]
struct Calls {
    latest: VecDeque<Arc<Call>>,
    count: u64,
}

#[derive(Debug, Default)]
struct Answers {
    by_callback: HashMap<(MessageIx, u16), Said>,
    oldest_first: VecDeque<(MessageIx, u16)>,
}

/// What a receiver answered to a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// This status.
    Status(StatusCode),
    /// Nothing listened, or no answer came in time.
    Nothing,
}

/// A call and its answer.
#[derive(Debug)]
pub(super) struct Call {
    /// Counted from the start.
    pub(super) number: u64,
    /// Its method.
    pub(super) method: Method,
    /// Path and query.
    pub(super) path: String,
    /// Whether it carried a token.
    pub(super) authorised: bool,
    /// Its body.
    pub(super) asked: Kept,
    /// The answer's status; none if the answer was lost on purpose.
    pub(super) status: Option<StatusCode>,
    /// The answer's body.
    pub(super) answered: Kept,
    /// When, on the platform.
    pub(super) at: String,
}

/// A body, as far as it is kept.
#[derive(Debug)]
pub(super) struct Kept {
    /// Its beginning.
    pub(super) text: String,
    /// How many bytes it has.
    pub(super) bytes: usize,
}

impl Kept {
    fn of(body: &[u8]) -> Self {
        let beginning = body.get(..BODY_BYTES).unwrap_or(body);
        Self { text: String::from_utf8_lossy(beginning).into_owned(), bytes: body.len() }
    }

    fn hidden() -> Self {
        Self { text: String::from("(a key that no account here has)"), bytes: 0 }
    }

    /// Whether all of it is kept.
    pub(super) fn is_whole(&self) -> bool {
        self.bytes <= BODY_BYTES
    }
}

impl Seen {
    /// Notes what a receiver answered.
    pub(super) fn answered(&self, message: MessageIx, note: u16, said: Said) {
        let mut answers = lock(&self.answers);
        if answers.by_callback.insert((message, note), said).is_none() {
            answers.oldest_first.push_back((message, note));
        }
        if answers.oldest_first.len() > ANSWERS
            && let Some(oldest) = answers.oldest_first.pop_front()
        {
            answers.by_callback.remove(&oldest);
        }
    }

    /// What was answered to a callback, if that is still known.
    pub(super) fn answer_to(&self, message: MessageIx, note: u16) -> Option<Said> {
        lock(&self.answers).by_callback.get(&(message, note)).copied()
    }

    /// The latest calls, the last one first.
    pub(super) fn calls(&self) -> Vec<Arc<Call>> {
        lock(&self.calls).latest.iter().rev().cloned().collect()
    }

    /// Forgets everything.
    pub(super) fn forget(&self) {
        *lock(&self.calls) = Calls::default();
        *lock(&self.answers) = Answers::default();
    }

    fn called(&self, call: impl FnOnce(u64) -> Call) {
        let mut calls = lock(&self.calls);
        calls.count += 1;
        let call = Arc::new(call(calls.count));
        calls.latest.push_back(call);
        if calls.latest.len() > CALLS {
            calls.latest.pop_front();
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An API key that stands in a body.
enum Key {
    /// None does.
    None,
    This(String),
    /// One may, which cannot be read.
    Unreadable,
}

impl Key {
    fn of(body: &[u8], is_login: bool) -> Self {
        if !is_login && memmem::find(body, b"api_key").is_none() {
            return Self::None;
        }
        let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
        match json.as_ref().map(|json| json.get("api_key").and_then(|key| key.as_str())) {
            Some(Some(key)) => Self::This(key.to_owned()),
            Some(None) if is_login => Self::None,
            _ => Self::Unreadable,
        }
    }

    /// Whether it is, or may be, one that no account here has.
    fn is_foreign(&self, engine: &Engine) -> bool {
        match self {
            Self::None => false,
            Self::This(key) => engine.account_with_key(key).is_none(),
            Self::Unreadable => true,
        }
    }
}

/// Lets a call pass, and keeps it with its answer.
pub(super) async fn keep(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    // It is here already, and within its bound: the server has read it.
    let asked = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let method = parts.method.clone();
    let is_login = parts.uri.path().starts_with("/api/auth/");
    let in_query = parts.uri.query().is_some_and(|query| query.contains("api_key"));
    let path =
        if is_login || in_query { parts.uri.path().to_owned() } else { parts.uri.to_string() };
    let authorised = parts.headers.contains_key(http::header::AUTHORIZATION);
    let answer = next.run(Request::from_parts(parts, Body::from(asked.clone()))).await;
    let lost = super::server::is_lost(&answer);
    let (parts, body) = answer.into_parts();
    let answered: Bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let status = (!lost).then_some(parts.status);
    // A key that was sent here by mistake is kept nowhere.
    let key = Key::of(&asked, is_login);
    let (at, is_foreign_key) =
        shared.read(|engine| (engine.now().to_string(), key.is_foreign(engine)));
    shared.seen.called(|number| Call {
        number,
        method,
        path,
        authorised,
        asked: if is_foreign_key { Kept::hidden() } else { Kept::of(&asked) },
        status,
        answered: Kept::of(&answered),
        at,
    });
    shared.tell_change();
    Response::from_parts(parts, Body::from(answered))
}
