//! Batches are cut, and added up.

use std::sync::Arc;

use bsg_rcs_domain::{Amount, CampaignId, Currency, MessageStatus, Money};

use super::fixtures::{
    ABSENT, ID, LONG, assert_missing, batches, campaign, change, leases, money, plan_end, planned,
    recipients, report, seen, settled,
};
use crate::error::StoreError;
use crate::rows::{
    BatchRow, BatchState, BatchSum, BatchSums, CampaignRow, Lease, Outcome, PlanEnd, SendStart,
};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    a_cut_leaves_two_batches(&*fresh().await).await;
    counts_move_with_a_cut(&*fresh().await).await;
    only_what_is_planned_is_cut(&*fresh().await).await;
    batches_are_listed_by_their_first(&*fresh().await).await;
    sums_are_of_every_state(&*fresh().await).await;
    a_sum_that_is_too_large_is_an_error(&*fresh().await).await;
}

fn euro(amount: &str) -> Option<Money> {
    Some(money(amount, "EUR"))
}

async fn a_cut_leaves_two_batches(store: &dyn Store) {
    planned(store, CampaignRow { batch_cap: 10, ..campaign(ID) }, 15).await;
    let lease = leases(store, ID).await[0];
    let before = batches(store, ID).await;
    let kept = store.cut(lease, 4, (euro("0.4"), euro("0.6"))).await.expect("it is cut");
    let found = batches(store, ID).await;
    let (worst, rest_worst) = (euro("0.4"), euro("0.6"));
    let expected = BatchRow { count: 4, worst, without_end: 4, ..before[0].clone() };
    assert_eq!((&kept, &found[0]), (&expected, &expected), "it keeps its first, and its lease");
    let rest = BatchRow {
        number: 2,
        first: 4,
        count: 6,
        worst: rest_worst,
        leased: None,
        without_end: 6,
        changed_at: found[1].changed_at,
        ..before[0].clone()
    };
    assert_eq!(found[1], rest, "the rest is a batch of its own, with the next free number");
    assert_eq!(found[2], before[1], "others stay as they are");
    let start = store.begin_sending(lease, LONG).await.unwrap();
    let SendStart::Recipients(rows) = start else { panic!("sending begins: {start:?}") };
    let indices: Vec<_> = rows.iter().map(|row| row.index).collect();
    assert_eq!(indices, [0, 1, 2, 3], "exactly those that were kept leave");
    let next = leases_of(store).await;
    assert_eq!(next.iter().map(|lease| lease.batch).collect::<Vec<_>>(), [2], "the rest is next");
    store.cut(next[0], 5, (None, None)).await.expect("the rest is cut again");
    let ranges: Vec<_> = batches(store, ID).await.iter().map(range).collect();
    assert_eq!(ranges, [(0, 0, 4), (2, 4, 5), (3, 9, 1), (1, 10, 5)], "by their first recipients");
}

fn range(row: &BatchRow) -> (u32, u32, u32) {
    (row.number, row.first, row.count)
}

async fn leases_of(store: &dyn Store) -> Vec<Lease> {
    leases(store, ID).await
}

async fn counts_move_with_a_cut(store: &dyn Store) {
    planned(store, CampaignRow { batch_cap: 10, ..campaign(ID) }, 10).await;
    store
        .settle(ID, vec![settled(1, Outcome::Rejected), settled(8, Outcome::Rejected)])
        .await
        .unwrap();
    let ended = [2, 9].map(|index| (index, report(1, MessageStatus::Delivered)));
    store.add_reports(ID, ended.to_vec()).await.unwrap();
    let before = sorted(store).await;
    let lease = leases(store, ID).await[0];
    store.cut(lease, 3, (None, None)).await.unwrap();
    assert_eq!(sorted(store).await, before, "a cut changes no count");
    let open: Vec<_> = batches(store, ID).await.iter().map(|row| row.without_end).collect();
    assert_eq!(open, [1, 5], "each batch counts its own");
    store.change_batch(lease, change(BatchState::Accepted)).await.unwrap();
    let accepted: u64 = sorted(store)
        .await
        .iter()
        .filter(|row| row.outcome == Outcome::Accepted)
        .map(|row| row.count)
        .sum();
    assert_eq!(accepted, 3, "two of the first, and one that was told of");
    let late = (4, report(1, MessageStatus::Delivered));
    store.add_reports(ID, vec![late]).await.unwrap();
    let open: Vec<_> = batches(store, ID).await.iter().map(|row| row.without_end).collect();
    assert_eq!(open, [1, 4], "what is told of the rest counts there");
}

async fn sorted(store: &dyn Store) -> Vec<crate::rows::TallyRow> {
    let mut rows = store.tally(ID, LONG).await.unwrap();
    rows.sort_by_cached_key(|row| format!("{row:?}"));
    rows
}

async fn only_what_is_planned_is_cut(store: &dyn Store) {
    planned(store, CampaignRow { batch_cap: 10, ..campaign(ID) }, 10).await;
    let lease = leases(store, ID).await[0];
    let before = seen(store, ID).await;
    for keep in [0, 10, 11, u32::MAX] {
        assert_missing(store.cut(lease, keep, (None, None)).await, "a batch to be cut so");
    }
    let lost = store.cut(Lease { serial: lease.serial + 1, ..lease }, 5, (None, None)).await;
    assert!(matches!(lost, Err(StoreError::LeaseLost { .. })), "another's lease: {lost:?}");
    let of_none = store.cut(Lease { campaign: ABSENT, ..lease }, 5, (None, None)).await;
    assert_missing(of_none, "a batch of no campaign");
    assert_eq!(seen(store, ID).await, before, "a refused cut changes nothing");
    store.begin_sending(lease, LONG).await.unwrap();
    assert_missing(store.cut(lease, 5, (None, None)).await, "a planned batch to be cut");
}

async fn batches_are_listed_by_their_first(store: &dyn Store) {
    planned(store, campaign(ID), 9).await;
    let lease = leases(store, ID).await[0];
    store.cut(lease, 1, (None, None)).await.unwrap();
    for (from, limit, expected) in [
        (0, 9, vec![0, 3, 1, 2]),
        (0, 2, vec![0, 3]),
        (1, 9, vec![3, 1, 2]),
        (2, 9, vec![1, 2]),
        (6, 9, vec![2]),
        (7, 9, vec![]),
        (0, 0, vec![]),
        (u32::MAX, u32::MAX, vec![]),
    ] {
        let found = store.batches(ID, from, limit).await.unwrap();
        let numbers: Vec<_> = found.iter().map(|row| row.number).collect();
        assert_eq!(numbers, expected, "{limit} batches from recipient {from}");
    }
}

async fn sums_are_of_every_state(store: &dyn Store) {
    assert_eq!(store.batch_sums(ABSENT).await.unwrap(), BatchSums::default(), "no campaign");
    store.create(campaign(ID)).await.unwrap();
    store.add_recipients(ID, 0, recipients(0..26)).await.unwrap();
    assert_eq!(store.batch_sums(ID).await.unwrap(), BatchSums::default(), "no batches yet");
    let mut worst = vec![money("0.1", "EUR"); 7];
    worst[1] = money("0.2", "USD");
    store.finish_plan(ID, PlanEnd { worst, ..plan_end(26) }).await.unwrap();
    let leases = leases(store, ID).await;
    let states = [
        BatchState::Accepted,
        BatchState::Accepted,
        BatchState::Accepted,
        BatchState::Held,
        BatchState::Unknown,
        BatchState::Sending,
    ];
    for (lease, state) in leases.iter().zip(states) {
        store.change_batch(*lease, change(state)).await.unwrap();
    }
    let ended = [0, 1, 3].map(|index| (index, report(1, MessageStatus::Failed)));
    store.add_reports(ID, ended.to_vec()).await.unwrap();
    // Three batches are planned still: one of them is given back, and the last has two recipients.
    store.release(leases[6]).await.unwrap();
    let sum = |batches, recipients, without_end, worst: &[(&str, &str)], without_worst| BatchSum {
        batches,
        recipients,
        without_end,
        worst: worst.iter().map(|(amount, currency)| money(amount, currency)).collect(),
        without_worst,
    };
    let expected = BatchSums {
        planned: sum(3, 8, 8, &[("0.1", "EUR")], 2),
        sending: sum(1, 3, 3, &[("0.1", "EUR")], 0),
        accepted: sum(3, 9, 6, &[("0.2", "EUR"), ("0.2", "USD")], 0),
        rejected: BatchSum::default(),
        unknown: sum(1, 3, 3, &[("0.1", "EUR")], 0),
        held: sum(1, 3, 3, &[("0.1", "EUR")], 0),
        planned_and_leased: sum(2, 5, 5, &[], 2),
    };
    let found = store.batch_sums(ID).await.unwrap();
    assert_eq!(found, expected, "each state has its sums, each currency its own");
    assert_eq!(store.snapshot(ID, LONG).await.unwrap().batches, expected, "also in a snapshot");
}

async fn a_sum_that_is_too_large_is_an_error(store: &dyn Store) {
    let greatest = Money::new(Amount::from_ten_millionths(i128::MAX), Currency::EUR);
    store.create(campaign(ID)).await.unwrap();
    store.add_recipients(ID, 0, recipients(0..6)).await.unwrap();
    store.finish_plan(ID, PlanEnd { worst: vec![greatest; 2], ..plan_end(6) }).await.unwrap();
    let sums = store.batch_sums(ID).await;
    assert!(matches!(sums, Err(StoreError::Overflow(_))), "it is not skipped: {sums:?}");
    let id = CampaignId(2);
    planned(store, campaign(id), 6).await;
    store.batch_sums(id).await.expect("another campaign has its own");
}
