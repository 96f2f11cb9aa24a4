//! The BSG One-API for RCS on your machine: a pure engine, an HTTP face that speaks the contract, virtual time.
//!
//! | to learn | look in |
//! | --- | --- |
//! | how the platform behaves | [`engine`], a crate of its own, which does no I/O and reads no clock |
//! | how the engine is hosted: its lock, its clock, faults, callbacks | `host` |
//! | the platform's calls under `/api/` | `api` |
//! | the sandbox's own calls under `/sandbox/` | `control` |
//! | the page at `/` | `ui` |
//! | connections | `net` |
//! | how it is run | [`Sandbox`], [`SandboxConfig`], and [`InProcess`] without a socket |
//! | what its clients may use up | [`Bounds`] |
//! | how it goes on after a stop | `journal`: the state file |
//! | where wall-clock time comes in | `wall`, and nowhere else |
//!
//! Arrows: `ui`, `control` and `api` use `host`, which uses `journal`, which uses the engine.
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

mod api;
mod app_state;
mod bounds;
mod config;
mod control;
mod host;
mod in_process;
mod journal;
mod net;
mod reply;
mod router;
mod running;
mod span;
mod start_error;
mod ui;
mod wall;

/// The engine: the platform as a pure function.
pub use bsg_rcs_sandbox_engine as engine;

pub use bounds::Bounds;
pub use config::{CallbackRetries, ConfigFault, ConfigFaults, InvalidSpeed, SandboxConfig, Speed};
pub use in_process::InProcess;
pub use journal::StateError;
pub use net::server::PortTaken;
pub use running::Sandbox;
pub use start_error::StartError;
