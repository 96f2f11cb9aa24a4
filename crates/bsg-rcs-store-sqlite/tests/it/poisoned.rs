//! What must not stop everything: a set that cannot be read.

use bsg_rcs_store::StoreError;
use bsg_rcs_store::prelude::*;
use bsg_rcs_store_sqlite::SqliteStore;
use rusqlite::Connection;

use crate::fixtures::{ID, called_back, place, planned};

#[tokio::test]
async fn a_set_that_cannot_be_read_is_named() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, 3).await;
    let beside = Connection::open(&path).unwrap();
    beside.execute("UPDATE messages SET reports = '[[' WHERE idx = 1", []).unwrap();
    let group = |indices: &[u32]| indices.iter().map(|at| called_back(*at, 7)).collect();
    let kept = store.keep_callbacks(group(&[0, 1, 2])).await;
    let is_named = matches!(kept, Err(StoreError::Unreadable { campaign: ID, index: 1 }));
    assert!(is_named, "the error names the recipient: {kept:?}");
    assert!(store.reports(ID, 0).await.unwrap().is_empty(), "nothing was kept");
    store.keep_callbacks(group(&[0, 2])).await.expect("without it the others are kept");
    assert_eq!(store.reports(ID, 2).await.unwrap().iter().count(), 1);
}
