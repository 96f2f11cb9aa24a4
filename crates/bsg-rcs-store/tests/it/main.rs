//! The store in memory passes the kit that every store passes.

use std::sync::Arc;

use bsg_rcs_store::{MemoryStore, Store, conformance};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_in_memory_keeps_every_promise() {
    conformance::prove(async || Arc::new(MemoryStore::default()) as Arc<dyn Store>).await;
}
