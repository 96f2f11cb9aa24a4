//! The kit that proves a store: every promise of [`Store`]'s prose has its check here.
//!
//! A backend's tests call [`prove`] with a way to a fresh, empty store. What the kit cannot see
//! stays with the backend: that an answer survives the death of process or machine, that a claim
//! ends with a killed process, that several processes share one store.
//!
//! | the checks of | are in |
//! | --- | --- |
//! | plans: create, append, finish, discard, list | `plans` |
//! | what happens to batches and recipients on their way out | `sending` |
//! | who is given which batch, and who has a say | `leases` |
//! | reports as a set, money, date-times | `reports` |
//! | callbacks, clicks, references | `callbacks` |
//! | counting | `tally` |
//! | the log of changes, kept bodies, clicks by button, contradictions | `following` |
//! | numbers and bodies that are removed | `forgetting` |
//! | claims, settings, many tasks at once, dropped calls | `together` |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a kit panics: that is how it says no"
)]

mod callbacks;
mod fixtures;
mod following;
mod forgetting;
mod leases;
mod plans;
mod reports;
mod sending;
mod tally;
mod together;

use std::sync::Arc;

use crate::store::Store;

/// Runs every check, each on a store of its own that `fresh` makes, empty. Needs a tokio runtime.
///
/// # Panics
/// With a sentence that names the promise which the store broke.
pub async fn prove(fresh: impl AsyncFn() -> Arc<dyn Store>) {
    plans::prove(&fresh).await;
    sending::prove(&fresh).await;
    leases::prove(&fresh).await;
    reports::prove(&fresh).await;
    callbacks::prove(&fresh).await;
    tally::prove(&fresh).await;
    following::prove(&fresh).await;
    forgetting::prove(&fresh).await;
    together::prove(&fresh).await;
}
