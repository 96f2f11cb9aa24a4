//! Puts a store to the kit: here the one in memory, there yours.
//!
//! ```sh
//! cargo run -p bsg-rcs-store --features conformance --example prove
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::sync::Arc;

use bsg_rcs_store::{MemoryStore, Store, conformance};

#[tokio::main]
async fn main() {
    conformance::prove(async || Arc::new(MemoryStore::default()) as Arc<dyn Store>).await;
    println!("it keeps every promise");
}
