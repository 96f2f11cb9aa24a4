//! What is opened, what is refused, and in which words.

use bsg_rcs_store::StoreError;
use bsg_rcs_store::prelude::*;
use bsg_rcs_store_postgres::PostgresStore;
use tokio::task::JoinSet;

use crate::database::{self, ID, execute, planned};

#[track_caller]
fn expect_refused(opened: Result<PostgresStore, StoreError>, words: &str) {
    let error = opened.expect_err("it is refused");
    let said = error.to_string();
    assert!(said.contains(words), "{said} does not say: {words}");
    assert!(!said.contains("secret"), "a password is not shown: {said}");
}

#[tokio::test]
async fn what_cannot_be_reached_is_refused_at_once_and_without_its_password() {
    let unreachable = PostgresStore::open("postgres://ann:secret@127.0.0.1:1/rcs").await;
    expect_refused(unreachable, "postgres://127.0.0.1:1/rcs");
    expect_refused(PostgresStore::open("postgres://ann:secret@host:port/").await, "no URL");
    let plain = PostgresStore::open_in("postgres://ann:secret@127.0.0.1:1/rcs", "a; DROP").await;
    expect_refused(plain, "lower-case letters");
}

#[tokio::test]
async fn what_a_later_version_wrote_is_refused_and_left_as_it_is() {
    let Some(url) = database::url() else { return };
    let schema = database::schema();
    planned(&PostgresStore::open_in(&url, &schema).await.unwrap(), 3).await;
    execute(&url, &format!("INSERT INTO {schema}.steps VALUES (99)")).await;
    let newer = PostgresStore::open_in(&url, &schema).await;
    assert!(matches!(newer, Err(StoreError::Newer { found: 99, .. })), "{newer:?}");
    execute(&url, &format!("DELETE FROM {schema}.steps WHERE version = 99")).await;
    let store = PostgresStore::open_in(&url, &schema).await.unwrap();
    assert_eq!(store.recipients(ID, 0, 9).await.unwrap().len(), 3);
}

#[tokio::test]
async fn another_programs_tables_are_left_alone() {
    let Some(url) = database::url() else { return };
    let schema = database::schema();
    let theirs = format!("CREATE SCHEMA {schema}; CREATE TABLE {schema}.campaigns (theirs text)");
    execute(&url, &theirs).await;
    expect_refused(PostgresStore::open_in(&url, &schema).await, "\"campaigns\" already exists");
    execute(&url, &format!("SELECT theirs FROM {schema}.campaigns")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_open_a_fresh_store_at_once() {
    let Some(url) = database::url() else { return };
    let schema = database::schema();
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (url, schema) = (url.clone(), schema.clone());
        tasks.spawn(async move { PostgresStore::open_in(&url, &schema).await.map(drop) });
    }
    for opened in tasks.join_all().await {
        opened.expect("each of them opens it");
    }
}
