//! How long it takes to say how a great campaign stands. The size is said by
//! `BSG_RCS_TEST_RECIPIENTS`: with ten million, in release, it is a second at most.

use std::time::{Duration, Instant};

use bsg_rcs_domain::{Amount, Currency, MessageStatus, Money, Report};
use bsg_rcs_store::prelude::*;
use bsg_rcs_store::{BatchChange, BatchState, WorkerId};
use bsg_rcs_store_sqlite::SqliteStore;

use crate::fixtures::{ID, called_back, place, planned, report};

const SECOND: Duration = Duration::from_secs(1);

#[expect(clippy::disallowed_methods, reason = "the test measures how long it takes")]
fn now() -> Instant {
    Instant::now()
}

/// A few reports of each batch: each status, three prices.
fn reports(first: u32) -> Vec<(u32, Report)> {
    let all = (0..).zip(MessageStatus::ALL.into_iter().cycle().take(24));
    all.map(|(place, status)| {
        let price = i128::from(place % 3 + 1) * 100_000;
        let price = Money::new(Amount::from_ten_millionths(price), Currency::EUR);
        (first + place, Report { price: Some(price), ..report(1, status) })
    })
    .collect()
}

#[tokio::test]
#[ignore = "it measures; say how many recipients"]
#[expect(clippy::print_stderr, reason = "figures for people")]
async fn a_great_campaign_is_counted_within_a_second() {
    let count =
        std::env::var("BSG_RCS_TEST_RECIPIENTS").map_or(1_000_000, |count| count.parse().unwrap());
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let began = now();
    planned(&store, count).await;
    eprintln!("planned {count} in {:?}", began.elapsed());
    store.begin(ID, None).await.unwrap();
    let began = now();
    let mut batches = 0_u32;
    while let Some((lease, row)) = store.lease(ID, WorkerId(1), SECOND, u32::MAX).await.unwrap() {
        store.begin_sending(lease, SECOND).await.unwrap();
        store.change_batch(lease, BatchChange::to(BatchState::Accepted)).await.unwrap();
        store.add_reports(ID, reports(row.first)).await.unwrap();
        batches += 1;
    }
    eprintln!("sent {batches} batches with 24 reports each in {:?}", began.elapsed());
    for _ in 0..3 {
        let began = now();
        let rows = store.tally(ID, Duration::ZERO).await.unwrap();
        let tallied = began.elapsed();
        assert_eq!(rows.iter().map(|row| row.count).sum::<u64>(), u64::from(count));
        let began = now();
        store.batch_sums(ID).await.unwrap();
        let summed = began.elapsed();
        let began = now();
        store.snapshot(ID, Duration::ZERO).await.unwrap();
        let all = began.elapsed();
        eprintln!("{} rows: tally {tallied:?}, sums {summed:?}, snapshot {all:?}", rows.len());
        assert!(all < SECOND, "a snapshot took {all:?}");
    }
}

#[tokio::test]
#[ignore = "it measures; say how many recipients"]
#[expect(clippy::print_stderr, reason = "a figure for people")]
async fn callbacks_a_second() {
    const GROUP: u32 = 64;
    let count =
        std::env::var("BSG_RCS_TEST_RECIPIENTS").map_or(100_000, |count| count.parse().unwrap());
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, count).await;
    let began = now();
    let groups = 1000;
    for group in 0..groups {
        // In no order, as they come.
        let index = |place: u32| {
            let place = u64::from(group * GROUP + place).wrapping_mul(2_654_435_761);
            u32::try_from(place % u64::from(count)).unwrap()
        };
        let all = (0..GROUP).map(|place| called_back(index(place), 1)).collect();
        store.keep_callbacks(all).await.unwrap();
    }
    let millis = u64::try_from(began.elapsed().as_millis()).unwrap().max(1);
    eprintln!("{} callbacks a second", u64::from(groups * GROUP) * 1000 / millis);
}
