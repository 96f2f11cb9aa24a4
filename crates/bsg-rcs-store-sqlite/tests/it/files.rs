//! The files of a store: who may read them, and what a copy of them is.

use std::fs;
use std::path::Path;

use bsg_rcs_store::prelude::*;
use bsg_rcs_store::{Forget, StoreError};
use bsg_rcs_store_sqlite::SqliteStore;

use crate::fixtures::{ID, called_back, place, planned};

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_this_user_alone() {
    let (folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, 1).await;
    let _claim = store.claim(ID).await.unwrap();
    let mut seen = Vec::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
        seen.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        if path.is_dir() {
            for lock in fs::read_dir(&path).unwrap() {
                assert_eq!(mode(&lock.unwrap().path()), 0o600);
            }
        }
    }
    seen.sort();
    assert_eq!(seen, ["store.db", "store.db-locks", "store.db-shm", "store.db-wal"]);
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    assert_eq!(mode(&copy), 0o600, "a copy too");
}

#[tokio::test]
async fn after_the_last_clone_is_dropped_the_file_alone_is_the_store() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let clone = store.clone();
    planned(&store, 1000).await;
    drop(store);
    clone.keep_callbacks(vec![called_back(7, 1)]).await.unwrap();
    drop(clone);
    let copy = path.with_file_name("copy.db");
    fs::copy(&path, &copy).unwrap();
    assert_whole(&copy, 1000).await;
}

/// What is dropped as soon as it was asked for is done, and carried over.
#[tokio::test]
async fn another_that_has_it_open_is_no_hindrance() {
    let (_folder, path) = place();
    let other = SqliteStore::open(&path).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, 1000).await;
    store.keep_callbacks(vec![called_back(7, 1)]).await.unwrap();
    assert_eq!(other.reports(ID, 7).await.unwrap().iter().count(), 1);
    drop(store);
    let copy = path.with_file_name("copy.db");
    fs::copy(&path, &copy).unwrap();
    assert_whole(&copy, 1000).await;
}

#[tokio::test]
async fn a_backup_is_the_store_of_its_moment() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, 1000).await;
    store.keep_callbacks(vec![called_back(7, 1)]).await.unwrap();
    let copy = path.with_file_name("copy.db");
    store.backup(&copy).await.expect("it is written beside other calls");
    store.keep_callbacks(vec![called_back(8, 1)]).await.unwrap();
    assert_whole(&copy, 1000).await;
    let again = store.backup(&copy).await;
    assert!(matches!(again, Err(StoreError::Exists(_))), "nothing is written over: {again:?}");
    let nowhere = store.backup(&path.with_file_name("absent").join("copy.db")).await;
    assert!(matches!(nowhere, Err(StoreError::Backend { .. })), "{nowhere:?}");
}

async fn assert_whole(copy: &Path, count: usize) {
    let copy = SqliteStore::open(copy).unwrap();
    assert_eq!(copy.recipients(ID, 0, u32::MAX).await.unwrap().len(), count);
    assert_eq!(copy.reports(ID, 7).await.unwrap().iter().count(), 1);
    assert_eq!(copy.reports(ID, 8).await.unwrap().iter().count(), 0);
}

#[tokio::test]
async fn what_is_forgotten_is_in_no_file() {
    let (folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, 100).await;
    store.keep_callbacks(vec![called_back(7, 1)]).await.unwrap();
    let number = store.recipients(ID, 7, 1).await.unwrap()[0].number.unwrap();
    let bytes = number.as_u64().to_be_bytes()[3..].to_vec();
    let holds = || {
        let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut files = files.filter(|path| path.is_file());
        files.any(|path| fs::read(path).unwrap().windows(bytes.len()).any(|part| part == bytes))
    };
    assert!(holds(), "it is somewhere");
    store.forget(Forget::Number(number)).await.unwrap();
    assert!(!holds(), "neither in the file nor in its log, nor in any index");
}
