//! How a client is made.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_transport::Transport;
use bsg_rcs_transport::retry::{Retry, RetryPolicy};
use bsg_rcs_transport::trace::Trace;
use url::{Host, Url};

use crate::client::{Client, Inner};
use crate::key::ApiKey;
use crate::token::Tokens;

/// The platform.
const BASE_URL: &str = "https://one-api.bsg.world";
/// The platform's answers to large campaigns take their time; a send that is given up is unknown.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A clock that never runs back: the time since some fixed moment.
pub(crate) type Monotonic = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Makes a [`Client`].
#[must_use]
pub struct ClientBuilder {
    base_url: String,
    api_key: Option<ApiKey>,
    transport: Option<Arc<dyn Transport>>,
    request_timeout: Duration,
    retry: Option<RetryPolicy>,
    clock: Monotonic,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: BASE_URL.to_owned(),
            api_key: None,
            transport: None,
            request_timeout: REQUEST_TIMEOUT,
            retry: Some(RetryPolicy::default()),
            clock: system_clock(),
        }
    }
}

impl ClientBuilder {
    /// The platform's address; `https://one-api.bsg.world` unless said otherwise. HTTPS, unless
    /// the host is this machine.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The account's key.
    pub fn api_key(mut self, key: impl Into<ApiKey>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// A transport of one's own, in place of the default.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// How long one exchange may take; 60 seconds unless said otherwise. A send that takes longer
    /// is unknown.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// How calls are repeated that failed: those that only ask after any trouble, those that send or
    /// change something only if they certainly did not leave. See [`Retry`] for the whole of it.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// No call is repeated, but for one that was answered 401.
    pub fn without_retry(mut self) -> Self {
        self.retry = None;
        self
    }

    /// A monotonic clock of one's own: the time since any fixed moment.
    pub fn clock(mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The client. Nothing is sent yet: the first call fetches a token.
    ///
    /// # Errors
    /// [`BuildError`] if there is no key or no transport, or the address is not to be used.
    pub fn build(self) -> Result<Client, BuildError> {
        let api_key = self.api_key.filter(|key| !key.is_empty()).ok_or(BuildError::NoKey)?;
        let base_url = checked_base(&self.base_url)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport()?,
        };
        Ok(Client::of(Inner {
            base_url,
            api_key,
            transport: match self.retry {
                Some(policy) => Arc::new(Retry::new(Trace::new(transport)).policy(policy)),
                None => Arc::new(Trace::new(transport)),
            },
            request_timeout: self.request_timeout,
            clock: self.clock,
            tokens: Tokens::default(),
        }))
    }
}

/// Why no client can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No API key was given.
    #[error("an API key is needed")]
    NoKey,
    /// The address cannot be used; the sentence says why.
    #[error("the base URL cannot be used: {0}")]
    BaseUrl(String),
    /// No transport was given and there is no default, or the default cannot be made.
    #[error("no transport: {0}")]
    Transport(String),
}

/// The address without a slash at its end.
fn checked_base(text: &str) -> Result<String, BuildError> {
    let refuse = |why: &str| Err(BuildError::BaseUrl(why.to_owned()));
    let url = match Url::parse(text.trim()) {
        Ok(url) => url,
        Err(why) => return refuse(&why.to_string()),
    };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return refuse("it names no host"),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("a name or password does not belong into it");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("it ends before any ? or #");
    }
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return refuse("use https: plain http is for this machine only"),
        _ => return refuse("it begins with https://"),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(feature = "reqwest")]
fn default_transport() -> Result<Arc<dyn Transport>, BuildError> {
    match bsg_rcs_transport_reqwest::ReqwestTransport::new() {
        Ok(transport) => Ok(Arc::new(transport)),
        Err(why) => Err(BuildError::Transport(why.to_string())),
    }
}

#[cfg(not(feature = "reqwest"))]
fn default_transport() -> Result<Arc<dyn Transport>, BuildError> {
    let why = "give one, or switch on the feature `reqwest`";
    Err(BuildError::Transport(why.to_owned()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the facade reads a clock, unless another is handed in"
)]
fn system_clock() -> Monotonic {
    let start = std::time::Instant::now();
    Arc::new(move || start.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for (url, good) in [
            ("https://one-api.bsg.world", Some("https://one-api.bsg.world")),
            ("https://one-api.bsg.world/", Some("https://one-api.bsg.world")),
            ("https://proxy.example/bsg/", Some("https://proxy.example/bsg")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("http://localhost:8080/", Some("http://localhost:8080")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("http://one-api.bsg.world", None),
            ("http://localhost.example", None),
            ("ftp://127.0.0.1", None),
            ("https://user:secret@host", None),
            ("https://host/?a=b", None),
            ("one-api.bsg.world", None),
        ] {
            assert_eq!(checked_base(url).ok().as_deref(), good, "{url}");
        }
    }

    #[test]
    fn a_client_needs_a_key() {
        assert_eq!(Client::builder().build().err(), Some(BuildError::NoKey));
        assert_eq!(Client::builder().api_key(" \n").build().err(), Some(BuildError::NoKey));
    }
}
