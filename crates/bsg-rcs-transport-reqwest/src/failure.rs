//! From reqwest's errors to ours: which of them prove that nothing was sent.
//!
//! Two do. The request could not be turned into one of reqwest's, which happens here, before reqwest
//! is asked to send. Or hyper-util's error says "connect": it is made only while a connection is
//! awaited (resolving, TCP, a proxy's tunnel, TLS, the connect timeout), before a request is handed
//! to it. Everything else counts as sent, even where a closer look might show otherwise.
//!
//! reqwest's own kind "builder" is no proof: its redirect layer makes such an error of an answer's
//! `Location`. (Nothing reaches that line today, because the layer below has parsed the value
//! before; nobody promised that it stays so.)

use std::error::Error;

use bsg_rcs_transport::{FailureKind, TransportError};
use bytes::Bytes;

/// Turns the request into one of reqwest's, or says why that cannot be done. Nothing is sent.
pub(crate) fn check_request(
    request: http::Request<Bytes>,
) -> Result<reqwest::Request, TransportError> {
    let request = reqwest::Request::try_from(request)
        .map_err(|error| TransportError::not_sent(FailureKind::Other, error.without_url()))?;
    match request.url().scheme() {
        "http" | "https" => Ok(request),
        _ => Err(TransportError::not_sent(FailureKind::Other, "the address is not http or https")),
    }
}

/// The request was handed over, and no head of an answer came back.
pub(crate) fn while_sending(error: reqwest::Error) -> TransportError {
    let kind = kind_of(&error);
    if error.is_connect() {
        TransportError::not_sent(kind, error.without_url())
    } else {
        TransportError::maybe_sent(kind, error.without_url())
    }
}

/// The head of the answer is there, its body is not whole.
pub(crate) fn while_reading(error: reqwest::Error) -> TransportError {
    TransportError::maybe_sent(kind_of(&error), error.without_url())
}

/// The answer exceeds the limit, in bytes.
pub(crate) fn too_large(limit: usize) -> TransportError {
    let cause = format!("the body of the answer has more than {limit} bytes");
    TransportError::maybe_sent(FailureKind::TooLarge, cause)
}

fn kind_of(error: &reqwest::Error) -> FailureKind {
    if error.is_timeout() {
        FailureKind::Timeout
    } else if error.is_connect() {
        FailureKind::Connect
    } else if error.is_builder() || is_no_http(error) {
        FailureKind::Protocol
    } else {
        FailureKind::Broken
    }
}

/// Whether hyper could not read what the server sent.
fn is_no_http(error: &reqwest::Error) -> bool {
    std::iter::successors(error.source(), |&cause| cause.source())
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_parse)
}
