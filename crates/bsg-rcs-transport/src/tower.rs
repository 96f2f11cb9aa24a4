//! A transport out of any tower service: [`TowerTransport`].
//!
//! What keeps the rest of the contract is the service: that it follows no redirect, repeats nothing,
//! decompresses nothing. Layers that do are to be left out of its stack; the conformance kit
//! (feature `conformance`) finds them.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use tower_service::Service;

use crate::error::{Certainty, FailureKind, TransportError};
use crate::extensions::Timeout;
use crate::transport::Transport;

/// What lies below an error.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What an error of the service proves.
type Judge<E> = Box<dyn Fn(&E) -> Certainty + Send + Sync>;

/// One exchange by a clone of a tower service.
///
/// The service is cloned for every exchange, so clones must be cheap and share their connections,
/// as those of HTTP clients are. A service that takes another type of body is fitted with
/// `tower::ServiceExt::map_request`.
///
/// | failure | certainty |
/// | --- | --- |
/// | `poll_ready` fails, or the time runs out before it is ready | `NotSent`: the service has not seen the request |
/// | `call` fails | what [`certainty`](Self::certainty) makes of the service's error; `MaybeSent` unless set |
/// | the body of the answer fails, is too large, or the time runs out | `MaybeSent` |
///
/// The service's errors become the cause of ours: they must not quote addresses or secrets.
///
/// ```
/// use std::convert::Infallible;
/// use bsg_rcs_transport::tower::TowerTransport;
/// use bsg_rcs_transport::{Bytes, Transport, http};
/// use http_body_util::Full;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = tower::service_fn(|request: http::Request<Bytes>| async move {
///     Ok::<_, Infallible>(http::Response::new(Full::new(request.into_body())))
/// });
/// let transport = TowerTransport::new(service);
///
/// let request = http::Request::post("https://host/echo").body(Bytes::from_static(b"hello"))?;
/// assert_eq!(transport.exchange(request).await?.body(), "hello");
/// # Ok(())
/// # }
/// ```
pub struct TowerTransport<S: Service<Request<Bytes>>> {
    /// Locked only to be cloned: a service need not be `Sync`.
    service: Mutex<S>,
    certainty: Judge<S::Error>,
    timeout: Duration,
    max_answer_bytes: usize,
}

impl<S: Service<Request<Bytes>>> TowerTransport<S> {
    /// A transport that calls nothing certain once it has been handed to the service.
    pub fn new(service: S) -> Self {
        Self {
            service: Mutex::new(service),
            certainty: Box::new(|_| Certainty::MaybeSent),
            timeout: Duration::from_secs(30),
            max_answer_bytes: 16 * 1024 * 1024,
        }
    }

    /// What an error of the service's `call` proves. Read [`Certainty::NotSent`] first: only what
    /// certainly fails before a connection stands may be called that.
    #[must_use]
    pub fn certainty(
        mut self,
        of: impl Fn(&S::Error) -> Certainty + Send + Sync + 'static,
    ) -> Self {
        self.certainty = Box::new(of);
        self
    }

    /// How long a whole exchange may take; 30 seconds unless set. A [`Timeout`] in a request's
    /// extensions takes its place.
    #[must_use]
    pub fn timeout(mut self, bound: Duration) -> Self {
        self.timeout = bound;
        self
    }

    /// The largest body of an answer that is accepted, in bytes; 16 MiB unless set. A larger one is
    /// a [`TooLarge`](FailureKind::TooLarge) error.
    #[must_use]
    pub fn max_answer_bytes(mut self, limit: usize) -> Self {
        self.max_answer_bytes = limit;
        self
    }
}

impl<S, B> TowerTransport<S>
where
    S: Service<Request<Bytes>, Response = Response<B>> + Clone + Send,
    S::Error: Into<Cause>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Cause>,
{
    /// The exchange, unbounded in time. `handed_over` turns true before the service gets the request.
    async fn carry_out(
        &self,
        request: Request<Bytes>,
        handed_over: &AtomicBool,
    ) -> Result<Response<Bytes>, TransportError> {
        let mut service = self.service.lock().unwrap_or_else(PoisonError::into_inner).clone();
        poll_fn(|context| service.poll_ready(context))
            .await
            .map_err(|error| TransportError::not_sent(FailureKind::Connect, error))?;
        handed_over.store(true, Ordering::Relaxed);
        let answer = service.call(request).await.map_err(|error| self.while_calling(error))?;
        let (head, body) = answer.into_parts();
        Ok(Response::from_parts(head, whole_body(body, self.max_answer_bytes).await?))
    }

    fn while_calling(&self, error: S::Error) -> TransportError {
        match (self.certainty)(&error) {
            Certainty::NotSent => TransportError::not_sent(FailureKind::Connect, error),
            Certainty::MaybeSent => TransportError::maybe_sent(FailureKind::Broken, error),
        }
    }
}

/// Reads the body to its end. One that announces too much is refused before it is read.
async fn whole_body<B>(body: B, limit: usize) -> Result<Bytes, TransportError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Cause>,
{
    let mut body = pin!(body);
    if usize::try_from(body.size_hint().lower()).map_or(true, |least| least > limit) {
        return Err(too_large(limit));
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| TransportError::maybe_sent(FailureKind::Broken, error))?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limit - whole.len() {
            return Err(too_large(limit));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

fn too_large(limit: usize) -> TransportError {
    let cause = format!("the body of the answer has more than {limit} bytes");
    TransportError::maybe_sent(FailureKind::TooLarge, cause)
}

#[async_trait]
impl<S, B> Transport for TowerTransport<S>
where
    S: Service<Request<Bytes>, Response = Response<B>> + Clone + Send,
    S::Error: Into<Cause> + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Cause>,
{
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let bound = Timeout::of(request.extensions()).unwrap_or(self.timeout);
        let handed_over = AtomicBool::new(false);
        let work = self.carry_out(request, &handed_over);
        tokio::time::timeout(bound, work).await.unwrap_or_else(|elapsed| {
            Err(if handed_over.load(Ordering::Relaxed) {
                TransportError::maybe_sent(FailureKind::Timeout, elapsed)
            } else {
                TransportError::not_sent(FailureKind::Timeout, elapsed)
            })
        })
    }
}

/// Nothing of the service, which may hold a proxy's password or a token.
impl<S: Service<Request<Bytes>>> fmt::Debug for TowerTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerTransport")
            .field("timeout", &self.timeout)
            .field("max_answer_bytes", &self.max_answer_bytes)
            .finish_non_exhaustive()
    }
}
