//! Campaigns: send to numbers or to contact lists, list, look, look closely, stop.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use bsg_rcs_wire::generated::query;
use http::StatusCode;

use crate::engine::{
    AccountIx, CampaignFilter, CampaignIx, CampaignSearch, Command, Engine, Outcome,
};
use crate::http::asked::Asked;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::paging::Part;
use crate::http::reply::Refused;
use crate::http::search::{SEARCH, Search};
use crate::http::shared::Shared;
use crate::http::{present, reply, request};

/// Items of a page without `page[limit]`.
const LIMIT: usize = 50;

/// `POST /api/campaigns/rcs/send`
pub(in crate::http) async fn send(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked = request::campaign(&shared, &body)?;
    let command = Command::SendCampaign {
        account,
        fingerprint: request::fingerprint(&body),
        to: asked.to,
        terms: Box::new(asked.terms),
        start_at: asked.start_at,
    };
    answer(&shared, command)
}

/// `POST /api/campaigns/rcs/send-groups`
pub(in crate::http) async fn send_to_lists(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked = request::to_lists(&shared, &body)?;
    let command = Command::SendToLists {
        account,
        fingerprint: request::fingerprint(&body),
        lists: asked.lists,
        terms: Box::new(asked.terms),
        start_at: asked.start_at,
    };
    answer(&shared, command)
}

/// `GET /api/campaigns`: without `filter[type]` those by SMS, of which there are none here.
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    asked: Asked,
) -> Result<Response, Refused> {
    let search = Search::read(&asked, &SEARCH)?;
    let search = search.map(|search| match search.field {
        "sender" => CampaignSearch::Sender(search.value().to_owned()),
        _ => CampaignSearch::Id(search.value().to_owned()),
    });
    Ok(shared.read(|engine| {
        let (from, to) = asked.window(engine.now());
        let mut found = match asked.text(query::FILTER_TYPE) {
            Some("rcs") => engine.find_campaigns(&CampaignFilter { account, from, to, search }),
            _ => Vec::new(),
        };
        sort(engine, &mut found, &asked);
        Part::of(found, &asked, LIMIT, |ix| present::campaign(engine, ix)).with_meta(None)
    }))
}

/// Those that are alike stay in the order in which they were made; all are of one type.
fn sort(engine: &Engine, found: &mut [CampaignIx], asked: &Asked) {
    let of = |ix: &CampaignIx| engine.campaign_at(*ix);
    match asked.text(query::SORT) {
        Some("sender") => found.sort_by(|a, b| of(a).letter.sender.cmp(&of(b).letter.sender)),
        Some("status") => found.sort_by_key(|ix| of(ix).status.as_str()),
        Some("date") => found.sort_by_key(|ix| of(ix).created),
        _ => {}
    }
    if asked.text(query::WAY) == Some("desc") {
        found.reverse();
    }
}

/// `GET /api/campaigns/{id}`
pub(in crate::http) async fn show(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    shared.read(|engine| {
        let campaign = own(engine, account, &id)?;
        Ok(reply::data(present::campaign(engine, campaign)))
    })
}

/// `GET /api/campaigns/{id}/detail`
pub(in crate::http) async fn detail(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    shared.read(|engine| {
        let campaign = own(engine, account, &id)?;
        Ok(reply::data(present::campaign_detail(engine, campaign)))
    })
}

/// `PATCH /api/campaigns/{id}/stop`, or `PUT`, as a copy of the page has it.
pub(in crate::http) async fn stop(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let campaign = id.parse().map_err(|_| not_found())?;
    answer(&shared, Command::Stop { account, campaign })
}

fn answer(shared: &Shared, command: Command) -> Result<Response, Refused> {
    shared.perform_then(command, |engine, outcome| match outcome {
        Outcome::Campaign(campaign) => Ok(reply::data(present::campaign(engine, campaign))),
        _ => Err(not_found()),
    })
}

/// The campaign with this id, if it is this account's.
fn own(engine: &Engine, account: AccountIx, id: &str) -> Result<CampaignIx, Refused> {
    let found = id.parse().ok().and_then(|id| engine.campaign(id));
    found.filter(|ix| engine.campaign_at(*ix).account == account).ok_or_else(not_found)
}

fn not_found() -> Refused {
    reply::refuse(StatusCode::NOT_FOUND, "Campaign was not found")
}
