//! Bodies: JSON, declared as such, not larger than is read, and held against the document.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::reply;
use super::reply::Refused;
use super::schema::Call;
use super::shared::Shared;

/// The bytes of a body that says it is JSON, and the call that it came with; else 415, or 413.
#[derive(Debug)]
pub(super) struct JsonBody {
    pub(super) call: Call,
    pub(super) bytes: Bytes,
}

impl FromRequest<Arc<Shared>> for JsonBody {
    type Rejection = Refused;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Refused> {
        let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !declared.is_some_and(is_json) {
            let sentence = "The body must be application/json.";
            return Err(reply::refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, sentence));
        }
        let (parts, body) = request.into_parts();
        let call = Call::of(&parts);
        let read = Bytes::from_request(Request::from_parts(parts, body), shared).await;
        read.map(|bytes| Self { call, bytes }).map_err(|why| {
            if why.status() == StatusCode::PAYLOAD_TOO_LARGE {
                reply::refuse(why.status(), "The body is too large.")
            } else {
                reply::refuse(StatusCode::BAD_REQUEST, "The body could not be read.")
            }
        })
    }
}

impl JsonBody {
    /// Reads it as what the document describes; else 422.
    pub(super) fn read<T: DeserializeOwned>(&self, shared: &Shared) -> Result<T, Refused> {
        let value = self.value()?;
        let faults = shared.schemas.body_faults(&self.call, &value);
        if !faults.is_empty() {
            return Err(reply::invalid(faults));
        }
        serde_json::from_slice(&self.bytes).map_err(|_| reply::invalid(Vec::new()))
    }

    /// Reads it as JSON.
    pub(super) fn value(&self) -> Result<Value, Refused> {
        serde_json::from_slice(&self.bytes)
            .map_err(|_| reply::refuse(StatusCode::UNPROCESSABLE_ENTITY, "The body is not JSON."))
    }
}

fn is_json(declared: &str) -> bool {
    let essence = declared.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/json")
}
