//! The program from outside: real processes, real sockets, real files.
//!
//! Nothing sleeps: a test waits for a line, for the end of a process, or for an answer that is
//! only given when the thing it waits for has happened.
#![allow(clippy::print_stderr, reason = "a test that skips says so, and a storm says how it was")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on is to fail"
)]

mod account;
mod callbacks;
mod check;
mod database;
mod demo;
mod disk;
mod files;
mod funds;
mod gate;
mod http;
mod input;
mod journey;
mod laws;
mod load;
mod money;
mod numbers;
mod onslaught;
mod operations;
mod program;
mod reach;
mod sandbox;
mod seen;
mod stage;
mod stopped;
mod storm;
mod together;
