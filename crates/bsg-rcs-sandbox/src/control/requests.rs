//! The latest requests to the platform's calls, as JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::answer::{Answer, Slice, refused};
use crate::app_state::AppState;
use crate::host::logs::{LoggedBody, LoggedRequest};

/// `GET /sandbox/requests?offset=&limit=`: the latest 200, the last one first.
pub(super) async fn list(
    State(app): State<Arc<AppState>>,
    slice: Result<Query<Slice>, QueryRejection>,
) -> Answer {
    let Query(slice) = slice.map_err(|why| refused(&why.body_text()))?;
    let all = app.host.latest_requests();
    let data: Vec<Value> = slice.of(all.iter()).map(|request| shown(request)).collect();
    Ok(Json(json!({ "data": data, "total": all.len() })).into_response())
}

fn shown(request: &LoggedRequest) -> Value {
    let exchange = &request.exchange;
    json!({
        "number": request.number,
        "at": exchange.at,
        "method": exchange.method.as_str(),
        "path": exchange.path,
        "authorised": exchange.authorised,
        "body": body(&exchange.asked),
        "status": exchange.status.map(|status| status.as_u16()),
        "answer": body(&exchange.answered),
    })
}

/// JSON as it is, anything else as text; cut where it is long.
fn body(logged: &LoggedBody) -> Value {
    match serde_json::from_str(&logged.text) {
        Ok(json) if logged.is_whole() => json,
        _ if logged.text.is_empty() => Value::Null,
        _ => logged.text.as_str().into(),
    }
}
