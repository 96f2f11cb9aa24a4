//! Many at once: claims exclude each other, the first writer of a setting wins, tasks do not
//! disturb one another, and a dropped call was carried out whole or not at all.

use std::sync::Arc;
use std::task::{Context, Waker};

use bsg_rcs_domain::{CampaignId, MessageStatus, Report, Reports};
use tokio::task::JoinSet;

use super::fixtures::{
    ABSENT, ID, assert_told, called_back, campaign, planned, recipients, report,
};
use crate::error::StoreError;
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    if fresh().await.is_shared() {
        whoever_comes_is_let_in(&*fresh().await).await;
    } else {
        claims_exclude_each_other(&*fresh().await).await;
        of_many_claims_one_is_granted(fresh().await).await;
    }
    the_first_setting_wins(&*fresh().await).await;
    all_agree_on_a_setting(fresh().await).await;
    many_tasks_write_one_set(fresh().await).await;
    readers_see_whole_calls(fresh().await).await;
    a_dropped_call_is_whole_or_nothing(&*fresh().await).await;
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

async fn whoever_comes_is_let_in(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let first = store.claim(ID).await.expect("a campaign is claimed");
    let second = store.claim(ID).await.expect("a shared store lets in whoever comes");
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
