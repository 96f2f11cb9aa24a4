//! What was asked of a transport, kept.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::error::TransportError;
use crate::transport::Transport;

/// Passes every request to the transport inside and keeps a copy.
///
/// A request is kept before it is passed on, so one that is dropped half way is there too. Share it
/// to look at the requests afterwards: `Arc<Capturing<T>>` is a transport.
pub struct Capturing<T> {
    inner: T,
    seen: Mutex<Vec<Request<Bytes>>>,
}

impl<T> Capturing<T> {
    /// Keeps what passes to this transport.
    pub fn new(inner: T) -> Self {
        Self { inner, seen: Mutex::default() }
    }

    /// The requests seen so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request<Bytes>> {
        self.seen().clone()
    }

    /// Gives the requests back and begins anew: for a test with several steps.
    #[must_use]
    pub fn take(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.seen())
    }

    /// The transport inside.
    #[must_use]
    pub fn inner(&self) -> &T {
        &self.inner
    }

    fn seen(&self) -> MutexGuard<'_, Vec<Request<Bytes>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of requests only: they carry tokens.
impl<T: fmt::Debug> fmt::Debug for Capturing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capturing")
            .field("inner", &self.inner)
            .field("seen", &self.seen().len())
            .finish()
    }
}

#[async_trait]
impl<T: Transport> Transport for Capturing<T> {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.seen().push(request.clone());
        self.inner.exchange(request).await
    }
}
