//! The kit that every store passes, on a file of its own for each check.

use std::path::PathBuf;
use std::sync::Arc;

use bsg_rcs_store::{Store, conformance};
use bsg_rcs_store_sqlite::SqliteStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_in_sqlite_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let files = std::cell::Cell::new(0);
    let next = || -> PathBuf {
        files.set(files.get() + 1);
        folder.path().join(format!("{}.db", files.get()))
    };
    let fresh = async || Arc::new(SqliteStore::open(&next()).unwrap()) as Arc<dyn Store>;
    conformance::prove(fresh).await;
}
