//! A running sandbox: the listener, the ticker that lets time pass, and the handle on both.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::Amount;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::{SandboxConfig, Speed};
use crate::engine::{Command, LedgerEntry};
use crate::http::{Shared, serve};
use crate::state::StateError;
use crate::wall;

/// How often real time is carried over into virtual time.
const TICK: Duration = Duration::from_millis(20);

/// A running sandbox. Dropped, it stops.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    stopping: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program listens there.
    #[error("{address} is in use by another program; choose another port, or 0 for any free one")]
    InUse {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The system does not let it listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Our own OpenAPI document cannot be used.
    #[error("the OpenAPI document cannot be used: {0}")]
    Document(String),
    /// The state file cannot be used, and is left as it is.
    #[error("the state file {} cannot be used", .path.display())]
    State {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: StateError,
    },
}

impl Sandbox {
    /// Binds and serves, on the runtime that it is called on.
    ///
    /// With a state file, everything that is in it is carried out again first.
    ///
    /// # Errors
    /// [`StartError`] if it cannot listen, or if the state file cannot be used.
    pub async fn start(config: SandboxConfig) -> Result<Self, StartError> {
        let (listener, address) = bind(config.listen).await?;
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "the sandbox can be reached from other machines");
        }
        let speed = config.speed;
        let mut tasks = JoinSet::new();
        let shared = Shared::new(config, &mut tasks)?;
        let (stopping, stopped) = watch::channel(false);
        tasks.spawn(serve(listener, shared.clone(), stopped));
        if !speed.is_virtual() {
            tasks.spawn(tick(shared.clone(), speed));
        }
        Ok(Self { address, shared, stopping, tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets time pass; returns when everything has happened until then and the callbacks are delivered or given up.
    pub async fn advance(&self, by: Duration) {
        self.shared.advance(by).await;
    }

    /// What time it is on the platform, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.shared.read(|engine| engine.now().millis())
    }

    /// Adds to an account's funds; `false` if no account has this key, or if the state file cannot be written.
    pub fn top_up(&self, key: &str, amount: Amount) -> bool {
        self.for_account(key, |account| Command::TopUp(account, amount))
    }

    /// Sets an account's Callback URL For RCS, or clears it; `false` if no account has this key, or if the state file
    /// cannot be written.
    pub fn set_callback_url(&self, key: &str, url: Option<&str>) -> bool {
        self.for_account(key, |account| Command::SetCallbackUrl(account, url.map(Into::into)))
    }

    /// An account's principal balance.
    pub fn balance(&self, key: &str) -> Option<Amount> {
        self.shared.read(|engine| {
            engine.account_with_key(key).map(|account| engine.account(account).ledger.balance())
        })
    }

    /// Every reservation, charge, release and top-up so far, of all accounts.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.shared.read(|engine| engine.ledger().to_vec())
    }

    /// Stops: nothing listens any more when it returns, and the state file is closed.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        self.tasks.shutdown().await;
        self.shared.close();
    }

    /// Waits until it is stopped.
    pub async fn wait(&self) {
        self.stopping.closed().await;
    }

    fn for_account(
        &self,
        key: &str,
        command: impl FnOnce(crate::engine::AccountIx) -> Command,
    ) -> bool {
        let account = self.shared.read(|engine| engine.account_with_key(key));
        account.is_some_and(|account| self.shared.perform(command(account)).is_ok())
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::InUse { address, source },
        _ => StartError::Listen { address, source },
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Lets virtual time follow the wall clock.
async fn tick(shared: Arc<Shared>, speed: Speed) {
    let begun = wall::instant();
    let mut passed = Duration::ZERO;
    loop {
        wall::sleep(TICK).await;
        // Measured from the beginning, so that no fraction is lost; whole milliseconds are carried over.
        let until_now = speed.scale(begun.elapsed()).as_millis();
        let until_now = Duration::from_millis(u64::try_from(until_now).unwrap_or(u64::MAX));
        shared.pass(until_now.saturating_sub(passed));
        passed = until_now;
    }
}
