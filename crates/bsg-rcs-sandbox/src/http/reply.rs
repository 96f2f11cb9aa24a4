//! Answers: success in its envelope, refusals with their reasons, as the document describes both.

use axum::Json;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::generated::RefusalBody;
use bsg_rcs_wire::{Data, Fault, Faults};
use http::StatusCode;
use serde::Serialize;

use crate::engine::{Refusal, RefusalKind};

/// Faults that one answer lists.
const FAULTS_MAX: usize = 100;

/// What is said with every 422 that has no sentence of its own.
const INVALID: &str = "The given data was invalid.";

/// Success, in the usual envelope.
pub(super) fn data<T: Serialize>(data: T) -> Response {
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
    pub(super) fn said(self) -> (StatusCode, Vec<String>) {
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
pub(super) fn refuse(status: StatusCode, sentence: &str) -> Refused {
    with_faults(status, sentence, Vec::new())
}

/// A 422 of what the request says, with its faults.
pub(super) fn invalid(faults: Vec<Fault>) -> Refused {
    with_faults(StatusCode::UNPROCESSABLE_ENTITY, INVALID, faults)
}

/// A refusal with its faults; of many, the first.
pub(super) fn with_faults(status: StatusCode, sentence: &str, mut faults: Vec<Fault>) -> Refused {
    faults.truncate(FAULTS_MAX);
    let body = RefusalBody { message: Some(sentence.into()), errors: Some(Faults(faults)) };
    Refused { status, body }
}

/// What the engine refused.
pub(super) fn refusal(refusal: Refusal) -> Refused {
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
