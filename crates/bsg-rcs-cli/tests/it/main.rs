//! The program end to end: real processes, real sockets, real files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic: that is how it fails"
)]

mod bad_input;
mod bench;
mod callbacks;
mod demo;
mod http;
mod interruptions;
mod journey;
