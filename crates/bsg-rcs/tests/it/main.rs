//! The client from outside: what it asks, and what it makes of whatever comes back.

mod answers;
mod outcomes;
mod requests;
mod secrets;
mod stage;
mod tokens;
