//! Withholding what may no longer leave: [`Gated`].

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::error::{FailureKind, TransportError};
use crate::extensions::LeaveWhile;
use crate::transport::Transport;

/// Asks the [`LeaveWhile`] of a request immediately before its exchange, and withholds the request
/// when the answer is no: the error says [`NotSent`](crate::Certainty::NotSent) and
/// [`FailureKind::Withheld`].
///
/// It stands inside of [`Retry`](crate::retry::Retry), so that every try is asked for.
#[derive(Debug)]
pub struct Gated<T>(T);

impl<T> Gated<T> {
    /// A gate before a transport.
    #[must_use]
    pub fn new(inner: T) -> Self {
        Self(inner)
    }

    /// The transport inside.
    #[must_use]
    pub fn inner(&self) -> &T {
        &self.0
    }
}

#[async_trait]
impl<T: Transport> Transport for Gated<T> {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if !LeaveWhile::permits(request.extensions()) {
            return Err(TransportError::not_sent(FailureKind::Withheld, "its gate was closed"));
        }
        self.0.exchange(request).await
    }
}
