//! Messages: send one, list many.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use bsg_rcs_domain::{CivilDateTime, MessageStatus, ReferenceId};
use bsg_rcs_wire::generated::{PageBounds, paths, query};
use bsg_rcs_wire::{Integer, Meta, Page};
use http::StatusCode;

use crate::engine::{AccountIx, Command, Engine, Filter, MessageIx, Outcome, VirtualTime};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::reply::Refused;
use crate::http::shared::Shared;
use crate::http::{present, reply, request};

/// What is listed without `filter[from]`: the last three months.
const WINDOW: Duration = Duration::from_secs(92 * 24 * 3600);
/// Items of a page without `page[limit]`.
const LIMIT: usize = 50;

/// `POST /api/messages/rcs/send`
pub(in crate::http) async fn send(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Refused> {
    let asked = request::single(&shared, &body)?;
    let command = Command::SendOne {
        account,
        fingerprint: request::fingerprint(paths::MESSAGES_RCS_SEND, &body),
        to: asked.to,
        terms: Box::new(asked.terms),
    };
    match shared.perform(command).map_err(reply::refusal)? {
        Outcome::Message(ix) => {
            Ok(shared.read(|engine| reply::data(present::accepted(engine, ix))))
        }
        Outcome::Campaign(_) | Outcome::Done => {
            Err(reply::refuse(StatusCode::INTERNAL_SERVER_ERROR, "No message was made."))
        }
    }
}

/// `GET /api/messages`
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Refused> {
    let faults = shared.schemas.parameter_faults(&asked);
    if !faults.is_empty() {
        let sentence = "The given data was invalid.";
        return Err(reply::with_faults(StatusCode::UNPROCESSABLE_ENTITY, sentence, faults));
    }
    Ok(shared.read(|engine| page(engine, account, &Asked(&asked))))
}

/// Query parameters, known to be as the document has them.
struct Asked<'a>(&'a [(String, String)]);

impl Asked<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    fn size(&self, name: &str) -> Option<usize> {
        self.text(name)?.parse().ok()
    }

    /// A date-time; a date alone means its first second, or its last.
    fn time(&self, name: &str, of_a_date: &str) -> Option<VirtualTime> {
        let text = self.text(name)?;
        let civil = CivilDateTime::parse(text);
        let civil = civil.or_else(|_| CivilDateTime::parse(&format!("{text} {of_a_date}")));
        civil.ok().map(VirtualTime::from_civil)
    }
}

fn page(engine: &Engine, account: AccountIx, asked: &Asked<'_>) -> Response {
    let from = asked.time(query::FILTER_FROM, "00:00:00");
    let to = asked.time(query::FILTER_TO, "23:59:59");
    let mut found = engine.find(&Filter {
        account: Some(account),
        id: asked.number(query::FILTER_ID),
        campaign: asked.number(query::FILTER_CAMPAIGN_ID),
        reference: asked.text(query::FILTER_REFERENCE_ID).and_then(|r| ReferenceId::parse(r).ok()),
        phone: None,
        from: from.or_else(|| Some(engine.now().minus(WINDOW))),
        // Within the last second of `to` is not after it.
        to: to.map(|to| to.plus(Duration::from_millis(999))),
    });
    sort(engine, &mut found, asked);
    let limit = asked.size(query::PAGE_LIMIT).unwrap_or(LIMIT);
    let offset = asked.size(query::PAGE_OFFSET).unwrap_or(0);
    let items = found.iter().skip(offset).take(limit);
    let integer = |count: usize| Some(Integer(i64::try_from(count).unwrap_or(i64::MAX)));
    let bounds =
        PageBounds { limit: integer(limit), offset: integer(offset), total: integer(found.len()) };
    let data = items.map(|ix| present::listed(engine, *ix)).collect();
    Json(Page { data, meta: Meta { page: bounds.into() }.into() }).into_response()
}

fn sort(engine: &Engine, found: &mut [MessageIx], asked: &Asked<'_>) {
    match asked.text(query::SORT) {
        Some("phone") => found.sort_by_key(|ix| engine.at(*ix).phone),
        // What is not delivered comes last.
        Some("delivered") => found.sort_by_key(|ix| {
            let delivered = engine.at(*ix).since(MessageStatus::Delivered);
            (delivered.is_none(), delivered)
        }),
        _ => {}
    }
    if asked.text(query::WAY) == Some("desc") {
        found.reverse();
    }
}
