//! A running sandbox: the listener, the ticker that lets time pass, and the handle on both.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bsg_rcs_domain::Amount;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::api::schema::Schemas;
use crate::app_state::AppState;
use crate::config::{SandboxConfig, Speed};
use crate::host::outbox::WayOut;
use crate::host::platform::Host;
use crate::net::server::{PortTaken, serve};
use crate::router::router;
use crate::start_error::StartError;
use crate::wall;
use bsg_rcs_sandbox_engine::{Command, LedgerEntry};

/// How often real time is carried over into virtual time.
const TICK: Duration = Duration::from_millis(20);

/// A running sandbox. Dropped, it stops.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    host: Arc<Host>,
    stopping: watch::Sender<bool>,
    tasks: JoinSet<()>,
    /// Why it ended by itself.
    port_taken: Arc<OnceLock<PortTaken>>,
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
        let bounds = config.bounds;
        let (host, way_out) = start(config)?;
        tasks.spawn(way_out.post(host.clone()));
        let app = AppState::new(host.clone());
        let (stopping, stopped) = watch::channel(false);
        let gate = app.gate.clone();
        let port_taken = Arc::new(OnceLock::new());
        let noted = Arc::clone(&port_taken);
        tasks.spawn(async move {
            if let Err(taken) = serve(listener, router(app), bounds, gate, stopped).await {
                let _ = noted.set(taken);
            }
        });
        if !speed.is_virtual() {
            tasks.spawn(tick(host.clone(), speed));
        }
        Ok(Self { address, host, stopping, tasks, port_taken })
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
        // It fails only where the sandbox is reset or stopped meanwhile.
        let _ = self.host.advance(by).await;
    }

    /// What time it is on the platform, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.host.read(|engine| engine.now().millis())
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
        self.host.read(|engine| {
            engine.account_with_key(key).map(|account| engine.account(account).ledger.balance())
        })
    }

    /// Every reservation, charge, release and top-up so far, of all accounts.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.host.read(|engine| engine.ledger().to_vec())
    }

    /// Stops: nothing listens any more when it returns, and the state file is closed.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        self.tasks.shutdown().await;
        self.host.close();
    }

    /// Waits until it ends.
    ///
    /// # Errors
    /// [`PortTaken`], if it could not listen again after a fault script had connections refused.
    pub async fn wait(&self) -> Result<(), PortTaken> {
        self.stopping.closed().await;
        self.port_taken.get().map_or(Ok(()), |taken| Err(*taken))
    }

    fn for_account(
        &self,
        key: &str,
        command: impl FnOnce(bsg_rcs_sandbox_engine::AccountIx) -> Command,
    ) -> bool {
        let account = self.host.read(|engine| engine.account_with_key(key));
        account.is_some_and(|account| self.host.perform(command(account)).is_ok())
    }
}

/// A host for a configuration, and the way out of its callbacks.
pub(crate) fn start(config: SandboxConfig) -> Result<(Arc<Host>, WayOut), StartError> {
    Schemas::ours().map_err(StartError::Document)?;
    let path = config.state.clone().unwrap_or_default();
    let started = Host::new(config).map_err(|source| StartError::State { path, source })?;
    let (host, posted) = started;
    Ok((host, WayOut::of(posted)))
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.host.close();
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
async fn tick(host: Arc<Host>, speed: Speed) {
    let begun = wall::instant();
    let mut passed = Duration::ZERO;
    loop {
        wall::sleep(TICK).await;
        // Measured from the beginning, so that no fraction is lost; whole milliseconds are carried over.
        let until_now = speed.scale(begun.elapsed()).as_millis();
        let until_now = Duration::from_millis(u64::try_from(until_now).unwrap_or(u64::MAX));
        host.pass(until_now.saturating_sub(passed));
        passed = until_now;
    }
}
