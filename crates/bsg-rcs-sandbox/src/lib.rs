//! The BSG One-API for RCS on your machine: a pure engine, an HTTP face that speaks the contract, virtual time.
//!
//! | to learn | look in |
//! | --- | --- |
//! | how the platform behaves | [`engine`], which does no I/O and reads no clock |
//! | how it is spoken to | `http`: the platform's calls under `/api/`, steering under `/sandbox/`, a page at `/` |
//! | how it is run | [`Sandbox`], [`SandboxConfig`], and [`InProcess`] without a socket |
//! | what its clients may use up | [`Bounds`] |
//! | how it goes on after a stop | `state`: the state file |
//! | where wall-clock time comes in | `wall`, and nowhere else |
//!
//! ```no_run
//! # async fn run() -> Result<(), bsg_rcs_sandbox::StartError> {
//! use bsg_rcs_sandbox::{Sandbox, SandboxConfig, Speed};
//!
//! let config = SandboxConfig { speed: Speed::VIRTUAL, ..SandboxConfig::default() };
//! let sandbox = Sandbox::start(config).await?;
//! // Point a client at sandbox.url() with the key `live_sandbox`, then let time pass:
//! sandbox.advance(std::time::Duration::from_secs(72 * 3600)).await;
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

pub mod engine;

mod bounds;
mod config;
mod http;
mod in_process;
mod running;
mod state;
mod wall;

pub use bounds::Bounds;
pub use config::{CallbackRetries, ConfigFault, ConfigFaults, NotASpeed, SandboxConfig, Speed};
pub use in_process::InProcess;
pub use running::{Sandbox, StartError};
pub use state::StateError;
