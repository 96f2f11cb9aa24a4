//! The client from outside: what it asks, and what it makes of whatever comes back.

mod answers;
mod calls;
#[cfg(feature = "reqwest")]
mod fault_matrix;
mod outcomes;
#[cfg(feature = "reqwest")]
mod proxy;
mod requests;
mod resolve;
mod retries;
#[cfg(feature = "reqwest")]
mod sandbox;
mod secrets;
mod stage;
mod tokens;
