//! What every call shares.

use std::sync::Arc;

use crate::host::platform::Host;
use crate::host::tokens::Tokens;
use crate::net::accept_gate::AcceptGate;

/// What every call shares.
#[derive(Debug)]
pub(crate) struct AppState {
    /// The engine's host.
    pub(crate) host: Arc<Host>,
    /// Bearer tokens.
    pub(crate) tokens: Tokens,
    /// Whether connections are accepted.
    pub(crate) gate: Arc<AcceptGate>,
    /// Names with a dot by which the sandbox may be reached.
    pub(crate) allowed_hosts: Arc<[String]>,
}

impl AppState {
    /// The state of a host that accepts connections.
    pub(crate) fn new(host: Arc<Host>) -> Arc<Self> {
        let tokens = Tokens::new(host.config().token_life);
        let allowed_hosts = host.config().allow_hosts.clone().into();
        Arc::new(Self { host, tokens, gate: Arc::default(), allowed_hosts })
    }
}
