//! Many at once: claims exclude each other, the first writer of a setting wins, tasks do not
//! disturb one another, and a dropped call was carried out whole or not at all.

use std::sync::Arc;
use std::task::{Context, Waker};

use bsg_rcs_domain::{CampaignId, MessageStatus, Report, Reports};
use tokio::task::JoinSet;

use super::fixtures::{
    ABSENT, ID, assert_told, batches, called_back, campaign, leases, planned, recipient,
    recipients, report, settled, tally,
};
use crate::error::StoreError;
use crate::rows::{CampaignRow, Forget, Outcome, TallyRow};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    if fresh().await.is_shared() {
        a_shared_store_grants_every_claim(&*fresh().await).await;
    } else {
        claims_exclude_each_other(&*fresh().await).await;
        of_many_claims_one_is_granted(fresh().await).await;
    }
    the_first_setting_wins(&*fresh().await).await;
    all_agree_on_a_setting(fresh().await).await;
    many_tasks_write_one_set(fresh().await).await;
    readers_see_whole_calls(fresh().await).await;
    a_dropped_call_is_whole_or_nothing(&*fresh().await).await;
    counts_are_of_the_rows_that_are_there(fresh().await).await;
}

async fn claims_exclude_each_other(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let claim = store.claim(ID).await.expect("a free campaign is claimed");
    for _ in 0..2 {
        let second = store.claim(ID).await;
        let refused = matches!(second, Err(StoreError::Claimed(ID)));
        assert!(refused, "while one claim lives, no other is granted: {second:?}");
    }
    let other = store.claim(ABSENT).await.expect("another campaign is free");
    drop(claim);
    let claim = store.claim(ID).await.expect("a claim ends when it is dropped");
    drop(other);
    assert!(store.claim(ID).await.is_err(), "the end of another campaign's claim ends no other");
    drop(claim);
}

async fn a_shared_store_grants_every_claim(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let first = store.claim(ID).await.expect("a campaign is claimed");
    let second = store.claim(ID).await.expect("a shared store grants every claim");
    drop((first, second));
}

async fn of_many_claims_one_is_granted(store: Arc<dyn Store>) {
    for _ in 0..20 {
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let store = Arc::clone(&store);
            tasks.spawn(async move { store.claim(ID).await });
        }
        // All are held until the last has asked.
        let answers = tasks.join_all().await;
        let granted = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(granted, 1, "of eight claims at once exactly one is granted");
    }
}

async fn the_first_setting_wins(store: &dyn Store) {
    for (name, proposed, expected) in [
        ("path", "first", "first"),
        ("path", "second", "first"),
        ("Path", "", ""),
        ("Path", "late", ""),
        ("путь", "ключ 'n\"", "ключ 'n\""),
        ("path", "third", "first"),
    ] {
        let found = store.setting(name, proposed).await.expect("a setting is answered");
        assert_eq!(found, expected, "the first writer of {name:?} wins");
    }
}

async fn all_agree_on_a_setting(store: Arc<dyn Store>) {
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.setting("token", &format!("of task {task}")).await });
    }
    let answers: Vec<_> = tasks.join_all().await.into_iter().map(Result::unwrap).collect();
    let kept = store.setting("token", "late").await.unwrap();
    assert!(answers.iter().all(|answer| *answer == kept), "all agree on {kept:?}: {answers:?}");
}

async fn many_tasks_write_one_set(store: Arc<dyn Store>) {
    planned(&*store, campaign(ID), 1).await;
    let reports: Vec<Report> =
        (0..5).flat_map(|id| MessageStatus::ALL.map(|status| report(id, status))).collect();
    let mut tasks = JoinSet::new();
    for report in reports.clone() {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let called = called_back(ID, 0, report.clone());
            store.keep_callbacks(vec![called]).await.expect("a callback is kept");
            store.add_reports(ID, vec![(0, report)]).await.expect("a report is added");
        });
    }
    tasks.join_all().await;
    let told: Reports = reports.into_iter().collect();
    assert_told(&*store, ID, &told).await;
}

async fn readers_see_whole_calls(store: Arc<dyn Store>) {
    store.create(campaign(ID)).await.unwrap();
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        for first in (0..100).step_by(5) {
            let five = recipients(first..first + 5);
            writer.add_recipients(ID, first, five).await.expect("recipients are added");
        }
    });
    while !writing.is_finished() {
        let found = store.recipients(ID, 0, u32::MAX).await.unwrap().len();
        assert_eq!(found % 5, 0, "a reader sees a call whole or not at all");
        tokio::task::yield_now().await;
    }
    writing.await.expect("the writer was not disturbed");
    assert_eq!(store.recipients(ID, 0, u32::MAX).await.unwrap().len(), 100, "all arrived");
}

async fn a_dropped_call_is_whole_or_nothing(store: &dyn Store) {
    for id in (0..20).map(CampaignId) {
        store.create(campaign(id)).await.unwrap();
        let mut call = store.add_recipients(id, 0, recipients(0..50));
        let _ = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        drop(call);
        let found = store.recipients(id, 0, u32::MAX).await.unwrap().len();
        assert!(found == 0 || found == 50, "a dropped call wrote {found} of 50 recipients");
        // What is written next comes after it, not through the middle of it.
        match store.add_recipients(id, 0, recipients(0..50)).await {
            Ok(()) | Err(StoreError::Exists(_)) => {}
            other => panic!("after a dropped call the store goes on: {other:?}"),
        }
        let found = store.recipients(id, 0, u32::MAX).await.unwrap().len();
        assert_eq!(found, 50, "the recipients are there once");
    }
}

/// Many change the same recipients, and the batches that these are in, at once: in the end what is
/// counted is what stands in the rows.
async fn counts_are_of_the_rows_that_are_there(store: Arc<dyn Store>) {
    const RECIPIENTS: u32 = 60;
    planned(&*store, CampaignRow { batch_cap: 30, ..campaign(ID) }, RECIPIENTS).await;
    let leases = leases(&*store, ID).await;
    let mut tasks = JoinSet::new();
    for (task, lease) in (0_u32..).zip(leases.into_iter().cycle().take(6)) {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            for round in 0..8_u32 {
                let index = (task * 7 + round * 11) % RECIPIENTS;
                let status = MessageStatus::ALL[(index as usize + task as usize) % 12];
                let told = called_back(ID, index, report(u64::from(task), status));
                store.keep_callbacks(vec![told]).await.expect("a callback is kept");
                let rejected = settled((index + 1) % RECIPIENTS, Outcome::Rejected);
                store.settle(ID, vec![rejected]).await.expect("a recipient is settled");
                let forgotten = Forget::Number(recipient((index + 2) % RECIPIENTS).number);
                // An embedded store says that its log is in use by another reader.
                let _ = store.forget(forgotten).await;
                // The batch grows smaller until it cannot be cut any more.
                let _ = store.cut(lease, 28 - round * 3, (None, None)).await;
            }
        });
    }
    tasks.join_all().await;
    let mut expected: Vec<TallyRow> = Vec::new();
    let recipients = store.recipients(ID, 0, u32::MAX).await.unwrap();
    for batch in batches(&*store, ID).await {
        let mut without_end = 0;
        for row in recipients.iter().skip(batch.first as usize).take(batch.count as usize) {
            let reported = row.shown.is_some();
            without_end += u32::from(Outcome::is_without_end(row.outcome, reported, row.ended));
            let alike = TallyRow {
                outcome: Outcome::of(row.outcome, reported, Some(batch.state)),
                shown: row.shown,
                ended: row.ended,
                overdue: false,
                sms: row.sms,
                billed: row.billed.clone(),
                count: 0,
            };
            match expected.iter_mut().find(|row| TallyRow { count: 0, ..(*row).clone() } == alike) {
                Some(row) => row.count += 1,
                None => expected.push(TallyRow { count: 1, ..alike }),
            }
        }
        assert_eq!(batch.without_end, without_end, "of batch {batch:?}");
    }
    expected.sort_by_cached_key(|row| format!("{row:?}"));
    let mut found = tally(&*store, ID).await;
    found.sort_by_cached_key(|row| format!("{row:?}"));
    assert_eq!(found, expected, "what is counted stands in the rows");
}
