//! Long removals leave the file to others: measured with another store that writes meanwhile.

use std::time::{Duration, Instant};

use bsg_rcs_store::prelude::*;
use bsg_rcs_store::{Forget, Received};
use bsg_rcs_store_sqlite::SqliteStore;

use crate::fixtures::{ID, called_back, campaign_of, place, planned, prepared};

/// Recipients of the campaign that is removed; `BSG_RCS_TEST_RECIPIENTS` says how many.
fn recipients() -> u32 {
    std::env::var("BSG_RCS_TEST_RECIPIENTS").map_or(20_000, |count| count.parse().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "the test measures how long it takes")]
fn now() -> Instant {
    Instant::now()
}

/// Writes callbacks until `done`; the longest that one of them took, and how many there were.
async fn write_until(store: &SqliteStore, done: &tokio::task::JoinHandle<()>) -> (Duration, u64) {
    let (mut longest, mut count) = (Duration::ZERO, 0);
    while !done.is_finished() {
        let began = now();
        count += 1;
        let all: Vec<Received> = vec![called_back(0, count)];
        store.keep_callbacks(all).await.unwrap();
        longest = longest.max(began.elapsed());
    }
    (longest, count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_write_while_a_preparation_is_discarded() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, 1).await;
    let big = campaign_of(7);
    prepared(&store, big.clone(), recipients()).await;
    let other = SqliteStore::open(&path).unwrap();
    let began = now();
    let discarding = tokio::spawn(async move {
        assert!(store.discard(big.id).await.unwrap());
    });
    let (longest, count) = write_until(&other, &discarding).await;
    discarding.await.unwrap();
    report("discarding", began.elapsed(), longest, count);
    assert!(count > 1, "others write meanwhile");
    assert_eq!(other.campaign(campaign_of(7).id).await.unwrap(), None);
    assert!(other.reports(ID, 0).await.unwrap().iter().count() > 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_write_while_a_campaign_is_forgotten() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, 1).await;
    let big = campaign_of(7);
    prepared(&store, big.clone(), recipients()).await;
    let other = SqliteStore::open(&path).unwrap();
    let began = now();
    let forgetting = tokio::spawn(async move {
        // The other's log may be in use at the end, which is said.
        let _ = store.forget(Forget::Campaign(big.id)).await;
    });
    let (longest, count) = write_until(&other, &forgetting).await;
    forgetting.await.unwrap();
    report("forgetting", began.elapsed(), longest, count);
    assert!(count > 1, "others write meanwhile");
    let rows = other.recipients(campaign_of(7).id, 0, u32::MAX).await.unwrap();
    assert!(rows.iter().all(|row| row.number.is_none()), "all are forgotten");
}

#[expect(clippy::print_stderr, reason = "a figure for people")]
fn report(what: &str, took: Duration, longest: Duration, count: u64) {
    let recipients = recipients();
    eprintln!("{what} {recipients} took {took:?}; the longest of {count} others {longest:?}");
}
