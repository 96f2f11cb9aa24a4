//! Plans: a campaign is prepared, finished or discarded, and listed.

use std::sync::Arc;

use bsg_rcs_domain::{CampaignId, SealKey};

use super::fixtures::{
    ABSENT, CAP, ID, assert_exists, assert_missing, campaign, civil, money, plan_end, planned,
    recipient, recipients, reference, report, seen, tally,
};
use crate::error::StoreError;
use crate::rows::{
    BatchRow, BatchState, CampaignRow, CampaignState, Kind, NewRecipient, Outcome, PlanEnd,
    RecipientRow, Timestamp,
};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    a_new_campaign_is_being_prepared(&*fresh().await).await;
    every_field_comes_back(&*fresh().await).await;
    recipients_come_back_in_order(&*fresh().await).await;
    recipients_are_appended_at_the_end_only(&*fresh().await).await;
    batches_are_cut_at_the_cap(fresh).await;
    a_plan_is_finished_once_and_whole(&*fresh().await).await;
    what_a_batch_may_cost_is_kept(&*fresh().await).await;
    the_same_is_planned_once(&*fresh().await).await;
    of_many_that_plan_the_same_one_does(fresh().await).await;
    only_a_preparation_is_discarded(&*fresh().await).await;
    the_youngest_is_listed_first(&*fresh().await).await;
    any_state_may_be_set(&*fresh().await).await;
    what_planning_found_may_be_written_anew(&*fresh().await).await;
}

async fn a_new_campaign_is_being_prepared(store: &dyn Store) {
    assert_eq!(store.campaign(ID).await.unwrap(), None, "a fresh store has no campaign");
    let boasting = CampaignRow {
        state: CampaignState::Planned,
        digest: "digest".into(),
        recipients: 9,
        summary: "summary".into(),
        ..campaign(ID)
    };
    store.create(boasting).await.expect("a new campaign is created");
    let expected = Some(campaign(ID));
    let found = store.campaign(ID).await.unwrap();
    assert_eq!(found, expected, "a new campaign is being prepared, whatever its row says");
    store.add_recipients(ID, 0, recipients(0..4)).await.expect("recipients are added");
    let listed = store.campaigns().await.unwrap();
    assert_eq!(listed, [campaign(ID)], "until it is finished, it is listed as being prepared");
    assert_eq!(store.batches(ID).await.unwrap(), [], "and has no batches");
    let rows = tally(store, ID).await;
    assert_eq!(rows.len(), 1, "the recipients of a preparation stand alike");
    assert_eq!((rows[0].outcome, rows[0].count), (Outcome::Pending, 4), "all are pending");
    let again = CampaignRow { name: None, ..campaign(ID) };
    assert_exists(store.create(again).await, "a campaign of the same id");
    assert_eq!(store.campaigns().await.unwrap(), [campaign(ID)], "the first one stays");
}

async fn every_field_comes_back(store: &dyn Store) {
    let full = CampaignRow {
        kind: Kind::Single,
        name: Some("Grüße 'n\" \u{1f600}\n".into()),
        created_at: Timestamp(i64::MIN),
        key: SealKey::from_bytes([0xff; 16]),
        platform: "p".into(),
        account: "a".into(),
        message: "{\"text\":\"Привіт\"}".into(),
        alternative_channel: true,
        start_at: Some(civil("2024-08-22 11:47:42")),
        batch_cap: 5000,
        ..campaign(CampaignId(u64::MAX))
    };
    let bare = CampaignRow {
        name: None,
        created_at: Timestamp(i64::MAX),
        key: SealKey::from_bytes([0; 16]),
        platform: String::new(),
        account: String::new(),
        message: String::new(),
        batch_cap: 1,
        ..campaign(CampaignId(0))
    };
    let unnamed = CampaignRow { name: Some(String::new()), ..campaign(ID) };
    for row in [full, bare, unnamed] {
        store.create(row.clone()).await.expect("a new campaign is created");
        let found = store.campaign(row.id).await.unwrap();
        assert_eq!(found, Some(row), "a campaign comes back as it was written");
    }
}

async fn recipients_come_back_in_order(store: &dyn Store) {
    store.create(campaign(ID)).await.unwrap();
    let labelled = NewRecipient { label: Some("Kunde 7 🙂".into()), ..recipient(0) };
    let unlabelled = NewRecipient { label: Some(String::new()), ..recipient(1) };
    let own = NewRecipient { reference: Some(reference("Order7")), ..recipient(2) };
    let all = vec![labelled, unlabelled, own, recipient(3), recipient(4)];
    store.add_recipients(ID, 0, all[..2].to_vec()).await.expect("the first are added");
    store.add_recipients(ID, 2, Vec::new()).await.expect("none are added");
    store.add_recipients(ID, 2, all[2..].to_vec()).await.expect("the others are added");
    let row = |(index, new): (u32, NewRecipient)| {
        let NewRecipient { number, label, reference } = new;
        RecipientRow {
            index,
            number: Some(number),
            label,
            reference,
            outcome: None,
            note: None,
            shown: None,
            ended: false,
            sms: false,
            billed: Vec::new(),
        }
    };
    let rows: Vec<_> = (0..).zip(all).map(row).collect();
    for (first, count, expected) in [
        (0, u32::MAX, &rows[..]),
        (0, 2, &rows[..2]),
        (1, 3, &rows[1..4]),
        (4, 9, &rows[4..]),
        (5, 1, &[]),
        (u32::MAX, u32::MAX, &[]),
        (0, 0, &[]),
    ] {
        let found = store.recipients(ID, first, count).await.unwrap();
        assert_eq!(found, expected, "{count} recipients from {first} come back in order");
    }
    assert_eq!(store.recipients(ABSENT, 0, 9).await.unwrap(), [], "no campaign, no recipients");
}

async fn recipients_are_appended_at_the_end_only(store: &dyn Store) {
    let to_none = store.add_recipients(ABSENT, 0, recipients(0..1)).await;
    assert_missing(to_none, "the campaign that recipients are added to");
    store.create(campaign(ID)).await.unwrap();
    let behind = store.add_recipients(ID, 1, recipients(1..2)).await;
    assert_missing(behind, "the recipient before the first that is added");
    store.add_recipients(ID, 0, recipients(0..2)).await.unwrap();
    let twice = store.add_recipients(ID, 1, recipients(1..4)).await;
    assert_exists(twice, "a recipient that is added twice");
    let found = store.recipients(ID, 0, 9).await.unwrap().len();
    assert_eq!(found, 2, "a refused call adds no recipient");
    store.finish_plan(ID, plan_end(2)).await.unwrap();
    let late = store.add_recipients(ID, 2, recipients(2..3)).await;
    assert_missing(late, "a preparation that is over");
    assert_eq!(store.recipients(ID, 0, 9).await.unwrap().len(), 2, "and nothing was added");
}

async fn batches_are_cut_at_the_cap(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    assert_eq!(CAP, 3, "the expected batches below are of three");
    let cases: [(u32, &[(u32, u32)]); 5] = [
        (0, &[]),
        (1, &[(0, 1)]),
        (3, &[(0, 3)]),
        (4, &[(0, 3), (3, 1)]),
        (8, &[(0, 3), (3, 3), (6, 2)]),
    ];
    for (count, expected) in cases {
        let store = fresh().await;
        planned(&*store, campaign(ID), count).await;
        let batch = |(number, (first, count)): (u32, &(u32, u32))| BatchRow {
            number,
            first: *first,
            count: *count,
            state: BatchState::Planned,
            attempts: 0,
            changed_at: campaign(ID).created_at,
            remotes: Vec::new(),
            note: None,
            worst: None,
            leased: None,
        };
        let expected: Vec<_> = (0..).zip(expected).map(batch).collect();
        let found = store.batches(ID).await.unwrap();
        assert_eq!(found, expected, "{count} recipients are cut into batches of three");
        let planned = CampaignRow {
            state: CampaignState::Planned,
            recipients: count,
            digest: "digest".into(),
            summary: "summary".into(),
            ..campaign(ID)
        };
        let found = store.campaign(ID).await.unwrap();
        assert_eq!(found, Some(planned), "a finished plan is planned, with what was found");
    }
}

async fn a_plan_is_finished_once_and_whole(store: &dyn Store) {
    let finish = |id, count| store.finish_plan(id, plan_end(count));
    assert_missing(finish(ABSENT, 0).await, "the campaign whose plan is finished");
    store.create(campaign(ID)).await.unwrap();
    store.add_recipients(ID, 0, recipients(0..4)).await.unwrap();
    let before = seen(store, ID).await;
    assert_missing(finish(ID, 5).await, "a recipient that was counted and never written");
    assert_exists(finish(ID, 3).await, "a recipient that was written and not counted");
    assert_eq!(seen(store, ID).await, before, "a refused end leaves the preparation as it was");
    finish(ID, 4).await.expect("the right count ends the preparation");
    store.set_state(ID, CampaignState::Sending).await.unwrap();
    let before = seen(store, ID).await;
    assert_missing(finish(ID, 4).await, "a preparation that is over");
    assert_eq!(seen(store, ID).await, before, "a plan is not finished twice");
}

async fn what_a_batch_may_cost_is_kept(store: &dyn Store) {
    store.create(campaign(ID)).await.unwrap();
    store.add_recipients(ID, 0, recipients(0..4)).await.unwrap();
    let worst = vec![money("0.1500000", "EUR"), money("-170000000000.0000001", "USD")];
    store.finish_plan(ID, PlanEnd { worst: worst.clone(), ..plan_end(4) }).await.unwrap();
    let found: Vec<_> = store.batches(ID).await.unwrap().iter().map(|row| row.worst).collect();
    assert_eq!(found, worst.into_iter().map(Some).collect::<Vec<_>>(), "each batch has its worst");
}

/// Prepares the same as always at this moment, and ends the plan unless it was planned since 100.
async fn plan_again(store: &dyn Store, row: CampaignRow) -> Result<(), StoreError> {
    let id = row.id;
    store.create(row).await.unwrap();
    store.add_recipients(id, 0, recipients(0..1)).await.unwrap();
    let end = PlanEnd { unless_since: Some(Timestamp(100)), ..plan_end(1) };
    store.finish_plan(id, end).await
}

async fn the_same_is_planned_once(store: &dyn Store) {
    let row = |id, created_at| CampaignRow {
        created_at: Timestamp(created_at),
        ..campaign(CampaignId(id))
    };
    plan_again(store, row(1, 99)).await.expect("the first is planned");
    plan_again(store, row(2, 100)).await.expect("what was planned before that is long ago");
    let other = CampaignRow { platform: "https://other.example".into(), ..row(3, 101) };
    plan_again(store, other).await.expect("another platform is another plan");
    let other = CampaignRow { account: "another".into(), ..row(4, 101) };
    plan_again(store, other).await.expect("another account is another plan");
    let same = plan_again(store, row(5, 102)).await;
    assert!(matches!(same, Err(StoreError::Planned(CampaignId(2)))), "the same: {same:?}");
    let left = store.campaign(CampaignId(5)).await.unwrap().map(|row| row.state);
    assert_eq!(left, Some(CampaignState::Preparing), "what is refused goes on being prepared");
    store.finish_plan(CampaignId(5), plan_end(1)).await.expect("asked for, it is planned again");
}

async fn of_many_that_plan_the_same_one_does(store: Arc<dyn Store>) {
    let mut tasks = tokio::task::JoinSet::new();
    for id in 0..8 {
        let store = Arc::clone(&store);
        let row = CampaignRow { created_at: Timestamp(200), ..campaign(CampaignId(id)) };
        tasks.spawn(async move { plan_again(&*store, row).await });
    }
    let planned = tasks.join_all().await.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(planned, 1, "of eight that plan the same at once exactly one does");
}

async fn only_a_preparation_is_discarded(store: &dyn Store) {
    store.discard(ABSENT).await.expect("discarding nothing is no error");
    store.create(campaign(ID)).await.unwrap();
    store.add_recipients(ID, 0, recipients(0..4)).await.unwrap();
    let early = (0, report(1, bsg_rcs_domain::MessageStatus::Sent));
    store.add_reports(ID, vec![early]).await.unwrap();
    store.discard(ID).await.expect("a preparation is discarded");
    assert_eq!(store.campaign(ID).await.unwrap(), None, "what was discarded is gone");
    store.create(campaign(ID)).await.expect("its id is free again");
    assert_eq!(store.recipients(ID, 0, 9).await.unwrap(), [], "its recipients are gone");
    assert!(store.reports(ID, 0).await.unwrap().is_empty(), "its reports are gone");
    store.discard(ID).await.unwrap();
    planned(store, campaign(ID), 4).await;
    for state in [CampaignState::Planned, CampaignState::Sending, CampaignState::Stopped] {
        store.set_state(ID, state).await.unwrap();
        let before = seen(store, ID).await;
        store.discard(ID).await.expect("discarding what is not being prepared is no error");
        assert_eq!(seen(store, ID).await, before, "a campaign in {state:?} is not discarded");
    }
}

async fn the_youngest_is_listed_first(store: &dyn Store) {
    assert_eq!(store.campaigns().await.unwrap(), [], "a fresh store lists nothing");
    for (id, created_at) in [(5, 20), (9, 30), (1, 10), (u64::MAX, -5)] {
        let created_at = Timestamp(created_at);
        store.create(CampaignRow { created_at, ..campaign(CampaignId(id)) }).await.unwrap();
    }
    let listed: Vec<_> = store.campaigns().await.unwrap().iter().map(|row| row.id.0).collect();
    assert_eq!(listed, [9, 5, 1, u64::MAX], "campaigns are listed with the youngest first");
}

async fn what_planning_found_may_be_written_anew(store: &dyn Store) {
    assert_missing(store.set_summary(ABSENT, String::new()).await, "the campaign of a summary");
    planned(store, campaign(ID), 1).await;
    store.set_summary(ID, "less".to_owned()).await.expect("it is written");
    let found = store.campaign(ID).await.unwrap().map(|row| row.summary);
    assert_eq!(found.as_deref(), Some("less"), "what was written is found");
}

async fn any_state_may_be_set(store: &dyn Store) {
    let missing = store.set_state(ABSENT, CampaignState::Done).await;
    assert_missing(missing, "the campaign whose state is set");
    planned(store, campaign(ID), 1).await;
    let other = CampaignId(2);
    planned(store, campaign(other), 1).await;
    for (set, expected) in [
        (CampaignState::Done, CampaignState::Done),
        (CampaignState::Paused, CampaignState::Paused),
        (CampaignState::Sending, CampaignState::Sending),
        (CampaignState::Planned, CampaignState::Planned),
        (CampaignState::Preparing, CampaignState::Preparing),
        (CampaignState::Stopped, CampaignState::Stopped),
        (CampaignState::Sending, CampaignState::Stopped),
        (CampaignState::Done, CampaignState::Stopped),
    ] {
        let now = store.set_state(ID, set).await.expect("a store does not judge a change of state");
        assert_eq!(now, expected, "what was set is so, but what was stopped stays stopped");
        let found = store.campaign(ID).await.unwrap().map(|row| row.state);
        assert_eq!(found, Some(expected), "the state that was answered is the one that is found");
    }
    let found = store.campaign(other).await.unwrap().map(|row| row.state);
    assert_eq!(found, Some(CampaignState::Planned), "another campaign's state stays");
}
