//! The clock: what time it is, and letting time pass.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, read};
use crate::app_state::AppState;
use crate::span::Span;

/// `GET /sandbox/clock`
pub(crate) async fn show(State(app): State<Arc<AppState>>) -> Response {
    let (now, millis) = app.host.read(|engine| (engine.now().to_string(), engine.now().millis()));
    Json(json!({ "now": now, "now_ms": millis })).into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: Span,
}

/// `POST /sandbox/clock`: answers when everything has happened and every callback is through.
pub(crate) async fn advance(State(app): State<Arc<AppState>>, body: Bytes) -> Answer {
    let asked: Advance = read(&body)?;
    app.host.advance(asked.advance.0).await?;
    Ok(show(State(app)).await)
}
