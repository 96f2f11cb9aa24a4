//! The laws of the domain, each its own test.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic: that is how it fails"
)]

mod batch;
mod big;
mod campaign_status;
mod content;
mod ledger;
mod message;
mod numbers;
mod recipients;
mod reports;
mod rules;
mod seal;
mod sms;
mod tariff;
mod values;
mod written;
