//! Bodies: JSON, declared as such, not larger than is read, and held against the document.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use bsg_rcs_wire::Fault;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::schema::{Call, Schemas};
use crate::app_state::AppState;
use crate::reply;
use crate::reply::Refused;

/// The bytes of a body that says it is JSON, and the call that it came with; else 415, or 413.
#[derive(Debug)]
pub(super) struct JsonBody {
    pub(super) call: Call,
    /// Whether fields that the document does not name are refused (A22).
    pub(super) strict: bool,
    pub(super) bytes: Bytes,
}

impl FromRequest<Arc<AppState>> for JsonBody {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &Arc<AppState>) -> Result<Self, Refused> {
        let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !declared.is_some_and(is_json) {
            let sentence = "The body must be application/json.";
            return Err(reply::refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, sentence));
        }
        let (parts, body) = request.into_parts();
        let call = Call::of(&parts);
        let read = Bytes::from_request(Request::from_parts(parts, body), app).await;
        let strict = !app.host.config().world.assumptions.unknown_fields_ignored;
        read.map(|bytes| Self { call, strict, bytes }).map_err(|why| {
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
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.read_changed(|_| false)
    }

    /// Reads it as what the document describes, once that is judged and then changed; else 422. The change says whether
    /// there was any.
    pub(super) fn read_changed<T: DeserializeOwned>(
        &self,
        change: impl FnOnce(&mut Value) -> bool,
    ) -> Result<T, Refused> {
        let mut value = self.value()?;
        let had_whole_floats = whole_numbers(&mut value);
        let faults = Schemas::get().body_faults(&self.call, &value, self.strict);
        if !faults.is_empty() {
            return Err(reply::invalid(faults));
        }
        let read = if change(&mut value) || had_whole_floats {
            serde_json::from_value(value)
        } else {
            serde_json::from_slice(&self.bytes)
        };
        read.map_err(|_| {
            let sentence = "A value has a form that cannot be read.".into();
            reply::invalid(vec![Fault { field: None, sentence }])
        })
    }

    /// Reads it as JSON.
    pub(super) fn value(&self) -> Result<Value, Refused> {
        serde_json::from_slice(&self.bytes)
            .map_err(|_| reply::refuse(StatusCode::UNPROCESSABLE_ENTITY, "The body is not JSON."))
    }
}

/// Writes numbers such as `1.0` as the integers that they are to a JSON schema; says whether there were any.
fn whole_numbers(value: &mut Value) -> bool {
    match value {
        Value::Number(number) => {
            let written = number.to_string();
            let whole = written.strip_suffix(".0").and_then(|whole| whole.parse::<i64>().ok());
            let found = whole.is_some();
            if let Some(whole) = whole {
                *number = whole.into();
            }
            found
        }
        Value::Array(items) => {
            items.iter_mut().map(whole_numbers).filter(|found| *found).count() > 0
        }
        Value::Object(fields) => {
            fields.values_mut().map(whole_numbers).filter(|found| *found).count() > 0
        }
        _ => false,
    }
}

fn is_json(declared: &str) -> bool {
    let essence = declared.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/json")
}
