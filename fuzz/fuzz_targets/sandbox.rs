//! The sandbox's HTTP face: any sequence of requests is answered without a failure of ours, every JSON answer can be
//! read, and the books balance after each.
//!
//! What is asked and what has to hold is written beside the sandbox's tests, which let the same storms pass.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/bsg-rcs-sandbox/tests/it/storm.rs"]
mod storm;

fuzz_target!(|bytes: &[u8]| storm::storm(bytes));
