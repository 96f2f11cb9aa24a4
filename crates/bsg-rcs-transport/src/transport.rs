//! The trait at the edge: one HTTP exchange, and what whoever performs it must keep.
//!
//! The method is object-safe and takes concrete types, so that the client holds an
//! `Arc<dyn Transport>` and carries no type parameter. Repeating, tracing and recording are
//! wrappers around a transport and never live inside one.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::TransportError;

/// Performs one HTTP exchange.
///
/// # What an implementation keeps
///
/// **One request, once.** A call to [`exchange`](Self::exchange) puts the request on the wire at
/// most once. It follows no redirect: a 307 is an answer like any other. It repeats nothing in
/// secret, not even on a connection that was found dead, unless it can prove that no byte of the
/// request had been written. Whether to try again is for the caller to decide, because only the
/// caller knows what a second message costs.
///
/// **Every answer is `Ok`.** Whatever status the server gave, 204 and 500 included, is returned.
/// `Err` means that there was no whole answer.
///
/// **Certainty.** An error says whether the request may have been sent (see
/// [`Certainty`](crate::Certainty)). [`NotSent`](crate::Certainty::NotSent) is a promise: somebody
/// will send the request again because of it. Only what fails before the first byte of the request
/// can leave earns it: an address that does not resolve, a refused connection, a failed TLS
/// handshake. When in doubt, say [`MaybeSent`](crate::Certainty::MaybeSent).
///
/// **Bodies are whole and bounded.** The request's body is sent as given. The answer's body is
/// returned in one piece, exactly as the server sent it: not cut, not decompressed. An answer that
/// ends before its announced length is an error, and so is one above a limit that the
/// implementation sets and documents: a server cannot fill the caller's memory.
///
/// **Headers are kept.** Those of the request are sent with their values unchanged, repeated names
/// included; an implementation may add what HTTP asks for (`Host`, `Content-Length`) and a
/// `User-Agent` or `Accept` that are missing. Those of the answer are all returned.
///
/// **Time.** The transport bounds the whole exchange, from the call to the last byte of the
/// answer. A [`Timeout`](crate::Timeout) in the request's extensions is that bound; without one it
/// uses a default of its own. An exchange that struck its bound is a
/// [`MaybeSent`](crate::Certainty::MaybeSent) unless it provably was still connecting.
///
/// **Cancellation.** Dropping the future gives the exchange up: the connection is closed or the
/// stream reset, and nothing of the exchange goes on in the background. The request may have been
/// sent all the same, so a caller treats a dropped exchange as it treats `MaybeSent`.
///
/// **Concurrency.** `exchange` may be called from any number of tasks at once. Connections, their
/// pool, TLS, proxies and name resolution are the implementation's business; certificates are
/// verified unless its user explicitly asked otherwise.
///
/// **Secrets.** Requests carry tokens, and addresses may carry phone numbers. Neither may appear
/// in an error, in `Debug` output, or in a log.
// `automock` must see the trait before `async_trait` rewrites it, so it stands above.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Transport: std::fmt::Debug + Send + Sync {
    /// Sends `request` once and returns the whole answer, whatever its status.
    ///
    /// The request's address is absolute (`https://host/path`).
    ///
    /// # Errors
    ///
    /// When there is no whole answer; the error says whether the request may have been sent.
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError>;
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        (**self).exchange(request).await
    }
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Box<T> {
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        (**self).exchange(request).await
    }
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for &T {
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        (**self).exchange(request).await
    }
}
