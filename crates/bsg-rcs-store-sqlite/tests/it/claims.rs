//! Claims between processes, and what they leave behind.

use std::fs;
use std::path::Path;

use bsg_rcs_store::StoreError;
use bsg_rcs_store::prelude::*;
use bsg_rcs_store_sqlite::SqliteStore;

use crate::child::{self, Player};
use crate::fixtures::{ID, place};

fn lock_files(store: &Path) -> usize {
    fs::read_dir(store.with_file_name("store.db-locks")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_claim_leaves_no_file_behind() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    for _ in 0..3 {
        let claim = store.claim(ID).await.unwrap();
        assert_eq!(lock_files(&path), 1);
        drop(claim);
        assert_eq!(lock_files(&path), 0);
    }
}

#[tokio::test]
async fn two_stores_on_one_file_share_claims() {
    let (_folder, path) = place();
    let (one, other) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    let claim = one.claim(ID).await.unwrap();
    assert!(matches!(other.claim(ID).await, Err(StoreError::Claimed(ID))));
    drop(one);
    assert!(other.claim(ID).await.is_err(), "a claim outlives the handle that made it");
    drop(claim);
    let _claim = other.claim(ID).await.expect("and ends when it is dropped");
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_the_store_leads_to_the_same_claims() {
    let (folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let linked = SqliteStore::open(&link).unwrap();
    let _claim = store.claim(ID).await.unwrap();
    assert!(matches!(linked.claim(ID).await, Err(StoreError::Claimed(ID))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_that_come_and_go_never_overlap() {
    let (_folder, path) = place();
    let inside = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let contend = || {
        let (store, inside) = (SqliteStore::open(&path).unwrap(), inside.clone());
        tokio::spawn(async move {
            let mut granted = 0;
            while granted < 200 {
                let Ok(claim) = store.claim(ID).await else {
                    tokio::task::yield_now().await;
                    continue;
                };
                let order = std::sync::atomic::Ordering::SeqCst;
                assert_eq!(inside.fetch_add(1, order), 0, "two claims live at once");
                tokio::task::yield_now().await;
                inside.fetch_sub(1, order);
                granted += 1;
                drop(claim);
            }
        })
    };
    for contender in [contend(), contend(), contend()] {
        contender.await.unwrap();
    }
    assert_eq!(lock_files(&path), 0);
}

#[tokio::test]
async fn a_killed_process_loses_its_claim() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let mut other = Player::start("claims::holds_a_claim", &path);
    assert_eq!(other.next_word().as_deref(), Some("claimed"));
    let refused = store.claim(ID).await;
    assert!(matches!(refused, Err(StoreError::Claimed(ID))), "{refused:?}");
    other.kill();
    let claim = store.claim(ID).await.expect("a claim ends with its process");
    drop(claim);
    assert_eq!(lock_files(&path), 0, "what the dead left behind is tidied up");
}

#[tokio::test]
#[ignore = "a part for a child process"]
async fn holds_a_claim() {
    let Some(path) = child::part() else { return };
    let store = SqliteStore::open(&path).unwrap();
    let _claim = store.claim(ID).await.unwrap();
    child::say("claimed");
    child::wait_to_be_killed();
}
