//! A sandbox without a socket: requests are handed in as values, and nothing leaves the process.

use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use http::{Request, Response};
use tokio::task::JoinSet;

use crate::config::SandboxConfig;
use crate::http::{Shared, answer_to, router};
use crate::running::StartError;

/// The HTTP face of a sandbox, called directly. Its time passes only when it is told to (`POST /sandbox/clock`),
/// whatever the speed in the configuration; nothing listens, so a fault script refuses no connection; and a callback
/// is never posted, it counts as acknowledged.
///
/// For tests and fuzzers that want many short lives; a client wants [`crate::Sandbox`].
#[derive(Debug)]
pub struct InProcess {
    router: Router,
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
        let shared = Shared::within(config, &mut tasks)?;
        let gate: Arc<Shared> = shared.clone();
        tasks.spawn(async move { gate.keep_gate_open().await });
        Ok(Self { router: router(shared), tasks })
    }

    /// Stops: nobody uses the state file any more when it returns.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }

    /// The answer to a request; none, where a fault script loses it.
    pub async fn answer(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        answer_to(self.router.clone(), request).await
    }
}
