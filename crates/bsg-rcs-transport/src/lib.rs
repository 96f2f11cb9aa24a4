//! One HTTP exchange behind a trait: the [`Transport`] contract, its errors, and test doubles.
//!
//! Everything that bsg-rcs says to the platform passes through [`Transport::exchange`]: a whole
//! request in, a whole answer out. Whoever has an HTTP stack of their own (a proxy, a queue, a
//! recorded exchange) implements that one method; nothing here knows the platform, and nothing
//! here opens a socket.
//!
//! | module | what lives there |
//! | --- | --- |
//! | [`transport`] | the trait and its contract |
//! | [`error`] | [`TransportError`]: what went wrong, and may the request have been sent? |
//! | [`extensions`] | what a request says of itself: how it may be repeated, how long it may take |
//! | [`doubles`] | stand-ins for tests, and which one to use when |
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

pub mod doubles;
pub mod error;
pub mod extensions;
pub mod transport;

pub use async_trait::async_trait;
pub use bytes::Bytes;
pub use error::{Certainty, FailureKind, TransportError};
pub use extensions::{Repeat, Timeout};
pub use http;
pub use transport::Transport;
