//! A span around every exchange: [`Trace`].

mod mask;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::error::TransportError;
use crate::transport::Transport;

/// Puts a span of [`tracing`] around every exchange of the transport inside.
///
/// The span is named `exchange`, its level is `INFO`, its target this crate. Its fields:
///
/// | field | holds |
/// | --- | --- |
/// | `method` | `GET` |
/// | `host` | the host of the address, without user and password |
/// | `path` | the path, with phone numbers masked (`491*******67`), and the names of the query's parameters without their values |
/// | `status` | the status, if there was an answer |
/// | `failure`, `certainty` | in what way there was none, and whether the request may have been sent |
///
/// An answer is an event at `DEBUG` within it, a failure one at `WARN`. How long it took, the
/// subscriber knows. Headers and bodies are never told, and neither is what lies below a failure:
/// foreign errors may quote what they failed at.
///
/// Any run of nine or more digits in a path counts as a phone number: a long id is masked as well.
/// Inside [`Retry`](crate::retry::Retry) every try has a span of its own, around it all tries share
/// one.
#[derive(Clone, Debug)]
pub struct Trace<T> {
    inner: T,
}

impl<T> Trace<T> {
    /// Traces the exchanges of this transport.
    pub fn new(inner: T) -> Self {
        Self { inner }
    }
}

fn span_of(request: &Request<Bytes>) -> Span {
    tracing::info_span!(
        "exchange",
        method = %request.method(),
        host = request.uri().host().map(mask::digits_masked),
        path = mask::target(request.uri()),
        status = Empty,
        failure = Empty,
        certainty = Empty,
    )
}

fn tell(outcome: &Result<Response<Bytes>, TransportError>) {
    let span = Span::current();
    match outcome {
        Ok(answer) => {
            let status = answer.status().as_u16();
            span.record("status", status);
            tracing::debug!(status, "answered");
        }
        Err(error) => {
            let (failure, certainty) = (error.kind(), error.certainty());
            span.record("failure", tracing::field::debug(failure));
            span.record("certainty", tracing::field::debug(certainty));
            tracing::warn!(?failure, ?certainty, "no whole answer");
        }
    }
}

#[async_trait]
impl<T: Transport> Transport for Trace<T> {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let span = span_of(&request);
        async {
            let outcome = self.inner.exchange(request).await;
            tell(&outcome);
            outcome
        }
        .instrument(span)
        .await
    }
}
