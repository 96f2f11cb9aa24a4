//! The same is not sent twice: guards refuse plans and beginnings, also of many at once.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::CampaignId;
use tokio::task::JoinSet;

use super::fixtures::{
    ABSENT, ID, LONG, assert_missing, campaign, later, plan_end, planned, recipients,
};
use crate::error::StoreError;
use crate::rows::{CampaignRow, CampaignState, Guard, PlanEnd};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    what_was_begun_refuses_the_same_plan(&*fresh().await).await;
    what_was_begun_long_ago_refuses_nothing(&*fresh().await).await;
    a_reference_is_planned_once(&*fresh().await).await;
    of_many_that_plan_the_same_one_does(fresh().await).await;
    what_was_begun_refuses_the_same_beginning(&*fresh().await).await;
    of_many_that_begin_the_same_one_does(fresh().await).await;
    a_beginning_makes_a_campaign_sending(&*fresh().await).await;
}

const BEGUN: Guard = Guard::Begun { within: LONG };

fn row(id: u64) -> CampaignRow {
    campaign(CampaignId(id))
}

/// Prepares the same as always, and ends the plan under a guard.
async fn plan(store: &dyn Store, row: CampaignRow, guard: Guard) -> Result<(), StoreError> {
    let id = row.id;
    store.create(row).await.unwrap();
    store.add_recipients(id, 0, recipients(0..1)).await.unwrap();
    store.finish_plan(id, PlanEnd { guard: Some(guard), ..plan_end(1) }).await
}

#[track_caller]
fn assert_same<T: std::fmt::Debug>(answer: &Result<T, StoreError>, id: u64) {
    let refused = matches!(answer, Err(StoreError::Planned(CampaignId(found))) if *found == id);
    assert!(refused, "campaign {id} is the same: {answer:?}");
}

async fn what_was_begun_refuses_the_same_plan(store: &dyn Store) {
    plan(store, row(1), BEGUN).await.expect("the first is planned");
    plan(store, row(2), BEGUN).await.expect("what was not begun refuses nothing");
    store.begin(CampaignId(1), None).await.unwrap();
    for state in [CampaignState::Sending, CampaignState::Paused, CampaignState::Stopped] {
        store.set_state(CampaignId(1), state, None).await.unwrap();
        let id = 10 + state as u64;
        assert_same(&plan(store, row(id), BEGUN).await, 1);
        let left = store.campaign(CampaignId(id)).await.unwrap().map(|row| row.state);
        assert_eq!(left, Some(CampaignState::Preparing), "it goes on being prepared");
    }
    let other = CampaignRow { account: "another".into(), ..row(3) };
    assert_same(&plan(store, other, BEGUN).await, 1);
    let other = CampaignRow { platform: "https://other.example".into(), ..row(4) };
    plan(store, other, BEGUN).await.expect("another platform is another plan");
    let unguarded = store.finish_plan(CampaignId(3), plan_end(1)).await;
    unguarded.expect("without a guard it is planned all the same");
}

async fn what_was_begun_long_ago_refuses_nothing(store: &dyn Store) {
    plan(store, row(1), BEGUN).await.unwrap();
    store.begin(CampaignId(1), None).await.unwrap();
    later(store).await;
    let short = Guard::Begun { within: Duration::ZERO };
    plan(store, row(2), short).await.expect("it was begun before the span");
}

async fn a_reference_is_planned_once(store: &dyn Store) {
    plan(store, row(1), Guard::Reference).await.expect("the first is planned");
    assert_same(&plan(store, row(2), Guard::Reference).await, 1);
    let other = CampaignRow { account: "another".into(), ..row(3) };
    plan(store, other, Guard::Reference).await.expect("another account is another plan");
    let other = CampaignRow { platform: "https://other.example".into(), ..row(4) };
    plan(store, other, Guard::Reference).await.expect("another platform is another plan");
    store.begin(CampaignId(1), None).await.unwrap();
    store.set_state(CampaignId(1), CampaignState::Stopped, None).await.unwrap();
    assert_same(&plan(store, row(5), Guard::Reference).await, 1);
}

async fn of_many_that_plan_the_same_one_does(store: Arc<dyn Store>) {
    let mut tasks = JoinSet::new();
    for id in 0..8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { plan(&*store, row(id), Guard::Reference).await });
    }
    let planned = tasks.join_all().await.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(planned, 1, "of eight that plan the same at once exactly one does");
}

async fn what_was_begun_refuses_the_same_beginning(store: &dyn Store) {
    for id in 1..4 {
        planned(store, row(id), 1).await;
    }
    let begin = async |id, guard| store.begin(CampaignId(id), guard).await;
    begin(1, Some(LONG)).await.expect("the first is begun");
    assert_same(&begin(2, Some(LONG)).await, 1);
    let found = store.campaign(CampaignId(2)).await.unwrap().expect("it is there");
    assert_eq!((found.state, found.begun_at), (CampaignState::Planned, None), "it stays planned");
    begin(1, Some(LONG)).await.expect("one that is begun goes on");
    store.set_state(CampaignId(1), CampaignState::Paused, None).await.unwrap();
    begin(2, None).await.expect("without a guard it is begun all the same");
    begin(1, Some(LONG)).await.expect("one that was begun goes on, beside another");
    later(store).await;
    begin(3, Some(Duration::ZERO)).await.expect("what was begun before the span refuses nothing");
}

async fn of_many_that_begin_the_same_one_does(store: Arc<dyn Store>) {
    let mut tasks = JoinSet::new();
    for id in 0..8 {
        planned(&*store, row(id), 1).await;
    }
    for id in (0..8).map(CampaignId) {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.begin(id, Some(LONG)).await });
    }
    let begun = tasks.join_all().await.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(begun, 1, "of eight that begin the same at once exactly one does");
}

async fn a_beginning_makes_a_campaign_sending(store: &dyn Store) {
    assert_missing(store.begin(ABSENT, None).await, "the campaign that is begun");
    store.create(campaign(ID)).await.unwrap();
    let state = store.begin(ID, None).await.unwrap();
    assert_eq!(state, CampaignState::Preparing, "a preparation is not begun");
    store.add_recipients(ID, 0, recipients(0..1)).await.unwrap();
    store.finish_plan(ID, plan_end(1)).await.unwrap();
    let before = store.now().await.unwrap();
    assert_eq!(store.begin(ID, None).await.unwrap(), CampaignState::Sending, "a plan is");
    let begun_at = store.campaign(ID).await.unwrap().expect("it is there").begun_at;
    let now = store.now().await.unwrap();
    assert!(begun_at.is_some_and(|at| (before..=now).contains(&at)), "begun now: {begun_at:?}");
    later(store).await;
    let words = Some("no funds".to_owned());
    store.set_state(ID, CampaignState::Paused, words).await.unwrap();
    assert_eq!(store.begin(ID, None).await.unwrap(), CampaignState::Sending, "a paused one is");
    let found = store.campaign(ID).await.unwrap().expect("it is there");
    assert_eq!((found.begun_at, found.note), (begun_at, None), "begun once, and no words stay");
    store.set_state(ID, CampaignState::Stopped, None).await.unwrap();
    assert_eq!(store.begin(ID, None).await.unwrap(), CampaignState::Stopped, "a stopped one stays");
}
