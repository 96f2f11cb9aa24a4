//! Refusals of sends as the platform's older surfaces write them, where assumption A1 is false: 400, and
//! `{error, errorDescription}` with a code and no places.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::{Fault, Refusal};
use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::json;

use crate::app_state::AppState;

/// The older surfaces' codes, by the end of a field's place and words in the sentence; the first that fits.
const CODES: [(&str, &str, u8); 17] = [
    ("reference_id", "already", 23),
    ("reference_id", "", 27),
    ("tariff_code", "not active", 9),
    ("tariff_code", "", 6),
    ("start_at", "", 10),
    ("phones", "At most", 12),
    ("number", "country", 33),
    ("number", "stop list", 31),
    ("number", "", 21),
    ("sender", "not registered", 32),
    ("sender", "not active", 32),
    ("sender", "test mode", 32),
    ("sender", "", 25),
    ("validity", "", 28),
    ("validity_seconds", "", 28),
    ("text", "", 26),
    ("", "is required", 3),
];
/// Their code for funds that do not suffice.
const NO_FUNDS: u8 = 8;
/// Their code for everything else that is wrong with a request.
const INVALID: u8 = 7;

/// Rewrites a refusal of a send, in a sandbox in which A1 is false.
pub(super) async fn apply(
    State(app): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let is_send = path.ends_with("/send") || path.ends_with("/send-groups");
    let response = next.run(request).await;
    let refused = response.status() == StatusCode::UNPROCESSABLE_ENTITY;
    if app.host.config().world.assumptions.refused_as_unprocessable || !is_send || !refused {
        return response;
    }
    let body = response.into_body().collect().await.map(|body| body.to_bytes());
    let refusal = Refusal::read(422, &body.unwrap_or_default());
    let code = code(&refusal);
    let sentences = refusal.faults.iter().map(|fault| fault.sentence.as_str());
    let words: Vec<_> = refusal.message.as_deref().into_iter().chain(sentences).collect();
    let older = json!({ "error": code.to_string(), "errorDescription": words.join(" ") });
    (StatusCode::BAD_REQUEST, Json(older)).into_response()
}

/// The code of the first fault that has one; a field that is missing is one of its own sort.
fn code(refusal: &Refusal) -> u8 {
    if refusal.message.as_deref().is_some_and(|message| message.contains("Insufficient funds")) {
        return NO_FUNDS;
    }
    let of_fault = |fault: &Fault| {
        let field = fault.field.as_deref().unwrap_or_default();
        let fits = |(end, words, _): &&(&str, &str, u8)| {
            let is_missing = fault.sentence.contains("is required");
            field.ends_with(end)
                && fault.sentence.contains(words)
                && (!is_missing || *words == "is required")
        };
        CODES.iter().find(fits).map(|(_, _, code)| *code)
    };
    refusal.faults.iter().find_map(of_fault).unwrap_or(INVALID)
}
