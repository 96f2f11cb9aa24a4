//! Plans: a campaign is prepared and finished.

use std::sync::Arc;

use bsg_rcs_domain::{CampaignId, SealKey};

use super::fixtures::{
    ABSENT, CAP, ID, assert_exists, assert_missing, batches, campaign, campaigns, civil, money,
    plan_end, planned, recipient, recipients, reference, seen, tally,
};
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
    batches_may_have_a_size_of_their_own(&*fresh().await).await;
    what_planning_found_may_be_written_anew(&*fresh().await).await;
    a_campaign_is_carried_to_another_key(&*fresh().await).await;
}

async fn a_new_campaign_is_being_prepared(store: &dyn Store) {
    assert_eq!(store.campaign(ID).await.unwrap(), None, "a fresh store has no campaign");
    let before = store.now().await.unwrap();
    let boasting = CampaignRow {
        created_at: Timestamp(7),
        begun_at: Some(Timestamp(7)),
        state: CampaignState::Planned,
        note: Some("note".into()),
        digest: "digest".into(),
        recipients: 9,
        summary: "summary".into(),
        ..campaign(ID)
    };
    store.create(boasting).await.expect("a new campaign is created");
    let found = store.campaign(ID).await.unwrap().expect("it is there");
    let created_at = found.created_at;
    assert!((before..=store.now().await.unwrap()).contains(&created_at), "created now");
    let expected = CampaignRow { created_at, ..campaign(ID) };
    assert_eq!(found, expected, "a new campaign is being prepared, no matter what its row says");
    store.add_recipients(ID, 0, recipients(0..3)).await.expect("recipients are added");
    store.add_recipients(ID, 3, recipients(3..4)).await.expect("recipients are added");
    let expected = [CampaignRow { recipients: 4, ..expected }];
    let listed = campaigns(store).await;
    assert_eq!(listed, expected, "it is listed as being prepared, with what is written");
    assert_eq!(batches(store, ID).await, [], "and has no batches");
    let rows = tally(store, ID).await;
    assert_eq!(rows.len(), 1, "the recipients of a preparation stand alike");
    assert_eq!((rows[0].outcome, rows[0].count), (Outcome::Pending, 4), "all are pending");
    let again = CampaignRow { name: None, ..campaign(ID) };
    assert_exists(store.create(again).await, "a campaign of the same id");
    assert_eq!(campaigns(store).await, expected, "the first one stays");
}

async fn every_field_comes_back(store: &dyn Store) {
    let full = CampaignRow {
        kind: Kind::Single,
        name: Some("Grüße 'n\" \u{1f600}\n".into()),
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
        let found = store.campaign(row.id).await.unwrap().expect("it is there");
        let expected = CampaignRow { created_at: found.created_at, ..row };
        assert_eq!(found, expected, "a campaign comes back as it was written");
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
        let row = store.campaign(ID).await.unwrap().expect("it is there");
        let found = batches(&*store, ID).await;
        let changed_at = found.first().map_or(row.created_at, |batch| batch.changed_at);
        assert!(changed_at >= row.created_at, "batches are planned after the campaign is created");
        let batch = |(number, (first, count)): (u32, &(u32, u32))| BatchRow {
            number,
            first: *first,
            count: *count,
            state: BatchState::Planned,
            attempts: 0,
            changed_at,
            remotes: Vec::new(),
            note: None,
            worst: None,
            leased: None,
            without_end: *count,
        };
        let expected: Vec<_> = (0..).zip(expected).map(batch).collect();
        assert_eq!(found, expected, "{count} recipients are cut into batches of three");
        let planned = CampaignRow {
            state: CampaignState::Planned,
            recipients: count,
            digest: "digest".into(),
            summary: "summary".into(),
            ..row.clone()
        };
        assert_eq!(row, planned, "a finished plan is planned, with what was found");
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
    store.begin(ID, None).await.unwrap();
    let before = seen(store, ID).await;
    assert_missing(finish(ID, 4).await, "a preparation that is over");
    assert_eq!(seen(store, ID).await, before, "a plan is not finished twice");
}

async fn what_a_batch_may_cost_is_kept(store: &dyn Store) {
    store.create(campaign(ID)).await.unwrap();
    store.add_recipients(ID, 0, recipients(0..4)).await.unwrap();
    let worst = vec![money("0.1500000", "EUR"), money("-170000000000.0000001", "USD")];
    store.finish_plan(ID, PlanEnd { worst: worst.clone(), ..plan_end(4) }).await.unwrap();
    let found: Vec<_> = batches(store, ID).await.iter().map(|row| row.worst).collect();
    assert_eq!(found, worst.into_iter().map(Some).collect::<Vec<_>>(), "each batch has its worst");
}

async fn what_planning_found_may_be_written_anew(store: &dyn Store) {
    assert_missing(store.set_summary(ABSENT, String::new()).await, "the campaign of a summary");
    planned(store, campaign(ID), 1).await;
    store.set_summary(ID, "less".to_owned()).await.expect("it is written");
    let found = store.campaign(ID).await.unwrap().map(|row| row.summary);
    assert_eq!(found.as_deref(), Some("less"), "what was written is found");
}

async fn batches_may_have_a_size_of_their_own(store: &dyn Store) {
    store.create(campaign(ID)).await.unwrap();
    store.add_recipients(ID, 0, recipients(0..5)).await.unwrap();
    store.finish_plan(ID, PlanEnd { batch_size: Some(2), ..plan_end(5) }).await.unwrap();
    let ranges: Vec<_> =
        batches(store, ID).await.iter().map(|row| (row.first, row.count)).collect();
    assert_eq!(ranges, [(0, 2), (2, 2), (4, 1)], "batches are of the size that the plan says");
    let cap = store.campaign(ID).await.unwrap().map(|row| row.batch_cap);
    assert_eq!(cap, Some(2), "and the row says so");
}

async fn a_campaign_is_carried_to_another_key(store: &dyn Store) {
    assert_missing(store.set_account(ABSENT, "key".into()).await, "the campaign of an account");
    planned(store, campaign(ID), 1).await;
    let before = store.campaign(ID).await.unwrap().expect("it is there");
    store.set_account(ID, "another".to_owned()).await.expect("it is carried over");
    let expected = CampaignRow { account: "another".into(), ..before };
    assert_eq!(store.campaign(ID).await.unwrap(), Some(expected), "only its account changes");
}
