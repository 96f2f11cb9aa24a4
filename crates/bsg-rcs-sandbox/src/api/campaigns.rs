//! Campaigns: send to numbers or to contact lists, list, look, look closely, stop.

use axum::extract::Path;
use axum::response::Response;
use bsg_rcs_wire::generated::query;
use http::StatusCode;

use super::caller::Caller;
use super::caller::Session;
use super::json_body::JsonBody;
use super::paging::Part;
use super::query_params::QueryParams;
use super::search::Search;
use super::{requests, responses};
use crate::reply;
use crate::reply::Refused;
use bsg_rcs_sandbox_engine::{
    AccountIx, CampaignFilter, CampaignIx, CampaignSearch, Command, Engine, Outcome,
};

/// Items of a page without `page[limit]`.
const LIMIT: usize = 50;

/// `POST /api/campaigns/rcs/send`
pub(super) async fn send(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked = requests::campaign(&session, &body)?;
    let command = Command::SendCampaign {
        account,
        fingerprint: requests::fingerprint(&body),
        to: asked.to,
        options: Box::new(asked.options),
        start_at: asked.start_at,
    };
    answer(&session, command)
}

/// `POST /api/campaigns/rcs/send-groups`
pub(super) async fn send_to_lists(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked = requests::to_lists(&body)?;
    let command = Command::SendToLists {
        account,
        fingerprint: requests::fingerprint(&body),
        lists: asked.lists,
        options: Box::new(asked.options),
        start_at: asked.start_at,
    };
    answer(&session, command)
}

/// `GET /api/campaigns`: without `filter[type]` those by SMS, of which there are none here.
pub(super) async fn list(
    Caller { account, session }: Caller,
    asked: QueryParams,
) -> Result<Response, Refused> {
    let search = Search::read(&asked)?.first().map(|(field, value)| match field {
        "sender" => CampaignSearch::Sender(value.to_owned()),
        _ => CampaignSearch::Id(value.to_owned()),
    });
    Ok(session.read(|engine| {
        let (from, to) = asked.window(engine.now());
        let mut found = match asked.text(query::FILTER_TYPE) {
            Some("rcs") => engine.find_campaigns(&CampaignFilter { account, from, to, search }),
            _ => Vec::new(),
        };
        sort(engine, &mut found, &asked);
        Part::of(found, &asked, LIMIT, |ix| responses::campaign(engine, ix)).with_meta(None)
    }))
}

/// Those that are alike stay in the order in which they were made; all are of one type.
fn sort(engine: &Engine, found: &mut [CampaignIx], asked: &QueryParams) {
    let of = |ix: &CampaignIx| engine.campaign_at(*ix);
    match asked.text(query::SORT) {
        Some("sender") => found.sort_by(|a, b| of(a).spec.sender.cmp(&of(b).spec.sender)),
        Some("status") => found.sort_by_key(|ix| of(ix).status.as_str()),
        Some("date") => found.sort_by_key(|ix| of(ix).created),
        _ => {}
    }
    if asked.text(query::WAY) == Some("desc") {
        found.reverse();
    }
}

/// `GET /api/campaigns/{id}`
pub(super) async fn show(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    session.read(|engine| {
        let campaign = own(engine, account, &id)?;
        Ok(reply::data(responses::campaign(engine, campaign)))
    })
}

/// `GET /api/campaigns/{id}/detail`
pub(super) async fn detail(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    session.read(|engine| {
        let campaign = own(engine, account, &id)?;
        Ok(reply::data(responses::campaign_detail(engine, campaign)))
    })
}

/// `PATCH /api/campaigns/{id}/stop`, or `PUT`, as a copy of the page has it.
pub(super) async fn stop(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let campaign = id.parse().map_err(|_| not_found())?;
    answer(&session, Command::Stop { account, campaign })
}

/// `PUT /api/campaigns/{id}/renew`: A4.
pub(super) async fn resume(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    if !session.read(|engine| engine.world().assumptions.resumes_by_call) {
        return Err(reply::refuse(StatusCode::NOT_FOUND, "There is no such call."));
    }
    let campaign = id.parse().map_err(|_| not_found())?;
    answer(&session, Command::Renew { account, campaign })
}

fn answer(session: &Session, command: Command) -> Result<Response, Refused> {
    session.perform_then(command, |engine, outcome| match outcome {
        Outcome::Campaign(campaign) => Ok(reply::data(responses::campaign(engine, campaign))),
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
