//! What is never sent is removed, whole, and what its planner left behind is found.

use std::sync::Arc;

use bsg_rcs_domain::{CampaignId, MessageStatus};

use super::fixtures::{
    ABSENT, ID, LONG, WORKER, assert_missing, campaign, change, planned, recipients, report, seen,
};
use crate::rows::{BatchState, CampaignState, PRUNED_AT_ONCE};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    what_is_prepared_is_discarded(&*fresh().await).await;
    what_is_planned_is_discarded(&*fresh().await).await;
    what_was_begun_is_not_discarded(&*fresh().await).await;
    more_goes_than_fits_into_one_transaction(&*fresh().await).await;
    if fresh().await.is_shared() {
        a_preparation_of_now_is_not_abandoned(&*fresh().await).await;
    } else {
        a_preparation_without_a_claim_is_abandoned(&*fresh().await).await;
    }
}

async fn assert_gone(store: &dyn Store, id: CampaignId) {
    assert_eq!(store.campaign(id).await.unwrap(), None, "what was discarded is gone");
    assert_eq!(store.batches(id, 0, 9).await.unwrap(), [], "its batches are gone");
    assert_eq!(store.tally(id, LONG).await.unwrap(), [], "its counts are gone");
    store.create(campaign(id)).await.expect("its id is free again");
    assert_eq!(store.recipients(id, 0, 9).await.unwrap(), [], "its recipients are gone");
    assert!(store.reports(id, 0).await.unwrap().is_empty(), "its reports are gone");
    assert_eq!(store.tally(id, LONG).await.unwrap(), [], "nothing is counted twice");
}

async fn what_is_prepared_is_discarded(store: &dyn Store) {
    assert!(!store.discard(ABSENT).await.unwrap(), "there is nothing to discard");
    store.create(campaign(ID)).await.unwrap();
    store.add_recipients(ID, 0, recipients(0..4)).await.unwrap();
    let early = (0, report(1, MessageStatus::Sent));
    store.add_reports(ID, vec![early]).await.unwrap();
    let other = CampaignId(2);
    planned(store, campaign(other), 4).await;
    let before = seen(store, other).await;
    assert!(store.discard(ID).await.unwrap(), "a preparation is discarded");
    assert_gone(store, ID).await;
    assert_eq!(seen(store, other).await, before, "another campaign stays");
    assert!(store.discard(ID).await.unwrap(), "an empty preparation is discarded");
    let late = store.add_recipients(ID, 0, recipients(0..1)).await;
    assert_missing(late, "a preparation that was discarded");
}

async fn what_is_planned_is_discarded(store: &dyn Store) {
    planned(store, campaign(ID), 7).await;
    assert!(store.discard(ID).await.unwrap(), "a plan of which nothing was sent is discarded");
    assert_gone(store, ID).await;
}

async fn what_was_begun_is_not_discarded(store: &dyn Store) {
    planned(store, campaign(ID), 4).await;
    for state in [CampaignState::Sending, CampaignState::Paused, CampaignState::Stopped] {
        store.set_state(ID, state, None).await.unwrap();
        let before = seen(store, ID).await;
        assert!(!store.discard(ID).await.unwrap(), "what is {state:?} is not discarded");
        assert_eq!(seen(store, ID).await, before, "a campaign in {state:?} stays");
    }
    let done = CampaignId(2);
    planned(store, campaign(done), 1).await;
    store.begin(done, None).await.unwrap();
    let (lease, _) = store.lease(done, WORKER, LONG, 1).await.unwrap().expect("it is leased");
    store.begin_sending(lease, LONG).await.unwrap();
    store.change_batch(lease, change(BatchState::Accepted)).await.unwrap();
    store.set_state(done, CampaignState::Done, None).await.unwrap();
    assert!(!store.discard(done).await.unwrap(), "what was sent is not discarded");
}

async fn more_goes_than_fits_into_one_transaction(store: &dyn Store) {
    store.create(campaign(ID)).await.unwrap();
    let count = PRUNED_AT_ONCE * 2 + 1;
    store.add_recipients(ID, 0, recipients(0..count)).await.unwrap();
    assert!(store.discard(ID).await.unwrap(), "it is discarded");
    assert_gone(store, ID).await;
}

async fn a_preparation_without_a_claim_is_abandoned(store: &dyn Store) {
    let claim = store.claim(ID).await.expect("a planner claims its campaign first");
    store.create(campaign(ID)).await.unwrap();
    planned(store, campaign(CampaignId(2)), 1).await;
    assert_eq!(store.abandoned().await.unwrap(), [], "its planner lives");
    drop(claim);
    assert_eq!(store.abandoned().await.unwrap(), [ID], "its planner is dead");
    let _claim = store.claim(ID).await.expect("to ask claims nothing");
    assert_eq!(store.abandoned().await.unwrap(), [], "another took it over");
}

async fn a_preparation_of_now_is_not_abandoned(store: &dyn Store) {
    store.create(campaign(ID)).await.unwrap();
    store.add_recipients(ID, 0, recipients(0..4)).await.unwrap();
    assert_eq!(store.abandoned().await.unwrap(), [], "something was written to it just now");
}
