//! Callbacks of the BSG One-API in: read, authenticate, persist, acknowledge.
//!
//! The platform posts what becomes of each message to a URL of ours. It signs nothing (assumption
//! A11), repeats as it likes, and keeps to no order (A7); whether it tries again after anything but
//! 200 is not documented (A9). So a callback is answered 200 only once it is kept, and everything
//! that comes by the right door is kept: what it means is derived afterwards, and can be again.
//!
//! | step | where |
//! | --- | --- |
//! | read: report or click, leniently, from its bytes | [`Incoming`] |
//! | authenticate by the secret in the path | [`WebhookSecret`] |
//! | keep, many callbacks in one go | [`Inbox`] |
//! | acknowledge | [`router`] |
//! | serve, with bounds on everything that a stranger may do | `serve` (feature `serve`) |
//!
//! What happens is counted through the `metrics` facade, which costs nothing where nobody listens:
//!
//! | name | counts |
//! | --- | --- |
//! | `bsg_rcs_callbacks_total{result}` | requests: `kept`, `failed` (the inbox said no), `turned_away` (too many wait), `refused` (a wrong secret), `unfit` (too large, or broken off) |
//! | `bsg_rcs_inbox_depth` | callbacks that wait for their turn |
//! | `bsg_rcs_inbox_group` | callbacks that were kept in one go |
//!
//! Nothing here reads a clock, knows a store, or logs a number or a body. Whether a reference is
//! one of ours is the inbox's to judge, from [`Callback::reference`].
//!
//! ```no_run
//! use std::sync::{Arc, Mutex};
//!
//! use bsg_rcs_webhook::{Inbox, InboxError, Incoming, WebhookSecret, async_trait, axum, router};
//!
//! /// Forgets everything when the process ends: fit for an example only.
//! #[derive(Default)]
//! struct InMemory(Mutex<Vec<Incoming>>);
//!
//! #[async_trait]
//! impl Inbox for InMemory {
//!     async fn keep(&self, callbacks: Vec<Incoming>) -> Result<(), InboxError> {
//!         let mut kept = self.0.lock().map_err(|_| InboxError::new("a writer panicked"))?;
//!         kept.extend(callbacks);
//!         Ok(())
//!     }
//! }
//!
//! # async fn serve(random: [u8; 20]) -> std::io::Result<()> {
//! let secret = WebhookSecret::from_random(random);
//! let app = router(&secret, Arc::new(InMemory::default()));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! axum::serve(listener, app).await
//! # }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

mod collector;
mod inbox;
mod router;
mod secret;
#[cfg(feature = "serve")]
mod serve;
mod unpack;

pub use async_trait::async_trait;
pub use axum;
pub use bsg_rcs_wire::mapping::incoming::{
    CallbackClick, CallbackEvent, CallbackReport, Price, Unmappable,
};
pub use bsg_rcs_wire::{Callback, Misread};
pub use bytes::Bytes;
pub use inbox::{Inbox, InboxError, Incoming, ReadError, read};
pub use router::{callback_routes, router};
pub use secret::{NotASecret, WebhookSecret};
#[cfg(feature = "serve")]
pub use serve::{Bounds, serve};
pub use unpack::BODY_MAX;
