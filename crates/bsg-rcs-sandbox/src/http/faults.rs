//! Scripts of faults: the nth request of a call, or the nth callback, goes wrong in the way that is asked for.
//!
//! Delays of requests pass on the wall clock, where clients have their timeouts; delays of callbacks pass on the
//! platform's.

use std::collections::HashSet;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;

use super::shared::Shared;
use super::{reply, server};
use crate::engine::{Callback, Delivery, MessageIx};
use crate::http::steering::Span;
use crate::wall;

/// One rule of a script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// Method and path of a call, `POST /api/campaigns/rcs/send`, or `callback`.
    #[serde(default)]
    on: String,
    /// Which of them, counted from the script's arrival; every one without it.
    nth: Option<NonZeroU64>,
    /// What goes wrong.
    #[serde(rename = "do")]
    what: Wrong,
    /// How long, where what goes wrong lasts.
    #[serde(rename = "for")]
    how_long: Option<Span>,
    #[serde(skip)]
    seen: u64,
}

/// In words: `POST /api/messages/rcs/send, the 2nd: its answer is lost`.
impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.what {
            Wrong::DropBefore => "is lost before anything is done".to_owned(),
            Wrong::DropAfter => "is carried out, and its answer lost".to_owned(),
            Wrong::Delay(by) => format!("waits for {} ms", by.0.as_millis()),
            Wrong::Status(code) => format!("is answered {code}, and nothing done"),
            Wrong::Garble => "is carried out, and its answer no JSON".to_owned(),
            Wrong::Drop => "is lost".to_owned(),
            Wrong::Repeat => "is posted twice".to_owned(),
            Wrong::Reorder => "leaves after the next one".to_owned(),
            Wrong::RefuseConnection => "Nothing listens for a while".to_owned(),
        };
        match (self.on.as_str(), self.nth) {
            ("", _) => f.write_str(&what),
            (on, None) => write!(f, "Every {on} {what}"),
            (on, Some(nth)) => write!(f, "{on}, number {nth} from its arrival, {what}"),
        }?;
        write!(f, "; seen {} so far", self.seen)
    }
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wrong {
    /// The connection closes before anything was done.
    DropBefore,
    /// The request is carried out, the answer lost.
    DropAfter,
    /// A request, or a callback, waits.
    Delay(Span),
    /// This status is answered and nothing done.
    Status(u16),
    /// The request is carried out, the answer no JSON.
    Garble,
    /// A callback is lost.
    Drop,
    /// A callback is posted twice.
    Repeat,
    /// A callback leaves after the one that follows it.
    Reorder,
    /// Nothing listens, for a while from the script's arrival.
    RefuseConnection,
}

/// What a callback rule is `on`.
const CALLBACK: &str = "callback";

impl Rule {
    /// Why this rule cannot be followed.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let refuses = matches!(self.what, Wrong::RefuseConnection);
        if refuses != self.how_long.is_some() || (refuses && !self.on.is_empty()) {
            return Some("refuse_connection has no on and a for, and only it has one");
        }
        let of_callbacks = matches!(self.what, Wrong::Drop | Wrong::Repeat | Wrong::Reorder);
        let status = match self.what {
            Wrong::Status(code) => StatusCode::from_u16(code).is_ok() && code >= 200,
            _ => true,
        };
        match self.on == CALLBACK {
            true if !of_callbacks && !matches!(self.what, Wrong::Delay(_)) => {
                Some("on callback, do is drop, repeat, reorder or delay")
            }
            false if of_callbacks => Some("drop, repeat and reorder are for callbacks"),
            false if !refuses && !self.on.contains(" /") => {
                Some("on is callback, or method and path, such as POST /api/messages/rcs/send")
            }
            _ if !status => Some("status is 200 to 999"),
            _ => None,
        }
    }

    /// For how long connections are to be refused, if they are.
    pub(super) fn refuses_for(&self) -> Option<std::time::Duration> {
        let refuses = matches!(self.what, Wrong::RefuseConnection);
        self.how_long.filter(|_| refuses).map(|span| span.0)
    }
}

/// The script, and the callbacks that it holds back.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    rules: Vec<Rule>,
    /// Leave after the next one.
    held: Vec<Callback>,
    /// Put off once: they leave when they come again.
    put_off: HashSet<(MessageIx, u16)>,
}

impl Faults {
    /// Replaces the script; counting begins anew.
    pub(super) fn replace(&self, rules: Vec<Rule>) {
        let mut inner = self.lock();
        *inner = Inner { rules, ..Inner::default() };
    }

    /// The script that is in force, in words.
    pub(super) fn words(&self) -> Vec<String> {
        self.lock().rules.iter().map(ToString::to_string).collect()
    }

    /// What goes wrong with this request, if anything.
    fn with_request(&self, method: &str, paths: [&str; 2]) -> Option<Wrong> {
        self.lock().next(|on| {
            let said = on.split_once(' ');
            said.is_some_and(|(verb, path)| {
                verb.eq_ignore_ascii_case(method) && paths.contains(&path)
            })
        })
    }

    /// Posts a callback, or lets it go wrong.
    pub(super) fn on_callback(&self, callback: Callback, shared: &Shared) {
        let mut inner = self.lock();
        let (message, note) = (callback.message, callback.note);
        let wrong = if inner.put_off.remove(&(message, note)) {
            None
        } else {
            inner.next(|on| on == CALLBACK)
        };
        match wrong {
            Some(Wrong::Drop) => shared.settle_now(message, note, Delivery::Dropped),
            Some(Wrong::Delay(by)) => {
                inner.put_off.insert((message, note));
                shared.postpone(message, note, by.0);
            }
            Some(Wrong::Reorder) => inner.held.push(callback),
            Some(Wrong::Repeat) => {
                shared.post(message, callback.clone());
                shared.post(message, callback);
            }
            _ => {
                shared.post(message, callback);
                for held in std::mem::take(&mut inner.held) {
                    shared.post(message, held);
                }
            }
        }
    }

    /// Posts what is still held back; says whether there was any.
    pub(super) fn let_go(&self, shared: &Shared) -> bool {
        let held = std::mem::take(&mut self.lock().held);
        let any = !held.is_empty();
        for callback in held {
            shared.post(callback.message, callback);
        }
        any
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Counts for every rule that this is for, and finds the first whose turn it is.
    fn next(&mut self, is_for: impl Fn(&str) -> bool) -> Option<Wrong> {
        let mut found = None;
        for rule in self.rules.iter_mut().filter(|rule| is_for(&rule.on)) {
            rule.seen += 1;
            if rule.nth.is_none_or(|nth| nth.get() == rule.seen) {
                found = found.or(Some(rule.what));
            }
        }
        found
    }
}

/// Lets a request go wrong, if the script says so.
pub(super) async fn apply(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let pattern = request.extensions().get::<MatchedPath>().map(|matched| matched.as_str());
    let paths = [path.as_str(), pattern.unwrap_or_default()];
    match shared.faults.with_request(request.method().as_str(), paths) {
        Some(Wrong::DropBefore) => server::lost(),
        Some(Wrong::DropAfter) => {
            next.run(request).await;
            server::lost()
        }
        Some(Wrong::Delay(by)) => {
            wall::sleep(by.0).await;
            next.run(request).await
        }
        Some(Wrong::Status(code)) => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            reply::refuse(status, "A fault script says so.").into_response()
        }
        Some(Wrong::Garble) => {
            let status = next.run(request).await.status();
            (status, "{\"data\": {\"id\": 44193\u{0}<html>").into_response()
        }
        Some(Wrong::Drop | Wrong::Repeat | Wrong::Reorder | Wrong::RefuseConnection) | None => {
            next.run(request).await
        }
    }
}
