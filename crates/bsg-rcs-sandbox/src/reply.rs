//! Answers: success in its envelope, refusals with their reasons, as the document describes both.

use axum::Json;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::generated::RefusalBody;
use bsg_rcs_wire::{Data, Fault, Faults};
use http::StatusCode;
use serde::Serialize;

use bsg_rcs_sandbox_engine::{Refusal, RefusalKind};

use crate::host::error::NotDone;

/// Faults that one answer lists.
const FAULTS_MAX: usize = 100;

/// What is said with every 422 that has no sentence of its own.
const INVALID: &str = "The given data was invalid.";

/// Success, in the usual envelope.
pub(crate) fn data<T: Serialize>(data: T) -> Response {
    Json(Data { data: Some(data) }).into_response()
}

/// A refusal, before it is written.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    body: RefusalBody,
}

impl Refused {
    /// Its status, and what it says, sentence by sentence.
    pub(crate) fn said(self) -> (StatusCode, Vec<String>) {
        let Faults(faults) = self.body.errors.unwrap_or(Faults(Vec::new()));
        let sentences = faults.into_iter().map(|fault| fault.sentence);
        (self.status, self.body.message.into_iter().chain(sentences).collect())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// A refusal with nothing but its sentence.
pub(crate) fn refuse(status: StatusCode, sentence: &str) -> Refused {
    with_faults(status, sentence, Vec::new())
}

/// A 422 of what the request says, with its faults.
pub(crate) fn invalid(faults: Vec<Fault>) -> Refused {
    with_faults(StatusCode::UNPROCESSABLE_ENTITY, INVALID, faults)
}

/// A refusal with its faults; of many, the first.
pub(crate) fn with_faults(status: StatusCode, sentence: &str, mut faults: Vec<Fault>) -> Refused {
    faults.truncate(FAULTS_MAX);
    let body = RefusalBody { message: Some(sentence.into()), errors: Some(Faults(faults)) };
    Refused { status, body }
}

impl From<NotDone> for Refused {
    fn from(why: NotDone) -> Self {
        let (status, sentence) = match why {
            NotDone::Refused(refused) => return refusal(refused),
            NotDone::StateFile(error) => {
                tracing::error!(%error, "the state file cannot be written");
                (StatusCode::SERVICE_UNAVAILABLE, "The state file cannot be written.")
            }
            NotDone::Reset => (StatusCode::CONFLICT, "The sandbox was reset meanwhile."),
            NotDone::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "The sandbox stops."),
            NotDone::TooFar => {
                (StatusCode::UNPROCESSABLE_ENTITY, "The time would be later than the year 9999.")
            }
        };
        refuse(status, sentence)
    }
}

/// What the engine refused.
fn refusal(refusal: Refusal) -> Refused {
    let status = match refusal.kind {
        RefusalKind::NotFound => StatusCode::NOT_FOUND,
        RefusalKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalKind::Duplicate => StatusCode::TOO_MANY_REQUESTS,
    };
    let faults = refusal.errors.into_iter().flat_map(|(field, sentences)| {
        sentences.into_iter().map(move |sentence| Fault { field: Some(field.clone()), sentence })
    });
    with_faults(status, &refusal.message, faults.collect())
}
