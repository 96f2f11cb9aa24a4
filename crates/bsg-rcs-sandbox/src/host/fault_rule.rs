//! One rule of a fault script: how it is written, and what it is read as.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use bsg_rcs_domain::Amount;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::span::Span;

/// What a rule for callbacks is `on`.
const CALLBACK: &str = "callback";
/// The words that `do` may be, where it is no object.
const WORDS: &str =
    "drop_before, drop_after, garble, refuse_connection, and on callback drop, repeat, reorder";

/// One rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// As it was written.
    pub(super) written: Value,
    on: On,
    pub(super) which: Which,
    pub(super) wrong: Wrong,
}

/// What a rule is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum On {
    /// Requests of a method to a path.
    Call(String, String),
    Callback,
    /// The script's arrival.
    Arrival,
}

/// Which of the requests or callbacks that a rule is for go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Every,
    /// This one, counted from the script's arrival.
    Nth(NonZeroU64),
    /// So many of ten million.
    Share(u64),
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub(super) enum Wrong {
    Request(RequestFault),
    Callback(CallbackVerdict),
    /// Connections are refused, for a while from the script's arrival.
    RefuseConnection(Duration),
}

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RequestFault {
    /// The connection closes before anything was done.
    DropBefore,
    /// The request is carried out, the answer lost.
    DropAfter,
    /// The request waits before it is carried out.
    DelayBefore(Duration),
    /// The request is carried out, and its answer waits.
    DelayAfter(Duration),
    /// This is answered and nothing done.
    Answer(StatusCode, HeaderMap, Option<Bytes>),
    /// The request is carried out, the answer no JSON.
    Garble,
    /// More than so many in an interval are answered 429, with `Retry-After`.
    Limited {
        /// So many pass.
        count: u64,
        /// In each interval of this length.
        per: Duration,
    },
}

/// What becomes of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallbackVerdict {
    /// It is posted.
    Post,
    /// It is posted twice.
    Twice,
    /// It leaves after the one that follows it.
    HoldForNext,
    /// It leaves so much later, on the platform's clock.
    Postpone(Duration),
    /// It is lost.
    Drop,
}

/// A rule as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    on: Option<String>,
    nth: Option<NonZeroU64>,
    rate: Option<serde_json::Number>,
    #[serde(rename = "do")]
    what: Value,
    #[serde(rename = "for")]
    how_long: Option<Span>,
}

/// What `do` says, where it is an object.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Detailed {
    delay: Option<Span>,
    delay_before: Option<Span>,
    delay_after: Option<Span>,
    limit: Option<String>,
    status: Option<u16>,
    headers: Option<BTreeMap<String, String>>,
    body: Option<Value>,
}

impl Rule {
    /// Reads a script. `knows` tells whether the platform has a call of this method and path.
    ///
    /// # Errors
    /// Why the first rule that cannot be followed cannot be, with its number.
    pub(crate) fn script(
        json: &[u8],
        knows: impl Fn(&str, &str) -> bool,
    ) -> Result<Vec<Self>, String> {
        let script: Value =
            serde_json::from_slice(json).map_err(|why| format!("no JSON: {why}"))?;
        let Value::Array(rules) = script else { return Err("a script is a list of rules".into()) };
        let read = |(at, rule): (usize, Value)| {
            Self::read(rule, &knows).map_err(|why| format!("rule {at}: {why}"))
        };
        (1..).zip(rules).map(read).collect()
    }

    fn read(json: Value, knows: impl Fn(&str, &str) -> bool) -> Result<Self, String> {
        let rule: Written = serde_json::from_value(json.clone()).map_err(|why| why.to_string())?;
        let on = match rule.on.as_deref() {
            None => On::Arrival,
            Some(CALLBACK) => On::Callback,
            Some(on) => call(on, knows)?,
        };
        let which = match (rule.nth, &rule.rate) {
            (None, None) => Which::Every,
            (Some(nth), None) => Which::Nth(nth),
            (None, Some(rate)) => Which::Share(share(rate)?),
            (Some(_), Some(_)) => return Err("nth and rate exclude each other".into()),
        };
        let wrong = wrong(&on, &rule.what, rule.how_long)?;
        Ok(Self { written: json, on, which, wrong })
    }

    /// Whether it is for a request. The path may be written as the document writes it, too.
    pub(super) fn is_for_request(&self, method: &str, paths: [&str; 2]) -> bool {
        matches!(&self.on, On::Call(verb, path) if verb == method && paths.contains(&path.as_str()))
    }

    /// Whether it is for callbacks.
    pub(super) fn is_for_callbacks(&self) -> bool {
        self.on == On::Callback
    }

    /// For how long connections are to be refused, if they are.
    pub(crate) fn refuses_for(&self) -> Option<Duration> {
        match self.wrong {
            Wrong::RefuseConnection(how_long) => Some(how_long),
            _ => None,
        }
    }
}

fn call(on: &str, knows: impl Fn(&str, &str) -> bool) -> Result<On, String> {
    let call = on.split_once(' ').filter(|(_, path)| path.starts_with('/'));
    let (method, path) =
        call.ok_or("on is callback, or method and path, such as POST /api/messages/rcs/send")?;
    let method = method.to_ascii_uppercase();
    if knows(&method, path) {
        Ok(On::Call(method, path.to_owned()))
    } else {
        Err(format!(
            "on: the platform has no call {method} {path}; GET /sandbox/openapi.json lists them"
        ))
    }
}

fn share(rate: &serde_json::Number) -> Result<u64, String> {
    let read = Amount::parse(&rate.to_string()).ok().filter(|read| !read.rounded);
    let share = read.and_then(|read| u64::try_from(read.amount.ten_millionths()).ok());
    share.filter(|share| *share <= 10_000_000).ok_or_else(|| "rate is a number from 0 to 1".into())
}

fn wrong(on: &On, what: &Value, how_long: Option<Span>) -> Result<Wrong, String> {
    let refuses = what == "refuse_connection";
    match (on, how_long) {
        (On::Arrival, Some(how_long)) if refuses => return Ok(Wrong::RefuseConnection(how_long.0)),
        _ if refuses || how_long.is_some() => {
            return Err("refuse_connection has no on and a for, and only it has one".into());
        }
        _ => {}
    }
    match (on, what) {
        (On::Arrival, _) => Err("on is missing".into()),
        (On::Callback, _) => callback(what).map(Wrong::Callback),
        (On::Call(..), Value::String(word)) => named(word).map(Wrong::Request),
        (On::Call(..), Value::Object(_)) => detailed(what).map(Wrong::Request),
        _ => Err(format!("do is a word ({WORDS}) or an object")),
    }
}

fn callback(what: &Value) -> Result<CallbackVerdict, String> {
    match what.as_str() {
        Some("drop") => return Ok(CallbackVerdict::Drop),
        Some("repeat") => return Ok(CallbackVerdict::Twice),
        Some("reorder") => return Ok(CallbackVerdict::HoldForNext),
        _ => {}
    }
    if !what.is_object() {
        return Err("on callback, do is drop, repeat, reorder or {\"delay\": \"3s\"}".into());
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Delayed {
        delay: Span,
    }
    let delayed: Delayed =
        serde_json::from_value(what.clone()).map_err(|why| format!("do: {why}"))?;
    Ok(CallbackVerdict::Postpone(delayed.delay.0))
}

fn named(word: &str) -> Result<RequestFault, String> {
    match word {
        "drop_before" => Ok(RequestFault::DropBefore),
        "drop_after" => Ok(RequestFault::DropAfter),
        "garble" => Ok(RequestFault::Garble),
        "drop" | "repeat" | "reorder" => Err(format!("{word} is for callbacks")),
        _ => Err(format!("do: there is no {word:?}; there are {WORDS}")),
    }
}

fn detailed(what: &Value) -> Result<RequestFault, String> {
    let said: Detailed =
        serde_json::from_value(what.clone()).map_err(|why| format!("do: {why}"))?;
    if said.status.is_none() && (said.headers.is_some() || said.body.is_some()) {
        return Err("do: headers and body belong to a status".into());
    }
    let mut faults = Vec::new();
    for by in [said.delay, said.delay_before].into_iter().flatten() {
        faults.push(RequestFault::DelayBefore(by.0));
    }
    if let Some(by) = said.delay_after {
        faults.push(RequestFault::DelayAfter(by.0));
    }
    if let Some(text) = said.limit {
        faults.push(limit(&text)?);
    }
    if let Some(status) = said.status {
        faults.push(answer(status, said.headers.unwrap_or_default(), said.body)?);
    }
    match (faults.pop(), faults.is_empty()) {
        (Some(fault), true) => Ok(fault),
        _ => Err("do: name one of status, delay_before, delay_after, limit".into()),
    }
}

fn answer(
    status: u16,
    headers: BTreeMap<String, String>,
    body: Option<Value>,
) -> Result<RequestFault, String> {
    let status = StatusCode::from_u16(status).ok().filter(|status| status.as_u16() >= 200);
    let status = status.ok_or("status is 200 to 999")?;
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let pair = (HeaderName::try_from(&name).ok()).zip(HeaderValue::try_from(value).ok());
        let (name, value) = pair.ok_or_else(|| format!("headers: {name:?} cannot be sent"))?;
        map.insert(name, value);
    }
    let body = body.map(|body| match body {
        Value::String(text) => Bytes::from(text),
        json => {
            let json_type = HeaderValue::from_static("application/json");
            map.entry(http::header::CONTENT_TYPE).or_insert(json_type);
            Bytes::from(json.to_string())
        }
    });
    Ok(RequestFault::Answer(status, map, body))
}

fn limit(text: &str) -> Result<RequestFault, String> {
    let read = text.split_once('/').and_then(|(count, unit)| {
        let per = match unit {
            "s" => 1,
            "m" => 60,
            _ => return None,
        };
        Some(RequestFault::Limited { count: count.parse().ok()?, per: Duration::from_secs(per) })
    });
    read.ok_or_else(|| "limit: write it as 100/s or 100/m".into())
}
