//! A sandbox without a socket: requests are handed in as values, and nothing leaves the process.

use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use http::{Request, Response};
use tokio::task::JoinSet;

use crate::app_state::AppState;
use crate::config::SandboxConfig;
use crate::host::platform::Host;
use crate::net::server::answer_to;
use crate::router::router;
use crate::running::start;
use crate::start_error::StartError;

/// The HTTP face of a sandbox, called directly. Its time passes only when it is told to (`POST /sandbox/clock`),
/// at any speed in the configuration; nothing listens, so a fault script refuses no connection; and a callback
/// is never posted, it counts as acknowledged.
///
/// For tests and fuzzers that want many short lives; a client wants [`crate::Sandbox`].
#[derive(Debug)]
pub struct InProcess {
    router: Router,
    host: Arc<Host>,
    tasks: JoinSet<()>,
}

impl InProcess {
    /// A platform at its start, on the runtime that it is called on.
    ///
    /// # Errors
    /// [`StartError::Document`] if our own OpenAPI document cannot be used, [`StartError::State`] if the state file
    /// cannot.
    pub fn new(config: SandboxConfig) -> Result<Self, StartError> {
        let mut tasks = JoinSet::new();
        let (host, way_out) = start(config)?;
        tasks.spawn(way_out.acknowledge(host.clone()));
        let app = AppState::new(host.clone());
        let gate = app.gate.clone();
        tasks.spawn(async move { gate.stay_open().await });
        Ok(Self { router: router(app), host, tasks })
    }

    /// Stops: the state file is free when it returns.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.host.close();
    }

    /// The answer to a request; none, where a fault script loses it.
    pub async fn answer(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        answer_to(self.router.clone(), request).await
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.host.close();
    }
}
