//! Which call goes where, and what is answered to what is no call.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use bsg_rcs_wire::generated::paths;
use http::StatusCode;
use serde_json::Value;

use super::reply::Refused;
use super::shared::Shared;
use super::{faults, page, platform, reply, steering};

/// The largest body that is read.
const BODY_BYTES: usize = 8 * 1024 * 1024;

/// Every call.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    let stop = || patch(platform::campaigns::stop).put(platform::campaigns::stop);
    let platform = Router::new()
        .route(paths::AUTH_LOGIN, post(platform::account::login))
        .route(paths::AUTH_REFRESH, post(platform::account::refresh))
        .route(paths::ACCOUNTS_BALANCE, get(platform::account::balance))
        .route(paths::MESSAGES_RCS_SEND, post(platform::messages::send))
        .route(paths::MESSAGES, get(platform::messages::list))
        .route(paths::CAMPAIGNS_RCS_SEND, post(platform::campaigns::send))
        .route(paths::CAMPAIGNS_ID, get(platform::campaigns::show))
        .route(paths::CAMPAIGNS_ID_DETAIL, get(platform::campaigns::detail))
        .route(paths::CAMPAIGNS_ID_STOP, stop())
        .layer(from_fn_with_state(shared.clone(), faults::apply));
    let steering = Router::new()
        .route("/sandbox/state", get(steering::state))
        .route("/sandbox/messages", get(steering::messages))
        .route("/sandbox/messages/{id}/click", post(steering::click))
        .route("/sandbox/ledger", get(steering::ledger))
        .route("/sandbox/clock", get(steering::clock).post(steering::advance))
        .route("/sandbox/accounts/{key}/top-up", post(steering::top_up))
        .route("/sandbox/campaigns/{id}/pause", post(steering::pause))
        .route("/sandbox/campaigns/{id}/resume", post(steering::resume))
        .route("/sandbox/callbacks", post(steering::callbacks))
        .route("/sandbox/faults", post(steering::faults))
        .route("/sandbox/reset", post(steering::reset));
    Router::new()
        .route("/", get(page::show))
        .route("/sandbox/openapi.json", get(openapi))
        .merge(platform)
        .merge(steering)
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .with_state(shared)
}

async fn not_found() -> Refused {
    reply::refuse(StatusCode::NOT_FOUND, "There is no such call.")
}

async fn not_allowed() -> Refused {
    reply::refuse(StatusCode::METHOD_NOT_ALLOWED, "The call does not know this method.")
}

/// The document that requests are checked against.
async fn openapi(State(_): State<Arc<Shared>>) -> Json<Value> {
    Json(serde_json::from_str(bsg_rcs_wire::OPENAPI).unwrap_or_default())
}
