//! What was seen lately: the latest requests with their answers, and what receivers answered to callbacks. Bounded;
//! forgotten at a reset.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bsg_rcs_sandbox_engine::MessageIx;
use http::{Method, StatusCode};

use super::posting::CallbackResponse;

/// Requests that are kept.
const REQUESTS: usize = 200;
/// Bytes of a body that are kept.
const BODY_BYTES: usize = 16 * 1024;
/// Callbacks whose answers are kept.
const RESPONSES: usize = 20_000;

/// The latest requests.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    latest: VecDeque<Arc<LoggedRequest>>,
    count: u64,
}

/// A request and its answer.
#[derive(Debug)]
pub(crate) struct LoggedRequest {
    /// Counted from the start.
    pub(crate) number: u64,
    /// What was asked and answered.
    pub(crate) exchange: Exchange,
}

/// What was asked and answered.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The method.
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    /// Whether it carried a token.
    pub(crate) authorised: bool,
    /// Its body.
    pub(crate) asked: LoggedBody,
    /// The answer's status; none if the answer was lost on purpose.
    pub(crate) status: Option<StatusCode>,
    /// The answer's body.
    pub(crate) answered: LoggedBody,
    /// When, on the platform.
    pub(crate) at: String,
}

/// A body, as far as it is kept.
#[derive(Debug)]
pub(crate) struct LoggedBody {
    /// Its beginning.
    pub(crate) text: String,
    /// How many bytes it has.
    pub(crate) bytes: usize,
}

impl LoggedBody {
    /// A body that may be shown.
    pub(crate) fn of(body: &[u8]) -> Self {
        let beginning = body.get(..BODY_BYTES).unwrap_or(body);
        Self { text: String::from_utf8_lossy(beginning).into_owned(), bytes: body.len() }
    }

    /// A body that holds a key of elsewhere.
    pub(crate) fn hidden() -> Self {
        Self { text: String::from("(a key that no account here has)"), bytes: 0 }
    }

    /// Whether all of it is kept.
    pub(crate) fn is_whole(&self) -> bool {
        self.bytes <= BODY_BYTES
    }
}

impl RequestLog {
    /// Adds a request.
    pub(crate) fn add(&mut self, exchange: Exchange) {
        self.count += 1;
        self.latest.push_back(Arc::new(LoggedRequest { number: self.count, exchange }));
        if self.latest.len() > REQUESTS {
            self.latest.pop_front();
        }
    }

    /// The latest requests, the last one first.
    pub(crate) fn latest(&self) -> Vec<Arc<LoggedRequest>> {
        self.latest.iter().rev().cloned().collect()
    }
}

/// What receivers answered to callbacks.
#[derive(Debug, Default)]
pub(crate) struct CallbackLog {
    by_callback: HashMap<(MessageIx, u16), CallbackResponse>,
    oldest_first: VecDeque<(MessageIx, u16)>,
}

impl CallbackLog {
    /// Notes what a receiver answered.
    pub(crate) fn add(&mut self, message: MessageIx, note: u16, response: CallbackResponse) {
        if self.by_callback.insert((message, note), response).is_none() {
            self.oldest_first.push_back((message, note));
        }
        if self.oldest_first.len() > RESPONSES
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_callback.remove(&oldest);
        }
    }

    /// What was answered to a callback, if that is still known.
    pub(crate) fn response_to(&self, message: MessageIx, note: u16) -> Option<CallbackResponse> {
        self.by_callback.get(&(message, note)).copied()
    }
}
