//! Messages: send one, list many.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bsg_rcs_domain::{MessageStatus, ReferenceId};
use bsg_rcs_wire::generated::query;
use http::StatusCode;

use crate::engine::{AccountIx, Command, Engine, Filter, Found, MessageIx, Outcome};
use crate::http::asked::Asked;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::paging::Part;
use crate::http::reply::Refused;
use crate::http::shared::Shared;
use crate::http::{present, reply, request};

/// Items of a page without `page[limit]`.
const LIMIT: usize = 50;

/// `POST /api/messages/rcs/send`
pub(in crate::http) async fn send(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked = request::single(&shared, &body)?;
    let command = Command::SendOne {
        account,
        fingerprint: request::fingerprint(&body),
        to: asked.to,
        terms: Box::new(asked.terms),
    };
    shared.perform_then(command, |engine, outcome| match outcome {
        Outcome::Message(ix) => Ok(reply::data(present::accepted(engine, ix))),
        _ => Err(reply::refuse(StatusCode::INTERNAL_SERVER_ERROR, "No message was made.")),
    })
}

/// `GET /api/messages`
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    asked: Asked,
) -> Response {
    shared.read(|engine| {
        let found = found(engine, account, &asked);
        let backwards = asked.text(query::WAY) == Some("desc");
        let part = Part::cut(found.len(), &asked, LIMIT, |offset, limit| {
            let page = found.page(offset, limit, backwards);
            page.into_iter().map(|ix| present::listed(engine, ix)).collect()
        });
        part.with_meta(None)
    })
}

/// What is asked for, sorted; by id it is already.
fn found<'a>(engine: &'a Engine, account: AccountIx, asked: &Asked) -> Found<'a> {
    let (from, to) = asked.window(engine.now());
    let found = engine.find(&Filter {
        account: Some(account),
        id: asked.number(query::FILTER_ID),
        campaign: asked.number(query::FILTER_CAMPAIGN_ID),
        reference: asked.text(query::FILTER_REFERENCE_ID).and_then(|r| ReferenceId::parse(r).ok()),
        phone: None,
        from,
        to,
    });
    match asked.text(query::SORT) {
        Some("phone") => sorted(found, |ix| engine.at(*ix).phone),
        // What is not delivered comes last.
        Some("delivered") => sorted(found, |ix| {
            let delivered = engine.at(*ix).since(MessageStatus::Delivered);
            (delivered.is_none(), delivered)
        }),
        _ => found,
    }
}

fn sorted<K: Ord>(found: Found<'_>, key: impl Fn(&MessageIx) -> K) -> Found<'_> {
    let mut these = found.into_vec();
    these.sort_by_key(key);
    Found::These(these)
}
