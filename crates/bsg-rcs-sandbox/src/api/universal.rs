//! The universal sends, of which this sandbox carries out dry runs only.

use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::Fault;
use bsg_rcs_wire::generated as wire;
use http::StatusCode;

use super::caller::Caller;
use super::caller::Session;
use super::json_body::JsonBody;
use super::requests;
use crate::reply;
use crate::reply::Refused;
use bsg_rcs_sandbox_engine::{AccountIx, Command, DryRun, DryRunAnswer};

/// `POST /api/messages/send`
pub(super) async fn message(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let (run, is_dry) = requests::universal_message(&body)?;
    answer(&session, account, run, is_dry)
}

/// `POST /api/campaigns/send`
pub(super) async fn campaign(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let (run, is_dry) = requests::universal_campaign(&body)?;
    answer(&session, account, run, is_dry)
}

/// A13.
fn answer(
    session: &Session,
    account: AccountIx,
    run: DryRun,
    is_dry: bool,
) -> Result<Response, Refused> {
    if !is_dry {
        let sentence = "This sandbox carries out dry runs only: send dry_run as true.".into();
        return Err(reply::invalid(vec![Fault { field: Some("dry_run".into()), sentence }]));
    }
    session.perform_then(Command::DryRun(account, Box::new(run)), |engine, _| {
        Ok(match engine.world().assumptions.dry_run_answer {
            DryRunAnswer::Data => {
                reply::data(wire::DryRun { dry_run: Some(true.into()), id: None })
            }
            DryRunAnswer::NoContent => StatusCode::NO_CONTENT.into_response(),
        })
    })
}
