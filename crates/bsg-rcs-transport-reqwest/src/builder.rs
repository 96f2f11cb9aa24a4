//! The settings of the transport, and everything of reqwest that is switched off, with the reason.
//!
//! # Who could send a request a second time
//!
//! Read in the sources of reqwest 0.13.5, hyper-util 0.1.21, hyper 1.12; to be read again when they
//! move, although the tests over real sockets would notice.
//!
//! - **reqwest** by default repeats a request that HTTP/2 refused (`GOAWAY`, `REFUSED_STREAM`). Off
//!   by `retry::never()`.
//! - **reqwest** follows redirects, and a 307 or 308 repeats the body. Off by `Policy::none()`.
//!   The redirect layer stays in place and hands the answer through, whatever its `Location`.
//! - **hyper-util** sends again what hyper handed back, when the connection came from the pool
//!   (`retry_canceled_requests`, which reqwest leaves on and gives no way to change). hyper hands
//!   back only a request that still waited in the connection's queue when the connection ended;
//!   once a request was taken from the queue, before its first byte is written, the error comes
//!   without it. Nothing can arrive twice, and this is what makes a pooled connection that the
//!   server closed while idle harmless. The contract permits it.
//! - **hyper** writes a request once and repeats nothing, in HTTP/1 and in HTTP/2.
//! - **TLS early data** could carry a request inside the handshake, and a failed handshake would
//!   then prove nothing. reqwest offers it for HTTP/3 only, which this crate does not enable.

use std::time::Duration;

use reqwest::{ClientBuilder, Proxy, redirect, retry};

use crate::transport::{ReqwestTransport, Routes};

/// Settings for a [`ReqwestTransport`]; made by [`ReqwestTransport::builder`].
#[derive(Clone)]
#[must_use = "call build() to get the transport"]
pub struct ReqwestTransportBuilder {
    connect_timeout: Duration,
    request_timeout: Duration,
    pool_idle_timeout: Duration,
    pool_max_idle_per_host: usize,
    max_answer_bytes: usize,
    user_agent: String,
    proxy: ProxyChoice,
}

/// Through what requests to other machines go.
#[derive(Clone)]
enum ProxyChoice {
    Environment,
    None,
    Url(String),
}

/// Why a transport could not be built: a proxy address or a user agent that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP transport cannot be set up with these settings")]
pub struct BuildError {
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Default for ReqwestTransportBuilder {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            pool_idle_timeout: Duration::from_secs(60),
            pool_max_idle_per_host: usize::MAX,
            max_answer_bytes: 16 * 1024 * 1024,
            user_agent: concat!("bsg-rcs/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: ProxyChoice::Environment,
        }
    }
}

/// Without the proxy's address, which may hold a password.
impl std::fmt::Debug for ReqwestTransportBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReqwestTransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("request_timeout", &self.request_timeout)
            .field("pool_idle_timeout", &self.pool_idle_timeout)
            .field("pool_max_idle_per_host", &self.pool_max_idle_per_host)
            .field("max_answer_bytes", &self.max_answer_bytes)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

impl ReqwestTransport {
    /// A transport with every setting at its default.
    ///
    /// # Errors
    ///
    /// When a proxy or TLS setting of the environment cannot be used.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Starts a transport with settings of one's own.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::default()
    }
}

impl ReqwestTransportBuilder {
    /// How long resolving, connecting and the TLS handshake may take together; 10 seconds unless
    /// set. When it strikes, the request was certainly not sent, which is why it should be shorter
    /// than the request timeout.
    pub fn connect_timeout(mut self, bound: Duration) -> Self {
        self.connect_timeout = bound;
        self
    }

    /// How long a whole exchange may take, connecting included; 30 seconds unless set. A
    /// [`Timeout`](bsg_rcs_transport::Timeout) in a request's extensions takes its place.
    pub fn request_timeout(mut self, bound: Duration) -> Self {
        self.request_timeout = bound;
        self
    }

    /// How long an unused connection is kept for the next request; 60 seconds unless set.
    pub fn pool_idle_timeout(mut self, bound: Duration) -> Self {
        self.pool_idle_timeout = bound;
        self
    }

    /// How many unused connections are kept for each host; no limit unless set, 0 keeps none.
    pub fn pool_max_idle_per_host(mut self, count: usize) -> Self {
        self.pool_max_idle_per_host = count;
        self
    }

    /// The largest body of an answer that is accepted, in bytes; 16 MiB unless set. A larger one is
    /// a [`TooLarge`](bsg_rcs_transport::FailureKind::TooLarge) error.
    pub fn max_answer_bytes(mut self, limit: usize) -> Self {
        self.max_answer_bytes = limit;
        self
    }

    /// The `User-Agent` of requests that bring none; `bsg-rcs/` and the version unless set.
    pub fn user_agent(mut self, value: impl Into<String>) -> Self {
        self.user_agent = value.into();
        self
    }

    /// Sends everything through the HTTP proxy at this address, except to loopback addresses.
    ///
    /// Unless this or [`no_proxy`](Self::no_proxy) is called, the usual environment variables
    /// decide (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = ProxyChoice::Url(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = ProxyChoice::None;
        self
    }

    /// Makes the transport. Nothing is connected yet.
    ///
    /// A machine without any certificate authority is no obstacle here: plain HTTP works on it,
    /// and every `https` exchange fails in the handshake, with nothing sent.
    ///
    /// # Errors
    ///
    /// When the proxy's address or the user agent cannot be used.
    pub fn build(self) -> Result<ReqwestTransport, BuildError> {
        let loopback = build_client(|| Ok(self.settings().no_proxy()))?;
        let outward = match &self.proxy {
            ProxyChoice::None => loopback.clone(),
            ProxyChoice::Environment => build_client(|| Ok(self.settings()))?,
            ProxyChoice::Url(url) => build_client(|| Ok(self.settings().proxy(Proxy::all(url)?)))?,
        };
        Ok(ReqwestTransport {
            routes: Routes { loopback, outward },
            request_timeout: self.request_timeout,
            max_answer_bytes: self.max_answer_bytes,
        })
    }

    /// The settings that both routes share. The time limit of the whole exchange is not among them:
    /// the exchange keeps it, reading of the body included.
    fn settings(&self) -> ClientBuilder {
        as_it_is(reqwest::Client::builder())
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(self.pool_idle_timeout)
            .pool_max_idle_per_host(self.pool_max_idle_per_host)
            .user_agent(&self.user_agent)
    }
}

/// Bodies as the server sent them. Another crate of the same program may have enabled reqwest's
/// decompression: features unify over a dependency graph.
fn as_it_is(builder: ClientBuilder) -> ClientBuilder {
    builder.no_gzip().no_brotli().no_zstd().no_deflate()
}

/// Builds a client, and on a machine without certificate authorities one that trusts nobody:
/// refusing to build would keep such a machine from its own sandbox. Any other fault shows again in
/// the second attempt.
fn build_client(
    settings: impl Fn() -> Result<ClientBuilder, reqwest::Error>,
) -> Result<reqwest::Client, BuildError> {
    settings()
        .and_then(ClientBuilder::build)
        .or_else(|_| settings().and_then(|builder| builder.tls_certs_only([]).build()))
        .map_err(|error| BuildError { source: error.without_url().into() })
}
