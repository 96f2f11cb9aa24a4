//! The client: a handle that is cheap to clone, and its sub-clients by noun.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_transport::Transport;

use crate::account::Account;
use crate::builder::ClientBuilder;
use crate::campaigns::Campaigns;
use crate::clock::{ClockId, Monotonic, Timer, WallClock};
use crate::contact_lists::ContactLists;
use crate::contacts::Contacts;
use crate::error::Error;
use crate::key::ApiKey;
use crate::messages::Messages;
use crate::stop_list::StopList;
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
    /// Begins to make a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

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

    /// Single messages, and the list of all messages.
    pub fn messages(&self) -> Messages<'_> {
        Messages(self)
    }

    /// Campaigns.
    pub fn campaigns(&self) -> Campaigns<'_> {
        Campaigns(self)
    }

    /// The stop list: numbers that are not to be messaged.
    pub fn stop_list(&self) -> StopList<'_> {
        StopList(self)
    }

    /// Contacts.
    pub fn contacts(&self) -> Contacts<'_> {
        Contacts(self)
    }

    /// Contact lists.
    pub fn contact_lists(&self) -> ContactLists<'_> {
        ContactLists(self)
    }

    /// The account.
    pub fn account(&self) -> Account<'_> {
        Account(self)
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
