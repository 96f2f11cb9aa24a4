//! How a client is made.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_transport::Transport;
use bsg_rcs_transport::gate::Gated;
use bsg_rcs_transport::retry::{Retry, RetryPolicy, Waiting};
use url::{Host, Url};

use crate::client::{Client, Inner};
use crate::clock::{self, ClockId, Monotonic, Timer, WallClock};
use crate::key::ApiKey;
use crate::token::Tokens;

/// The platform.
const BASE_URL: &str = "https://one-api.bsg.world";
/// The platform's answers to large campaigns take their time; a send that is given up is unknown.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Makes a [`Client`].
#[must_use]
pub struct ClientBuilder {
    base_url: String,
    api_key: Option<ApiKey>,
    transport: Option<Arc<dyn Transport>>,
    request_timeout: Duration,
    retry: Option<RetryPolicy>,
    clock: Monotonic,
    clock_id: ClockId,
    wall_clock: Option<WallClock>,
    platform_offset: Option<i32>,
    timer: Timer,
    http_hosts: Vec<String>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: BASE_URL.to_owned(),
            api_key: None,
            transport: None,
            request_timeout: REQUEST_TIMEOUT,
            retry: Some(RetryPolicy::default()),
            clock: clock::monotonic(),
            clock_id: ClockId::PROCESS,
            wall_clock: None,
            platform_offset: None,
            timer: Timer::by_default(),
            http_hosts: Vec::new(),
        }
    }
}

impl Client {
    /// Begins to make a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

impl ClientBuilder {
    /// The platform's address; `https://one-api.bsg.world` unless said otherwise. HTTPS, unless
    /// the host is this machine.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Plain HTTP to this host is allowed: a name, or an IP address, without a port. For a sandbox in
    /// a container beside this one; the key and the messages travel readable for all in between.
    pub fn allow_http(mut self, host: impl Into<String>) -> Self {
        self.http_hosts.push(host.into());
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
        self.clock_id = ClockId::next();
        self
    }

    /// A wall clock of one's own: the time since 1970-01-01 00:00:00 UTC. Starts of campaigns are
    /// judged by it; the system's is read unless the platform is reached by plain HTTP: a sandbox has a time
    /// of its own.
    pub fn wall_clock(mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.wall_clock = Some(WallClock(Some(Arc::new(clock))));
        self
    }

    /// How far the platform's clock is from UTC, in seconds, east of it above zero. The platform
    /// names no zone; where the offset is known, a start in the past is refused to the second, and
    /// else only one that lies a day back.
    pub const fn platform_offset(mut self, seconds: i32) -> Self {
        self.platform_offset = Some(seconds);
        self
    }

    /// A timer of one's own: a future that ends after the time that it is given. Retries wait by it,
    /// and a login is bounded by it. Without it Tokio's is used by calls that run within its runtime
    /// (feature `tokio`); elsewhere retries follow at once.
    pub fn timer(mut self, timer: impl Fn(Duration) -> Waiting + Send + Sync + 'static) -> Self {
        self.timer = Timer(Arc::new(move |length| Some(timer(length))));
        self
    }

    /// The client. Nothing is sent yet: the first call fetches a token.
    ///
    /// # Errors
    /// [`BuildError`] if there is no key or no transport, or the address is not to be used.
    pub fn build(self) -> Result<Client, BuildError> {
        let api_key = self.api_key.filter(|key| !key.is_empty()).ok_or(BuildError::NoKey)?;
        let base = checked_base(&self.base_url, &self.http_hosts)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport()?,
        };
        Ok(Client::of(Inner {
            api_key,
            transport: match self.retry {
                Some(policy) => {
                    let timer = self.timer.clone();
                    let wait = move |length| {
                        timer.wait(length).unwrap_or_else(|| Box::pin(std::future::ready(())))
                    };
                    let inner = Gated::new(traced(transport));
                    Arc::new(Retry::with_timer(inner, wait).policy(policy))
                }
                None => Arc::new(Gated::new(traced(transport))),
            },
            request_timeout: self.request_timeout,
            clock: self.clock,
            clock_id: self.clock_id,
            wall_clock: match self.wall_clock {
                Some(clock) => clock,
                None if base.is_local => WallClock(None),
                None => clock::wall(),
            },
            platform_offset: self.platform_offset,
            timer: self.timer,
            base_url: base.url,
            tokens: Tokens::default(),
        }))
    }
}

/// What a client for tests is made of.
#[cfg(feature = "test-util")]
pub(crate) struct Wired {
    pub(crate) base_url: &'static str,
    pub(crate) api_key: &'static str,
    pub(crate) token: &'static str,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Monotonic,
}

#[cfg(feature = "test-util")]
impl Client {
    /// A client with a token that never ends; waits end at once, and no start is judged.
    pub(crate) fn logged_in(wired: Wired) -> Self {
        Self::of(Inner {
            base_url: wired.base_url.to_owned(),
            api_key: ApiKey::new(wired.api_key),
            transport: Arc::new(Gated::new(wired.transport)),
            request_timeout: REQUEST_TIMEOUT,
            clock: wired.clock,
            clock_id: ClockId::next(),
            wall_clock: WallClock(None),
            platform_offset: None,
            timer: Timer(Arc::new(|_| Some(Box::pin(std::future::ready(()))))),
            tokens: Tokens::holding(wired.token),
        })
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

/// An address that may be used.
#[derive(Debug)]
struct Base {
    /// Without a slash at its end.
    url: String,
    /// Whether it is plain HTTP: a sandbox, on this machine or beside it.
    is_local: bool,
}

fn checked_base(text: &str, http_hosts: &[String]) -> Result<Base, BuildError> {
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
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let allowed = http_hosts.iter().any(|allowed| allowed.trim().eq_ignore_ascii_case(host));
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("a name or password does not belong into it");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("it ends before any ? or #");
    }
    match url.scheme() {
        "https" => {}
        "http" if loopback || allowed => {}
        "http" => {
            return refuse(
                "use https: plain http is for this machine only, and for hosts that are allowed",
            );
        }
        _ => return refuse("it begins with https://"),
    }
    Ok(Base {
        url: url.as_str().trim_end_matches('/').to_owned(),
        is_local: url.scheme() == "http",
    })
}

/// With a span around every exchange, where the feature `tracing` asks for it.
#[cfg(feature = "tracing")]
fn traced(transport: Arc<dyn Transport>) -> impl Transport {
    bsg_rcs_transport::trace::Trace::new(transport)
}

#[cfg(not(feature = "tracing"))]
fn traced(transport: Arc<dyn Transport>) -> impl Transport {
    transport
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
            assert_eq!(checked_base(url, &[]).ok().map(|base| base.url).as_deref(), good, "{url}");
        }
    }

    #[test]
    fn plain_http_can_be_allowed_host_by_host() {
        let allowed = ["sandbox".to_owned(), "10.0.0.7".to_owned(), "::2".to_owned()];
        for (url, good) in [
            ("http://sandbox:8080", true),
            ("http://SANDBOX", true),
            ("http://10.0.0.7:8080", true),
            ("http://[::2]:8080", true),
            ("http://sandbox.example", false),
            ("http://10.0.0.8", false),
            ("ftp://sandbox", false),
        ] {
            assert_eq!(checked_base(url, &allowed).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn a_client_needs_a_key() {
        assert_eq!(Client::builder().build().err(), Some(BuildError::NoKey));
        assert_eq!(Client::builder().api_key(" \n").build().err(), Some(BuildError::NoKey));
    }
}
