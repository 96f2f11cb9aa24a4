//! Bodies: JSON, declared as such, and not larger than is read.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::reply;
use super::reply::Refused;
use super::shared::Shared;

/// The bytes of a body that says it is JSON; else 415, or 413.
#[derive(Debug)]
pub(super) struct JsonBytes(pub(super) Bytes);

impl FromRequest<Arc<Shared>> for JsonBytes {
    type Rejection = Refused;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Refused> {
        let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !declared.is_some_and(is_json) {
            let sentence = "The body must be application/json.";
            return Err(reply::refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, sentence));
        }
        let read = Bytes::from_request(request, shared).await;
        read.map(Self).map_err(|why| {
            if why.status() == StatusCode::PAYLOAD_TOO_LARGE {
                reply::refuse(why.status(), "The body is too large.")
            } else {
                reply::refuse(StatusCode::BAD_REQUEST, "The body could not be read.")
            }
        })
    }
}

fn is_json(declared: &str) -> bool {
    let essence = declared.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/json")
}
