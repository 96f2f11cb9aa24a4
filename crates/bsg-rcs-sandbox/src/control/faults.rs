//! Fault scripts.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::{Answer, refused};
use crate::api::schema::Schemas;
use crate::app_state::AppState;
use crate::host::fault_rule::Rule;
use crate::reply::Refused;

/// `GET /sandbox/faults`: the rules in force, with how many requests or callbacks each has `seen` and `hit`.
pub(crate) async fn list(State(app): State<Arc<AppState>>) -> Response {
    let rules = app.host.faults();
    Json(json!({ "total": rules.len(), "data": rules })).into_response()
}

/// `DELETE /sandbox/faults`
pub(crate) async fn clear(State(app): State<Arc<AppState>>) -> Response {
    app.host.replace_faults(Vec::new());
    Json(json!({})).into_response()
}

/// `POST /sandbox/faults`
pub(crate) async fn replace(State(app): State<Arc<AppState>>, body: Bytes) -> Answer {
    let count = switch_on(&app, &body).await?;
    Ok(Json(json!({ "rules": count })).into_response())
}

/// Puts a script of faults in force, in the place of the one before; says how many rules it has.
pub(crate) async fn switch_on(app: &AppState, script: &[u8]) -> Result<usize, Refused> {
    let knows = |method: &str, path: &str| Schemas::get().knows(method, path);
    let rules = Rule::script(script, knows).map_err(|why| refused(&why))?;
    let count = rules.len();
    let refuses_for = rules.iter().filter_map(Rule::refuses_for).max();
    app.host.replace_faults(rules);
    if let Some(how_long) = refuses_for {
        app.gate.close_for(how_long).await;
    }
    Ok(count)
}
