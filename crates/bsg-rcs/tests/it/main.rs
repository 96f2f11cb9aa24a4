//! The client from outside: what it asks, and what it makes of whatever comes back.

mod answers;
mod calls;
mod crowds;
mod dry_runs;
#[cfg(feature = "reqwest")]
mod fault_matrix;
#[cfg(feature = "test-util")]
mod fixtures;
mod gates;
mod limits;
mod outcomes;
#[cfg(feature = "reqwest")]
mod proxy;
mod raw;
mod requests;
mod resolve;
mod retries;
mod rules;
#[cfg(feature = "reqwest")]
mod sandbox;
mod searches;
mod secrets;
mod stage;
mod streams;
mod tasks;
mod tokens;
