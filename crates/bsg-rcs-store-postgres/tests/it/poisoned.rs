//! What must not stop everything: a set that cannot be read, a database that cannot hold every text.

use bsg_rcs_store::StoreError;
use bsg_rcs_store::prelude::*;
use bsg_rcs_store_postgres::PostgresStore;

use crate::database::{self, ID, called_back, execute, planned};

#[tokio::test]
async fn a_set_that_cannot_be_read_is_named() {
    let Some(url) = database::url() else { return };
    let schema = database::schema();
    let store = PostgresStore::open_in(&url, &schema).await.unwrap();
    planned(&store, 3).await;
    execute(&url, &format!("UPDATE {schema}.messages SET reports = '[[' WHERE idx = 1")).await;
    let group = |indices: &[u32]| indices.iter().map(|at| called_back(*at, 7, "sent")).collect();
    let kept = store.keep_callbacks(group(&[0, 1, 2])).await;
    let is_named = matches!(kept, Err(StoreError::Unreadable { campaign: ID, index: 1 }));
    assert!(is_named, "the error names the recipient: {kept:?}");
    assert!(store.reports(ID, 0).await.unwrap().is_empty(), "nothing was kept");
    store.keep_callbacks(group(&[0, 2])).await.expect("without it the others are kept");
    assert_eq!(store.reports(ID, 2).await.unwrap().iter().count(), 1);
}

#[tokio::test]
async fn a_database_that_is_not_utf8_is_refused() {
    let Some(url) = database::url() else { return };
    let name = format!("latin_{}", std::process::id());
    let sql = format!(
        "CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    );
    execute(&url, &sql).await;
    let (server, _) = url.rsplit_once('/').unwrap();
    let refused = PostgresStore::open(&format!("{server}/{name}")).await;
    let error = refused.expect_err("it is refused").to_string();
    assert!(error.contains("LATIN1") && error.contains("UTF8"), "{error}");
    execute(&url, &format!("DROP DATABASE {name}")).await;
}
