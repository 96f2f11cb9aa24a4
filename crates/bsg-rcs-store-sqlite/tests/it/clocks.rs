//! A clock that is set forward and back: what was written meanwhile does not stop anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bsg_rcs_store::prelude::*;
use bsg_rcs_store::{Timestamp, WorkerId};
use bsg_rcs_store_sqlite::SqliteStore;

use crate::fixtures::{ID, called_back, place, planned};

#[tokio::test]
async fn a_body_and_a_change_of_the_future_do_not_stop_pruning() {
    let (_folder, path) = place();
    let now = Arc::new(AtomicI64::new(1000));
    let clock = Arc::clone(&now);
    let clock = Arc::new(move || Timestamp(clock.load(Ordering::SeqCst)));
    let store = SqliteStore::open_with_clock(&path, clock).unwrap();
    planned(&store, 3).await;
    for (at, message) in [(2000, 1), (9_000_000, 2), (3000, 3), (4000, 4)] {
        now.store(at, Ordering::SeqCst);
        store.keep_callbacks(vec![called_back(0, message)]).await.unwrap();
    }
    let gone = store.prune(Timestamp(4000)).await.unwrap();
    assert_eq!(gone, 5, "two bodies, and three changes up to the last old one");
    let kept = store.bodies(0, 9).await.unwrap();
    let bodies: Vec<_> = kept.iter().map(|one| one.body.clone()).collect();
    assert_eq!(bodies, [b"2", b"4"], "what is older goes, also behind one of the future");
    let changes = store.changes(3, 9).await.unwrap();
    let moments: Vec<_> = changes.iter().map(|change| change.at).collect();
    assert_eq!(moments, [Timestamp(4000)], "what was logged before an old change is old");
    store.prune(Timestamp(i64::MAX)).await.unwrap();
    store.keep_callbacks(vec![called_back(0, 5)]).await.unwrap();
    let next = store.bodies(0, 9).await.unwrap()[0].id;
    assert!(next > kept[1].id, "a number is never given twice");
}

#[tokio::test]
async fn a_lease_from_a_clock_that_ran_ahead_is_over() {
    let (_folder, path) = place();
    let now = Arc::new(AtomicI64::new(1_000_000_000));
    let clock = Arc::clone(&now);
    let clock = Arc::new(move || Timestamp(clock.load(Ordering::SeqCst)));
    let store = SqliteStore::open_with_clock(&path, clock).unwrap();
    planned(&store, 3).await;
    store.begin(ID, None).await.unwrap();
    let hour = Duration::from_secs(3600);
    store.lease(ID, WorkerId(1), hour, u32::MAX).await.unwrap().expect("it is leased");
    assert!(store.has_live_leases(ID).await.unwrap());
    assert_eq!(store.batch_sums(ID).await.unwrap().planned_and_leased.batches, 1);
    now.fetch_sub(1000, Ordering::SeqCst);
    assert!(!store.has_live_leases(ID).await.unwrap(), "no lease is so long");
    assert_eq!(store.batch_sums(ID).await.unwrap().planned_and_leased.batches, 0);
    store.lease(ID, WorkerId(2), hour, u32::MAX).await.unwrap().expect("it is given again");
}
