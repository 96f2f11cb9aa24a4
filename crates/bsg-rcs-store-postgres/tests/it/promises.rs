//! The kit that every store passes, on a schema of its own for each check.

use std::sync::Arc;

use bsg_rcs_store::{Store, conformance};

use crate::database;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_in_postgres_keeps_every_promise() {
    let Some(url) = database::url() else { return };
    let fresh = async || Arc::new(database::store(&url).await) as Arc<dyn Store>;
    conformance::prove(fresh).await;
}
