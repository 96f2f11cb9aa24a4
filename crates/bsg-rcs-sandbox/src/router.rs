//! Every call, and what is answered to what is no call.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use http::StatusCode;

use crate::app_state::AppState;
use crate::reply::Refused;
use crate::{api, control, reply, ui};

/// Every call.
pub(crate) fn router(app: Arc<AppState>) -> Router {
    let body_bytes = app.host.config().bounds.body_bytes;
    Router::new()
        .merge(ui::routes(&app))
        .merge(api::routes::routes(&app))
        .merge(control::routes(&app))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(DefaultBodyLimit::max(body_bytes))
        .with_state(app)
}

async fn not_found() -> Refused {
    reply::refuse(StatusCode::NOT_FOUND, "There is no such call.")
}

async fn not_allowed() -> Refused {
    reply::refuse(StatusCode::METHOD_NOT_ALLOWED, "The call does not know this method.")
}
