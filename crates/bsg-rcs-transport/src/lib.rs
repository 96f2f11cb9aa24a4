//! One HTTP exchange behind a trait: the [`Transport`] contract, its errors, and test doubles.
//!
//! Everything that bsg-rcs says to the platform passes through [`Transport::exchange`]: a whole
//! request in, a whole answer out. Whoever has an HTTP stack of their own (a proxy, a queue, a
//! recorded exchange) implements that one method; nothing here knows the platform, and nothing
//! here opens a socket.
//!
//! | module | feature | what lives there |
//! | --- | --- | --- |
//! | [`transport`] | | the trait and its contract |
//! | [`error`] | | [`TransportError`]: what went wrong, and may the request have been sent? |
//! | [`extensions`] | | what a request says of itself: how it may be repeated, how long it may take, whether it may still leave |
//! | [`gate`] | | [`Gated`](gate::Gated): withholds what may no longer leave |
//! | [`retry`] | (`tokio`) | [`Retry`](retry::Retry): repeats what may be repeated; the feature brings a timer |
//! | `trace` | `tracing` | `Trace`: a span around every exchange, without secrets |
//! | `tape` | `tape` | `Record` and `Replay`: exchanges kept in a file, and answered from it |
//! | `tower` | `tower` | `TowerTransport`: a transport out of any tower service |
//! | [`doubles`] | (`mock`) | stand-ins for tests, and which one to use when |
//! | `conformance` | `conformance` | a kit that proves the contract of any transport |
//!
//! # Wrappers around wrappers
//!
//! `Retry` stands outside of `Trace` and `Record`, so that each try has its span and its line on the
//! tape: `Retry::new(Trace::new(transport))`. What stands inside of `Retry` sees every try, what
//! stands outside sees one exchange.
//!
//! # A transport of one's own
//!
//! ```
//! use bsg_rcs_transport::{Bytes, FailureKind, Transport, TransportError, async_trait, http};
//!
//! /// Knows one page and nothing else.
//! #[derive(Debug)]
//! struct OnePage;
//!
//! #[async_trait]
//! impl Transport for OnePage {
//!     async fn exchange(
//!         &self,
//!         request: http::Request<Bytes>,
//!     ) -> Result<http::Response<Bytes>, TransportError> {
//!         match request.uri().path() {
//!             "/" => Ok(http::Response::new(Bytes::from_static(b"welcome"))),
//!             _ => Err(TransportError::not_sent(FailureKind::Connect, "no way leads there")),
//!         }
//!     }
//! }
//! ```
//!
//! One that opens sockets is put to the proof by the kit in `conformance`;
//! `examples/own_transport.rs` is such a one, with its proof.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod doubles;
pub mod error;
pub mod extensions;
pub mod gate;
mod random;
pub mod retry;
#[cfg(feature = "tape")]
pub mod tape;
#[cfg(feature = "tower")]
pub mod tower;
#[cfg(feature = "tracing")]
pub mod trace;
pub mod transport;

pub use async_trait::async_trait;
pub use bytes::Bytes;
pub use error::{Certainty, FailureKind, TransportError};
pub use extensions::{LeaveWhile, Repeat, Timeout};
pub use http;
pub use transport::Transport;
