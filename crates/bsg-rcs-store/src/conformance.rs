//! The kit that proves a store: every promise of [`Store`]'s prose has its check here.
//!
//! A backend's tests call [`prove`] with a way to a fresh, empty store. What the kit cannot see
//! stays with the backend: that an answer survives the death of process or machine, that a claim
//! ends with a killed process, that several processes share one store.
//!
//! | the checks of | are in |
//! | --- | --- |
//! | plans: create, append, finish | `plans` |
//! | what refuses the same plan or beginning | `guards` |
//! | what is removed and was never sent | `discarding` |
//! | the states of campaigns, and their list | `states` |
//! | what happens to batches and recipients on their way out | `sending` |
//! | which batch is leased to which worker, and what a lease allows | `leases` |
//! | the transaction that sending begins with; polling | `starting` |
//! | batches that are cut and added up | `cutting` |
//! | reports as a set, money, date-times | `reports` |
//! | callbacks, clicks, references | `callbacks` |
//! | counting | `tally` |
//! | a report as one snapshot | `snapshots` |
//! | the log of changes, kept bodies, clicks by button, contradictions | `following` |
//! | numbers and bodies that are removed | `forgetting` |
//! | random histories, compared with the store in memory | [`histories`] |
//! | claims, settings, many tasks at once, dropped calls | `together` |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a kit panics: that is how it says no"
)]

mod callbacks;
mod cutting;
mod discarding;
mod fixtures;
mod following;
mod forgetting;
mod guards;
pub mod histories;
mod leases;
mod plans;
mod reports;
mod sending;
mod snapshots;
mod starting;
mod states;
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
    guards::prove(&fresh).await;
    discarding::prove(&fresh).await;
    states::prove(&fresh).await;
    sending::prove(&fresh).await;
    leases::prove(&fresh).await;
    starting::prove(&fresh).await;
    cutting::prove(&fresh).await;
    reports::prove(&fresh).await;
    callbacks::prove(&fresh).await;
    tally::prove(&fresh).await;
    snapshots::prove(&fresh).await;
    following::prove(&fresh).await;
    forgetting::prove(&fresh).await;
    together::prove(&fresh).await;
}
