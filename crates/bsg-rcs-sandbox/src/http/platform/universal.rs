//! The universal sends, of which this sandbox carries out dry runs only.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::Fault;
use bsg_rcs_wire::generated as wire;
use http::StatusCode;

use crate::engine::{AccountIx, Command, DryRun, DryRunAnswer};
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::reply::Refused;
use crate::http::shared::Shared;
use crate::http::{reply, request};

/// `POST /api/messages/send`
pub(in crate::http) async fn message(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let (run, is_dry) = request::universal_message(&shared, &body)?;
    answer(&shared, account, run, is_dry)
}

/// `POST /api/campaigns/send`
pub(in crate::http) async fn campaign(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let (run, is_dry) = request::universal_campaign(&shared, &body)?;
    answer(&shared, account, run, is_dry)
}

/// A13.
fn answer(
    shared: &Shared,
    account: AccountIx,
    run: DryRun,
    is_dry: bool,
) -> Result<Response, Refused> {
    if !is_dry {
        let sentence = "This sandbox carries out dry runs only: send dry_run as true.".into();
        return Err(reply::invalid(vec![Fault { field: Some("dry_run".into()), sentence }]));
    }
    shared.perform_then(Command::DryRun(account, Box::new(run)), |engine, _| {
        Ok(match engine.world().assumptions.dry_run_answer {
            DryRunAnswer::Data => reply::data(wire::DryRun { dry_run: Some(true), id: None }),
            DryRunAnswer::NoContent => StatusCode::NO_CONTENT.into_response(),
        })
    })
}
