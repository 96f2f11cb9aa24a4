//! The exchange itself: bounded in time, sent along the right route, read whole.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_transport::{FailureKind, Timeout, Transport, TransportError};
use bytes::{Bytes, BytesMut};
use http::{Request, Response, Uri};

use crate::failure;

/// One HTTP exchange over reqwest, with pooled connections and TLS by rustls.
///
/// Cheap to clone; clones share the connections. It must be used within a Tokio runtime.
///
/// ```
/// use std::time::Duration;
/// use bsg_rcs_transport_reqwest::ReqwestTransport;
///
/// let transport = ReqwestTransport::builder()
///     .request_timeout(Duration::from_secs(20))
///     .user_agent("newsletter/2.1")
///     .build()?;
/// # Ok::<(), bsg_rcs_transport_reqwest::BuildError>(())
/// ```
#[derive(Clone)]
pub struct ReqwestTransport {
    pub(crate) routes: Routes,
    pub(crate) request_timeout: Duration,
    pub(crate) max_answer_bytes: usize,
}

/// The ways out of this machine, and the one that stays on it.
#[derive(Clone)]
pub(crate) struct Routes {
    /// To loopback addresses, never through a proxy: a sandbox on this machine is out of any
    /// proxy's reach.
    pub(crate) loopback: reqwest::Client,
    /// To all others.
    pub(crate) outward: reqwest::Client,
}

impl ReqwestTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let client = self.routes.to(request.uri());
        let request = failure::check_request(request)?;
        let answer = client.execute(request).await.map_err(failure::while_sending)?;
        self.read(answer).await
    }

    async fn read(&self, mut answer: reqwest::Response) -> Result<Response<Bytes>, TransportError> {
        let body = whole_body(&mut answer, self.max_answer_bytes).await?;
        let mut whole = Response::new(body);
        *whole.status_mut() = answer.status();
        *whole.version_mut() = answer.version();
        *whole.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(whole)
    }
}

/// Nothing of the routes: reqwest would print its proxies, and those may hold a password.
impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport")
            .field("request_timeout", &self.request_timeout)
            .field("max_answer_bytes", &self.max_answer_bytes)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let bound = Timeout::of(request.extensions()).unwrap_or(self.request_timeout);
        // Where the bound struck cannot be seen from here, so it counts as sent. A server that is
        // slow to connect to is caught earlier, and certainly, by the connect timeout.
        tokio::time::timeout(bound, self.send(request)).await.unwrap_or_else(|elapsed| {
            Err(TransportError::maybe_sent(FailureKind::Timeout, elapsed))
        })
    }
}

impl Routes {
    fn to(&self, uri: &Uri) -> &reqwest::Client {
        if is_loopback(uri) { &self.loopback } else { &self.outward }
    }
}

fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Reads the body to its end. An answer that announces too much is refused before it is read, one
/// that merely turns out too large as soon as it does.
async fn whole_body(answer: &mut reqwest::Response, limit: usize) -> Result<Bytes, TransportError> {
    let announced = answer.content_length().unwrap_or(0);
    if usize::try_from(announced).is_ok_and(|length| length <= limit) {
        read_up_to(answer, limit).await
    } else {
        Err(failure::too_large(limit))
    }
}

async fn read_up_to(answer: &mut reqwest::Response, limit: usize) -> Result<Bytes, TransportError> {
    let mut body = Bytes::new();
    while let Some(chunk) = answer.chunk().await.map_err(failure::while_reading)? {
        if chunk.len() > limit - body.len() {
            return Err(failure::too_large(limit));
        }
        // Mostly it comes in one piece, which need not be copied.
        body = if body.is_empty() { chunk } else { joined(body, &chunk) };
    }
    Ok(body)
}

fn joined(before: Bytes, chunk: &[u8]) -> Bytes {
    let mut whole = BytesMut::from(before);
    whole.extend_from_slice(chunk);
    whole.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, expected: bool) {
        assert_eq!(is_loopback(&uri.parse().unwrap()), expected, "{uri}");
    }

    #[test]
    fn only_this_machine_is_loopback() {
        check("http://localhost:8080/", true);
        check("http://LOCALHOST/", true);
        check("http://127.0.0.1:1/", true);
        check("http://127.8.8.8/", true);
        check("http://[::1]:1/", true);
        check("http://localhost.example.com/", false);
        check("http://127.0.0.1.example.com/", false);
        check("http://10.0.0.1/", false);
        check("/relative", false);
    }
}
