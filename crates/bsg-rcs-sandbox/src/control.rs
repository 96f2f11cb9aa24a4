//! The sandbox's own calls under `/sandbox/`, a file a family.
//!
//! The names here are promises to scripts; amounts are strings with seven decimals, times are written as the
//! platform writes them.

pub(crate) mod accounts;
pub(crate) mod answer;
mod callbacks;
mod campaigns;
pub(crate) mod clock;
mod fates;
pub(crate) mod faults;
mod messages;
mod requests;
mod state;

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;

use crate::app_state::AppState;
use crate::net::same_origin;

/// Every call of the sandbox's own.
pub(crate) fn routes(app: &AppState) -> Router<Arc<AppState>> {
    Router::new()
        .route("/sandbox/state", get(state::show))
        .route("/sandbox/messages", get(messages::list))
        .route("/sandbox/messages/{id}/click", post(messages::click))
        .route("/sandbox/messages/{id}", get(messages::show))
        .route("/sandbox/requests", get(requests::list))
        .route("/sandbox/ledger", get(accounts::ledger))
        .route("/sandbox/clock", get(clock::show).post(clock::advance))
        .route("/sandbox/accounts/{key}/top-up", post(accounts::top_up))
        .route("/sandbox/accounts/{key}/balance", post(accounts::set_balance))
        .route("/sandbox/tokens/expire", post(accounts::expire_tokens))
        .route("/sandbox/fates", get(fates::list).post(fates::replace))
        .route("/sandbox/campaigns/{id}/pause", post(campaigns::pause))
        .route("/sandbox/campaigns/{id}/resume", post(campaigns::resume))
        .route("/sandbox/callbacks", post(callbacks::set_url))
        .route("/sandbox/faults", get(faults::list).post(faults::replace).delete(faults::clear))
        .route("/sandbox/reset", post(state::reset))
        .layer(from_fn_with_state(app.allowed_hosts.clone(), same_origin::apply))
        .route("/sandbox/openapi.json", get(openapi))
        .route("/healthz", get(healthy))
        .route("/readyz", get(healthy))
}

/// `GET /healthz`, `GET /readyz`: who is answered at all is served.
async fn healthy() -> &'static str {
    "ok"
}

/// `GET /sandbox/openapi.json`: the document that requests are checked against.
async fn openapi() -> Json<Value> {
    Json(serde_json::from_str(bsg_rcs_wire::OPENAPI).unwrap_or_default())
}
