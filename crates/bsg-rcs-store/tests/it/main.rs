//! The store in memory passes the kit that every store passes.

use std::sync::Arc;

use bsg_rcs_store::{MemoryStore, Store, Timestamp, conformance};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_in_memory_keeps_every_promise() {
    conformance::prove(async || Arc::new(MemoryStore::default()) as Arc<dyn Store>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shared_by_many_it_keeps_them_too() {
    let shared = async || Arc::new(MemoryStore::shared(|| Timestamp(1_000_000))) as Arc<dyn Store>;
    conformance::prove(shared).await;
}
