//! Answers that are lost on purpose: the connection is closed instead.

use axum::response::{IntoResponse, Response};

/// Marks an answer that is not given.
#[derive(Debug, Clone, Copy)]
struct Lost;

/// An answer that never arrives.
pub(crate) fn lost() -> Response {
    let mut response = ().into_response();
    response.extensions_mut().insert(Lost);
    response
}

/// Whether this is such an answer.
pub(crate) fn is_lost(response: &Response) -> bool {
    response.extensions().get::<Lost>().is_some()
}
