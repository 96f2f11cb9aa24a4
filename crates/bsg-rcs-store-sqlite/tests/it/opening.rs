//! What is opened, what is refused, and in which words.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Barrier};

use bsg_rcs_store::StoreError;
use bsg_rcs_store::prelude::*;
use bsg_rcs_store_sqlite::SqliteStore;
use rusqlite::Connection;

use crate::fixtures::{ID, place, planned};

/// Opening is refused in these words, and the file and its folder stay as they are.
fn check_refused(path: &Path, words: &str) {
    let before = (fs::read(path).ok(), beside(path));
    match SqliteStore::open(path) {
        Err(error @ StoreError::Open { .. }) => {
            let said = error.to_string();
            assert!(said.contains(words), "{said} does not say: {words}");
            assert!(said.contains(&path.display().to_string()), "{said} does not name the file");
        }
        Err(error) => panic!("refused, but as {error:?}"),
        Ok(_) => panic!("opened instead of: {words}"),
    }
    assert!((fs::read(path).ok(), beside(path)) == before, "a refused file is not touched");
}

/// The names in the file's folder.
fn beside(path: &Path) -> Vec<std::ffi::OsString> {
    let Ok(entries) = fs::read_dir(path.parent().unwrap()) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

#[test]
fn what_is_no_database_is_refused() {
    let (_folder, path) = place();
    for content in ["phone\n380661231231\n", "x", &"long ".repeat(5000), "SQLite format 3\0cut"] {
        fs::write(&path, content).unwrap();
        check_refused(&path, "no SQLite database");
    }
}

#[test]
fn another_programs_database_is_refused() {
    let (_folder, path) = place();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE campaigns (theirs); PRAGMA user_version = 1").unwrap();
    drop(other);
    check_refused(&path, "another program's SQLite database");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA application_id = 7; PRAGMA journal_mode = WAL").unwrap();
    drop(other);
    check_refused(&path, "another program's SQLite database");
}

#[test]
fn another_programs_log_is_left_alone() {
    let (_folder, path) = place();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE theirs (a)").unwrap();
    // What a crash leaves: a file, and a log that was not carried over.
    let crashed = path.with_file_name("crashed.db");
    fs::copy(&path, &crashed).unwrap();
    fs::copy(path.with_file_name("store.db-wal"), path.with_file_name("crashed.db-wal")).unwrap();
    check_refused(&crashed, "another program's SQLite database");
}

#[test]
fn what_is_no_file_is_refused() {
    let (folder, path) = place();
    check_refused(folder.path(), "it is a folder");
    check_refused(&path.with_file_name("absent").join("store.db"), "its folder is not there");
    #[cfg(unix)]
    check_refused(Path::new("/dev/null"), "no regular file");
    SqliteStore::open(Path::new("")).expect_err("no name is no file");
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let (_folder, path) = place();
    planned(&SqliteStore::open(&path).unwrap(), 1).await;
    let other = path.with_file_name("damaged.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(8192);
    fs::write(&other, bytes).unwrap();
    let error = SqliteStore::open(&other).expect_err("a file without its end is refused");
    assert!(error.to_string().contains("it is damaged"), "{error}");
}

#[tokio::test]
async fn an_empty_file_becomes_a_store() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    planned(&SqliteStore::open(&path).unwrap(), 1).await;
    let again = SqliteStore::open(&path).unwrap();
    assert_eq!(again.recipients(ID, 0, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_new_file_has_large_pages_and_an_old_one_keeps_its_own() {
    let pragma = |path: &Path, name: &str| -> i64 {
        let beside = Connection::open(path).unwrap();
        beside.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap()
    };
    let (_folder, path) = place();
    // Both stay open: one that closes holds the file for itself.
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, 1).await;
    assert_eq!(pragma(&path, "page_size"), 8192);
    let mark = pragma(&path, "application_id");
    let old = path.with_file_name("old.db");
    let small = format!("PRAGMA page_size = 4096; PRAGMA application_id = {mark};");
    Connection::open(&old).unwrap().execute_batch(&small).unwrap();
    let store = (store, SqliteStore::open(&old).unwrap());
    planned(&store.1, 1).await;
    assert_eq!(store.1.recipients(ID, 0, 9).await.unwrap().len(), 1);
    assert_eq!(pragma(&old, "page_size"), 4096);
}

#[tokio::test]
async fn names_that_sqlite_would_read_otherwise_are_names() {
    let (folder, _) = place();
    for name in ["file:store?mode=memory", ":memory:", "Läden 1.db"] {
        let path = folder.path().join(name);
        planned(&SqliteStore::open(&path).unwrap(), 1).await;
        assert!(path.is_file(), "{name} is a file");
    }
}

#[test]
fn a_later_versions_store_is_refused_as_newer() {
    let (_folder, path) = place();
    drop(SqliteStore::open(&path).unwrap());
    let later = Connection::open(&path).unwrap();
    later.pragma_update(None, "user_version", 99).unwrap();
    match SqliteStore::open(&path).err() {
        Some(error @ StoreError::Newer { found: 99, .. }) => {
            assert!(error.to_string().contains("update it"), "{error}");
        }
        other => panic!("not refused as newer: {other:?}"),
    }
    let version: u32 = later.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 99, "and left as it is");
}

#[test]
fn a_store_is_durable_and_marked() {
    let (_folder, path) = place();
    let _store = SqliteStore::open(&path).unwrap();
    let itself = format!("file:{}?immutable=1", path.display());
    let itself = Connection::open(itself).unwrap();
    let mark: u32 = itself.pragma_query_value(None, "application_id", |row| row.get(0)).unwrap();
    let brcs = u32::from_be_bytes(*b"BRCS");
    assert_eq!(mark, brcs, "the mark stands in the file itself, not only in its log");
    let other = Connection::open(&path).unwrap();
    let mode: String = other.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn many_may_open_a_new_store_at_once() {
    for _ in 0..10 {
        let (_folder, path) = place();
        let all = Arc::new(Barrier::new(8));
        let opening = (0..8).map(|_| {
            let (path, all) = (path.clone(), Arc::clone(&all));
            std::thread::spawn(move || {
                all.wait();
                SqliteStore::open(&path).map(drop)
            })
        });
        for opened in opening.collect::<Vec<_>>() {
            opened.join().unwrap().expect("of many that open at once, all succeed");
        }
    }
}
