//! Which batch is leased to which worker, for how long, and what a lease allows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::fixtures::{ABSENT, ID, LONG, WORKER, batches, campaign, change, leases, planned};
use crate::error::StoreError;
use crate::rows::{BatchState, CampaignState, Lease, WorkerId};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    open_batches_are_given_in_order(&*fresh().await).await;
    a_campaign_that_does_not_send_gives_none(&*fresh().await).await;
    a_leased_batch_is_given_to_no_other_worker(&*fresh().await).await;
    a_lost_lease_changes_nothing(&*fresh().await).await;
    a_lease_ends_when_it_is_given_back(&*fresh().await).await;
    each_of_many_is_given_another(fresh().await).await;
    if !fresh().await.is_shared() {
        with_a_new_claim_all_leases_are_over(&*fresh().await).await;
    }
}

async fn given(store: &dyn Store, span: Duration, before: u32) -> Option<Lease> {
    let found = store.lease(ID, WORKER, span, before).await.expect("a batch is asked for");
    found.map(|(lease, row)| {
        assert_eq!((lease.campaign, lease.batch), (ID, row.number), "the lease names its batch");
        assert_eq!(row.leased.map(|leased| leased.by), Some(WORKER), "the row names its worker");
        lease
    })
}

async fn open_batches_are_given_in_order(store: &dyn Store) {
    planned(store, campaign(ID), 14).await;
    let all = leases(store, ID).await;
    let numbers: Vec<_> = all.iter().map(|lease| lease.batch).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4], "batches are given in their order");
    let states = [
        (BatchState::Accepted, false),
        (BatchState::Unknown, true),
        (BatchState::Rejected, false),
        (BatchState::Sending, true),
        (BatchState::Held, false),
    ];
    for (lease, (state, open)) in all.iter().zip(states) {
        store.change_batch(*lease, change(state)).await.unwrap();
        let row = batches(store, ID).await.swap_remove(lease.batch as usize);
        let is_leased = row.leased.is_some();
        assert_eq!(is_leased, open, "{state:?}: what is not open is not leased any more");
        store.release(*lease).await.unwrap();
    }
    for (before, expected) in [(0, None), (3, None), (4, Some(1)), (9, Some(1)), (10, Some(1))] {
        let found = given(store, Duration::ZERO, before).await.map(|lease| lease.batch);
        assert_eq!(found, expected, "the first open batch that begins before {before}");
    }
    let first = given(store, LONG, u32::MAX).await.map(|lease| lease.batch);
    let second = given(store, LONG, u32::MAX).await.map(|lease| lease.batch);
    let third = given(store, LONG, u32::MAX).await.map(|lease| lease.batch);
    assert_eq!((first, second, third), (Some(1), Some(3), None), "only what is open is given");
}

async fn a_campaign_that_does_not_send_gives_none(store: &dyn Store) {
    let of_none = store.lease(ABSENT, WORKER, LONG, u32::MAX).await;
    assert!(matches!(of_none, Ok(None)), "no campaign, no batch: {of_none:?}");
    planned(store, campaign(ID), 4).await;
    for state in [CampaignState::Planned, CampaignState::Paused] {
        store.set_state(ID, state, None).await.unwrap();
        assert_eq!(given(store, LONG, u32::MAX).await, None, "in {state:?} nothing is given");
    }
    store.begin(ID, None).await.unwrap();
    assert!(given(store, LONG, u32::MAX).await.is_some(), "while it sends, batches are given");
}

async fn a_leased_batch_is_given_to_no_other_worker(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let lease = leases(store, ID).await[0];
    let other = WorkerId(7);
    let found = store.lease(ID, other, LONG, u32::MAX).await.unwrap();
    assert_eq!(found, None, "a leased batch is not given again");
    store.renew(lease, Duration::ZERO).await.expect("a lease may be cut short");
    let found = store.lease(ID, other, LONG, u32::MAX).await.unwrap();
    let (taken, row) = found.expect("a lease whose time is over is taken over");
    assert!(taken.serial > lease.serial, "a later lease has a later serial");
    let leased = row.leased.expect("it is leased");
    assert_eq!(leased.by, other, "and has a new holder");
    store.renew(taken, Duration::from_secs(1_000_000)).await.expect("it is renewed");
    let until = batches(store, ID).await[0].leased.expect("it is leased").until;
    assert!(until > leased.until, "renewing lets it last longer");
}

async fn a_lost_lease_changes_nothing(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let lost = leases(store, ID).await[0];
    store.renew(lost, Duration::ZERO).await.unwrap();
    // It was not given again yet, so its holder may still change it.
    store.change_batch(lost, change(BatchState::Sending)).await.expect("it is still the latest");
    let taken = given(store, LONG, u32::MAX).await.expect("it is taken over");
    let before = batches(store, ID).await;
    let changed = store.change_batch(lost, change(BatchState::Accepted)).await;
    let renewed = store.renew(lost, LONG).await;
    for answer in [changed, renewed] {
        let is_lost = matches!(answer, Err(StoreError::LeaseLost { campaign: ID, batch: 0 }));
        assert!(is_lost, "a lost lease changes nothing: {answer:?}");
    }
    store.release(lost).await.expect("giving back what is lost is no error");
    assert_eq!(batches(store, ID).await, before, "and changes nothing");
    store.change_batch(taken, change(BatchState::Accepted)).await.expect("its holder has one");
    store.change_batch(taken, change(BatchState::Unknown)).await.expect("also afterwards");
}

async fn a_lease_ends_when_it_is_given_back(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    assert!(!store.has_live_leases(ID).await.unwrap(), "at first it is not worked on");
    let lease = leases(store, ID).await[0];
    assert!(store.has_live_leases(ID).await.unwrap(), "now it is");
    store.renew(lease, Duration::ZERO).await.unwrap();
    assert!(!store.has_live_leases(ID).await.unwrap(), "a lease whose time is over is none");
    store.renew(lease, LONG).await.unwrap();
    store.release(lease).await.expect("a lease is given back");
    assert!(!store.has_live_leases(ID).await.unwrap(), "one that was given back is none");
    assert_eq!(batches(store, ID).await[0].leased, None, "it is free");
    assert!(given(store, LONG, u32::MAX).await.is_some(), "and given to the next who asks");
}

async fn each_of_many_is_given_another(store: Arc<dyn Store>) {
    planned(&*store, campaign(ID), 36).await;
    store.begin(ID, None).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let mut mine = Vec::new();
            while let Some((lease, _)) =
                store.lease(ID, WorkerId(worker), LONG, u32::MAX).await.expect("a batch is leased")
            {
                mine.push(lease.batch);
            }
            mine
        });
    }
    let given: Vec<u32> = tasks.join_all().await.into_iter().flatten().collect();
    let distinct: BTreeSet<u32> = given.iter().copied().collect();
    assert_eq!((given.len(), distinct.len()), (12, 12), "each batch is given once: {given:?}");
}

async fn with_a_new_claim_all_leases_are_over(store: &dyn Store) {
    planned(store, campaign(ID), 4).await;
    leases(store, ID).await;
    assert_eq!(given(store, LONG, u32::MAX).await, None, "everything is leased");
    let claim = store.claim(ID).await.expect("the campaign is claimed");
    let given = given(store, LONG, u32::MAX).await.map(|lease| lease.batch);
    assert_eq!(given, Some(0), "a lease from before a new claim is over");
    drop(claim);
}
