//! Why a sandbox could not start.

use std::net::SocketAddr;

use crate::journal::StateError;

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
