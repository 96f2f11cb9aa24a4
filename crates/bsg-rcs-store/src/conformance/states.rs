//! Where campaigns stand: the states that they may be in, why, and how they are listed.

use std::sync::Arc;

use bsg_rcs_domain::CampaignId;

use super::fixtures::{
    ABSENT, ID, LONG, assert_missing, batches, campaign, campaigns, change, later, leases,
    plan_end, planned, recipients,
};
use crate::rows::{BatchState, CampaignFilter, CampaignRow, CampaignState, Kind};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    a_state_follows_its_rule(&*fresh().await).await;
    words_go_with_the_state(&*fresh().await).await;
    what_is_held_is_reopened(&*fresh().await).await;
    the_youngest_is_listed_first(&*fresh().await).await;
    a_list_has_pages(&*fresh().await).await;
    the_clock_moves_on(&*fresh().await).await;
}

/// A campaign in a state, with open batches or without.
async fn campaign_in(store: &dyn Store, id: CampaignId, state: CampaignState, has_open: bool) {
    store.create(campaign(id)).await.unwrap();
    if state == CampaignState::Preparing {
        return;
    }
    let count = u32::from(has_open);
    store.add_recipients(id, 0, recipients(0..count)).await.unwrap();
    store.finish_plan(id, plan_end(count)).await.unwrap();
    let now = store.set_state(id, state, None).await.unwrap();
    assert_eq!(now, state, "a plan may become {state:?}");
}

async fn a_state_follows_its_rule(store: &dyn Store) {
    for wished in CampaignState::ALL {
        assert_missing(store.set_state(ABSENT, wished, None).await, "the campaign of a state");
    }
    let of_each = |from| CampaignState::ALL.map(|wished| (from, wished));
    let pairs = CampaignState::ALL.into_iter().flat_map(of_each);
    let cases = pairs.flat_map(|(from, wished)| [(from, wished, true), (from, wished, false)]);
    for (number, (from, wished, has_open)) in (1..).zip(cases) {
        if (from, has_open) == (CampaignState::Done, true) {
            continue;
        }
        let id = CampaignId(number);
        campaign_in(store, id, from, has_open).await;
        let before = store.campaign(id).await.unwrap().expect("it is there");
        let words = Some("words".to_owned());
        let now = store.set_state(id, wished, words.clone()).await.unwrap();
        let expected = from.after(wished, has_open);
        assert_eq!(now, expected, "{from:?} to {wished:?}, open batches: {has_open}");
        let found = store.campaign(id).await.unwrap().expect("it is there");
        let begun_at = found.begun_at;
        assert!(begun_at.is_some() || now != CampaignState::Sending, "sending is begun");
        let is_heard = from.grants(wished, has_open);
        let note = words.filter(|_| is_heard && now != CampaignState::Sending);
        let expected = CampaignRow { state: now, note, begun_at, ..before };
        assert_eq!(found, expected, "from {from:?} to {wished:?}");
    }
}

async fn words_go_with_the_state(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    for (state, words, expected) in [
        (CampaignState::Paused, Some("no funds"), Some("no funds")),
        (CampaignState::Done, Some("not yet"), Some("no funds")),
        (CampaignState::Paused, Some("no agent"), Some("no agent")),
        (CampaignState::Paused, None, None),
        (CampaignState::Paused, Some("again"), Some("again")),
        (CampaignState::Sending, Some("not now"), None),
        (CampaignState::Stopped, Some("by ann"), Some("by ann")),
        (CampaignState::Stopped, Some("by ben"), Some("by ann")),
    ] {
        store.set_state(ID, state, words.map(str::to_owned)).await.unwrap();
        let note = store.campaign(ID).await.unwrap().and_then(|row| row.note);
        assert_eq!(note.as_deref(), expected, "{state:?} with {words:?}");
    }
}

async fn what_is_held_is_reopened(store: &dyn Store) {
    assert_eq!(store.reopen(ABSENT).await.unwrap(), 0, "no campaign, nothing held");
    planned(store, campaign(ID), 9).await;
    let leases = leases(store, ID).await;
    let states = [BatchState::Held, BatchState::Accepted, BatchState::Held];
    for (lease, state) in leases.iter().zip(states) {
        store.begin_sending(*lease, LONG).await.unwrap();
        store.change_batch(*lease, change(state)).await.unwrap();
    }
    let changed: Vec<_> = batches(store, ID).await.iter().map(|row| row.changed_at).collect();
    later(store).await;
    let words = Some("2 batches are held".to_owned());
    let done = store.set_state(ID, CampaignState::Done, words).await.unwrap();
    assert_eq!(done, CampaignState::Done, "what is held is not open");
    assert_eq!(store.reopen(ID).await.unwrap(), 2, "what is held is counted");
    let found = store.campaign(ID).await.unwrap().expect("it is there");
    let expected = (CampaignState::Sending, None);
    assert_eq!((found.state, found.note), expected, "with it, what was done goes on");
    assert_eq!(store.reopen(ID).await.unwrap(), 0, "and held no more");
    let rows = batches(store, ID).await;
    let found: Vec<_> = rows.iter().map(|row| (row.state, row.attempts)).collect();
    let unknown = (BatchState::Unknown, 0);
    assert_eq!(
        found,
        [unknown, (BatchState::Accepted, 1), unknown],
        "only what is held is unknown"
    );
    let since: Vec<_> = rows.iter().map(|row| row.changed_at).collect();
    assert_eq!(since, changed, "since when, stays");
    store.set_state(ID, CampaignState::Stopped, None).await.unwrap();
    assert_eq!(store.reopen(ID).await.unwrap(), 0);
    let stopped = store.campaign(ID).await.unwrap().map(|row| row.state);
    assert_eq!(stopped, Some(CampaignState::Stopped), "what is stopped stays so");
}

async fn the_youngest_is_listed_first(store: &dyn Store) {
    assert_eq!(campaigns(store).await, [], "a fresh store lists nothing");
    for id in [5, 9, 1, u64::MAX] {
        store.create(campaign(CampaignId(id))).await.unwrap();
        later(store).await;
    }
    let listed: Vec<_> = campaigns(store).await.iter().map(|row| row.id.0).collect();
    assert_eq!(listed, [u64::MAX, 1, 9, 5], "campaigns are listed with the youngest first");
}

async fn a_list_has_pages(store: &dyn Store) {
    for id in 0..25 {
        let id = CampaignId(if id % 5 == 0 { u64::MAX - id } else { id });
        let kind = if id.0.is_multiple_of(3) { Kind::Single } else { Kind::Campaign };
        let row = CampaignRow { kind, ..campaign(id) };
        if id.0.is_multiple_of(2) {
            store.create(row).await.unwrap()
        } else {
            planned(store, row, 1).await
        }
    }
    let everything = campaigns(store).await;
    assert_eq!(everything.len(), 25, "all are listed");
    for (kinds, states) in [
        (vec![Kind::Campaign, Kind::Single], CampaignState::ALL.to_vec()),
        (vec![Kind::Single], CampaignState::ALL.to_vec()),
        (vec![Kind::Campaign], vec![CampaignState::Planned, CampaignState::Done]),
        (vec![Kind::Campaign], vec![]),
        (vec![], CampaignState::ALL.to_vec()),
    ] {
        let mut filter = CampaignFilter { kinds, states, before: None, limit: 4 };
        let expected: Vec<_> =
            everything.iter().filter(|row| filter.contains(row)).cloned().collect();
        let mut found = Vec::new();
        loop {
            let page = store.campaigns(filter.clone()).await.unwrap();
            assert!(page.len() <= 4, "a page has no more than its limit");
            let Some(last) = page.last() else { break };
            filter.before = Some((last.created_at, last.id));
            found.extend(page);
        }
        assert_eq!(found, expected, "all pages of {filter:?}");
    }
}

async fn the_clock_moves_on(store: &dyn Store) {
    let now = store.now().await.expect("the store has a clock");
    assert!(later(store).await > now, "the clock moves on");
}
