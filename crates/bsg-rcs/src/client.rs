//! The client: a handle that is cheap to clone. Each noun (messages, campaigns, contacts, ...) adds its
//! own entry to it, in its own file.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_transport::Transport;

use crate::clock::{ClockId, Monotonic, Timer, WallClock};
use crate::error::Error;
use crate::key::ApiKey;
use crate::token::Tokens;

/// How far [`Client::authorise`] looks ahead.
const AHEAD: Duration = Duration::from_secs(60);

/// A client of one account. Cheap to clone; clones share connections and token.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) base_url: String,
    pub(crate) api_key: ApiKey,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) request_timeout: Duration,
    pub(crate) clock: Monotonic,
    pub(crate) clock_id: ClockId,
    pub(crate) wall_clock: WallClock,
    /// How far the platform's clock is from UTC, in seconds, if that is known.
    pub(crate) platform_offset: Option<i32>,
    pub(crate) timer: Timer,
    pub(crate) tokens: Tokens<Error>,
}

impl Client {
    pub(crate) fn of(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// Makes sure that there is a usable token now: logs in if there is none, and renews one that is
    /// due within the next minute. A send right after it does not wait for a login.
    ///
    /// # Errors
    /// [`Error`] if there is no usable token and none can be fetched. It sent nothing but the login.
    pub async fn authorise(&self) -> Result<(), Error> {
        self.token_ahead(AHEAD).await
    }

    /// The platform's address, as it is used.
    pub fn base_url(&self) -> &str {
        &self.inner.base_url
    }

    /// Which account this is, without the key: see [`ApiKey::fingerprint`].
    pub fn account_fingerprint(&self) -> String {
        self.inner.api_key.fingerprint()
    }

    /// How long one exchange may take.
    pub fn request_timeout(&self) -> Duration {
        self.inner.request_timeout
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.inner.base_url).finish_non_exhaustive()
    }
}
