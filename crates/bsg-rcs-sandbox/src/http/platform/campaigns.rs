//! Campaigns: send, look, look closely, stop.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use bsg_rcs_wire::generated::paths;
use http::StatusCode;

use crate::engine::{AccountIx, CampaignIx, Command, Engine, Outcome};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::reply::Refused;
use crate::http::shared::Shared;
use crate::http::{present, reply, request};

/// `POST /api/campaigns/rcs/send`
pub(in crate::http) async fn send(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Refused> {
    let asked = request::campaign(&shared, &body)?;
    let command = Command::SendCampaign {
        account,
        fingerprint: request::fingerprint(paths::CAMPAIGNS_RCS_SEND, &body),
        to: asked.to,
        terms: Box::new(asked.terms),
        start_at: asked.start_at,
    };
    answer(&shared, command)
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
    match shared.perform(command).map_err(reply::refusal)? {
        Outcome::Campaign(campaign) => {
            Ok(shared.read(|engine| reply::data(present::campaign(engine, campaign))))
        }
        Outcome::Message(_) | Outcome::Done => Err(not_found()),
    }
}

/// The campaign with this id, if it is this account's.
fn own(engine: &Engine, account: AccountIx, id: &str) -> Result<CampaignIx, Refused> {
    let found = id.parse().ok().and_then(|id| engine.campaign(id));
    found.filter(|ix| engine.campaign_at(*ix).account == account).ok_or_else(not_found)
}

fn not_found() -> Refused {
    reply::refuse(StatusCode::NOT_FOUND, "Campaign was not found")
}
