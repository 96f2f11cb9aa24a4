//! Messages: send one, list many.

use axum::response::Response;
use bsg_rcs_domain::{MessageStatus, ReferenceId};
use bsg_rcs_wire::generated::query;
use http::StatusCode;

use super::caller::Caller;
use super::json_body::JsonBody;
use super::paging::Part;
use super::query_params::QueryParams;
use super::{requests, responses};
use crate::reply;
use crate::reply::Refused;
use bsg_rcs_sandbox_engine::{
    AccountIx, Command, Engine, Filter, LookupResult, MessageIx, Outcome,
};

/// Items of a page without `page[limit]`.
const LIMIT: usize = 50;

/// `POST /api/messages/rcs/send`
pub(super) async fn send(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked = requests::single(&body)?;
    let command = Command::SendOne {
        account,
        fingerprint: requests::fingerprint(&body),
        to: asked.to,
        options: Box::new(asked.options),
    };
    session.perform_then(command, |engine, outcome| match outcome {
        Outcome::Message(ix) => Ok(reply::data(responses::accepted(engine, ix)?)),
        _ => Err(reply::refuse(StatusCode::INTERNAL_SERVER_ERROR, "No message was made.")),
    })
}

/// `GET /api/messages`
pub(super) async fn list(Caller { account, session }: Caller, asked: QueryParams) -> Response {
    session.read(|engine| {
        let found = found(engine, account, &asked);
        let backwards = asked.text(query::WAY) == Some("desc");
        let part = Part::cut(found.len(), &asked, LIMIT, |offset, limit| {
            let page = found.page(offset, limit, backwards);
            page.into_iter().map(|ix| responses::listed(engine, ix)).collect()
        });
        part.with_meta(None)
    })
}

/// What is asked for, sorted; by id it is already.
fn found<'a>(engine: &'a Engine, account: AccountIx, asked: &QueryParams) -> LookupResult<'a> {
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

fn sorted<K: Ord>(found: LookupResult<'_>, key: impl Fn(&MessageIx) -> K) -> LookupResult<'_> {
    let mut these = found.into_vec();
    these.sort_by_key(key);
    LookupResult::These(these)
}
