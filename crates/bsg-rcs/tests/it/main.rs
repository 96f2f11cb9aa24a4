//! The client from outside: what it asks, and what it makes of whatever comes back.

mod answers;
mod calls;
mod crowds;
mod dry_runs;
#[cfg(feature = "reqwest")]
mod fault_matrix;
mod limits;
mod outcomes;
#[cfg(feature = "reqwest")]
mod proxy;
mod raw;
mod requests;
mod resolve;
mod retries;
#[cfg(feature = "reqwest")]
mod sandbox;
mod secrets;
mod stage;
mod streams;
mod tokens;
