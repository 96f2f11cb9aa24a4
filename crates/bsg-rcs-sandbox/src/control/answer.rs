//! What the sandbox's own calls have in common: bodies that are read, ids and keys that are looked up.

use axum::Json;
use axum::response::{IntoResponse, Response};
use bsg_rcs_sandbox_engine::{AccountIx, Command};
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::app_state::AppState;
use crate::reply::{self, Refused};

/// Which part of a list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Slice {
    offset: Option<usize>,
    limit: Option<usize>,
}

/// Items of a page without `limit`, and at most.
const LIMIT: usize = 10_000;

impl Slice {
    /// That part of it.
    pub(super) fn of<I: Iterator>(&self, all: I) -> impl Iterator<Item = I::Item> + use<I> {
        all.skip(self.offset.unwrap_or(0)).take(self.limit.unwrap_or(LIMIT).min(LIMIT))
    }
}

/// What a call answers.
pub(super) type Answer = Result<Response, Refused>;

/// Carries out a command, and answers an empty object.
pub(super) fn perform(app: &AppState, command: Command) -> Answer {
    app.host.perform(command)?;
    Ok(Json(json!({})).into_response())
}

/// The number that an id is; what is none names nothing.
pub(crate) fn number(id: &str, what: &str) -> Result<u64, Refused> {
    let none = || reply::refuse(StatusCode::NOT_FOUND, &format!("No {what} has this id."));
    id.parse().map_err(|_| none())
}

/// The account with this key.
pub(crate) fn known(app: &AppState, key: &str) -> Result<AccountIx, Refused> {
    let account = app.host.read(|engine| engine.account_with_key(key));
    account.ok_or_else(|| reply::refuse(StatusCode::NOT_FOUND, "No account has this key."))
}

/// Reads a body.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    // In two steps: what is no JSON is told by its place, what is JSON by its fields.
    let json: serde_json::Value = serde_json::from_slice(body)
        .map_err(|error| refused(&format!("The body is no JSON: {error}")))?;
    T::deserialize(json).map_err(|error| refused(&error.to_string()))
}

/// A 422 with its sentence.
pub(crate) fn refused(sentence: &str) -> Refused {
    reply::refuse(StatusCode::UNPROCESSABLE_ENTITY, sentence)
}
