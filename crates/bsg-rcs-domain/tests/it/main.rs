//! The laws of the domain, each its own test.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic: that is how it fails"
)]

mod batch;
mod campaign_status;
mod ledger;
mod message;
mod recipients;
mod reports;
mod seal;
mod tariff;
