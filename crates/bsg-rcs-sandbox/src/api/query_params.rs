//! Query parameters, held against the document before anybody looks at them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, Query};
use bsg_rcs_wire::Fault;
use bsg_rcs_wire::generated::query;
use http::StatusCode;
use http::request::Parts;

use super::schema::{Call, Schemas, date_or_time};
use crate::app_state::AppState;
use crate::reply;
use crate::reply::Refused;
use bsg_rcs_sandbox_engine::VirtualTime;

/// What is listed without `filter[from]`: the last three months.
const WINDOW: Duration = Duration::from_secs(92 * 24 * 3600);

/// The query parameters of a call, known to be as the document has them; else the answer is 422.
#[derive(Debug)]
pub(super) struct QueryParams(Vec<(String, String)>);

impl Call {
    /// The operation that a request calls.
    pub(super) fn of(parts: &Parts) -> Self {
        let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        Self { method: parts.method.clone(), path: path.to_owned() }
    }
}

impl FromRequestParts<Arc<AppState>> for QueryParams {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<AppState>) -> Result<Self, Refused> {
        let Ok(Query(asked)) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri) else {
            let sentence = "The query could not be read.";
            return Err(reply::refuse(StatusCode::BAD_REQUEST, sentence));
        };
        let faults = Schemas::get().parameter_faults(&Call::of(parts), &asked);
        if faults.is_empty() { Ok(Self(asked)) } else { Err(reply::invalid(faults)) }
    }
}

impl QueryParams {
    /// A parameter; of several, the last.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// A number of things; more than can be counted is as many as can.
    pub(super) fn size(&self, name: &str) -> Option<usize> {
        self.number(name).map(|size| usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// A parameter that may be given again and again, as numbers: `groups[]`, `groups[0]` or `groups`.
    ///
    /// # Errors
    /// 422, if one of them is no number.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<u64>, Refused> {
        let stem = name.strip_suffix("[]").unwrap_or(name);
        let is_one = |key: &str| {
            let index = key.strip_prefix(stem).map(|rest| rest.trim_matches(['[', ']']));
            index.is_some_and(|index| index.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let given = self.0.iter().filter(|(key, _)| is_one(key));
        let read = |(key, text): &(String, String)| {
            let sentence = "The value is no id.".into();
            text.parse()
                .map_err(|_| reply::invalid(vec![Fault { field: Some(key.clone()), sentence }]))
        };
        given.map(read).collect()
    }

    /// `filter[from]` and `filter[to]`. Without the first it is three months ago.
    pub(super) fn window(&self, now: VirtualTime) -> (Option<VirtualTime>, Option<VirtualTime>) {
        let from = self.time(query::FILTER_FROM, "00:00:00");
        let to = self.time(query::FILTER_TO, "23:59:59");
        // Within the last second of `to` is not after it.
        let to = to.map(|to| to.plus(Duration::from_millis(999)));
        (from.or_else(|| Some(now.minus(WINDOW))), to)
    }

    /// A date-time; a date alone means its first second, or its last.
    fn time(&self, name: &str, of_a_date: &str) -> Option<VirtualTime> {
        let civil = date_or_time(self.text(name)?, of_a_date);
        civil.map(VirtualTime::from_civil)
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
