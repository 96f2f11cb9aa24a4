//! Refusals of sends as the platform's older surfaces write them, where assumption A1 is false: 400, and
//! `{error, errorDescription}` with a code and no places.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::Refusal;
use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::json;

use super::shared::Shared;

/// The older surfaces' code for a reference that is known.
const KNOWN: u8 = 23;
/// Their code for everything else that is wrong with a request.
const INVALID: u8 = 7;

/// Rewrites a refusal of a send, in a sandbox in which A1 is false.
pub(super) async fn apply(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let is_send = path.ends_with("/send") || path.ends_with("/send-groups");
    let response = next.run(request).await;
    let refused = response.status() == StatusCode::UNPROCESSABLE_ENTITY;
    if shared.config().world.assumptions.refused_as_unprocessable || !is_send || !refused {
        return response;
    }
    let body = response.into_body().collect().await.map(|body| body.to_bytes());
    let refusal = Refusal::read(422, &body.unwrap_or_default());
    let names_reference = refusal.faults.iter().any(|fault| {
        fault.field.as_deref().is_some_and(|field| field.ends_with("reference_id"))
            && fault.sentence.contains("already")
    });
    let code = if names_reference { KNOWN } else { INVALID };
    let sentences = refusal.faults.iter().map(|fault| fault.sentence.as_str());
    let words: Vec<_> = refusal.message.as_deref().into_iter().chain(sentences).collect();
    let older = json!({ "error": code.to_string(), "errorDescription": words.join(" ") });
    (StatusCode::BAD_REQUEST, Json(older)).into_response()
}
