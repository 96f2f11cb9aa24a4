//! Numbers and bodies that are removed: counts, statuses and money stay.

use std::sync::Arc;

use bsg_rcs_domain::{CampaignId, MessageStatus, Msisdn};

use super::fixtures::{
    ID, batches, called_back, campaign, change, later, leases, money, plan_end, planned, priced,
    recipient, reference, report, settled, tally,
};
use crate::error::StoreError;
use crate::rows::{
    BatchChange, BatchState, CampaignState, Forget, NewRecipient, Outcome, PRUNED_AT_ONCE,
    Received, Settled, Verdict,
};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    a_forgotten_number_is_nowhere(&*fresh().await).await;
    what_was_not_sent_yet_is_not_sent_any_more(&*fresh().await).await;
    what_is_told_of_the_forgotten_counts(&*fresh().await).await;
    what_is_judged_to_be_of_the_forgotten_is_emptied(&*fresh().await).await;
    what_is_old_is_removed(&*fresh().await).await;
    numbers_of_a_preparation_are_forgotten(&*fresh().await).await;
}

fn number(index: u32) -> Msisdn {
    recipient(index).number
}

/// Whether a body is kept that holds this number.
async fn is_kept(store: &dyn Store, number: Msisdn) -> bool {
    let digits = number.as_u64().to_string();
    let bodies = store.bodies(0, u32::MAX).await.unwrap();
    bodies.iter().any(|one| String::from_utf8_lossy(&one.body).contains(&digits))
}

/// A callback whose body holds the number of a recipient.
fn with_number(mut received: Received, index: u32) -> Received {
    received.body = format!("{{\"msisdn\": \"{}\"}}", number(index).as_u64()).into_bytes();
    received
}

async fn a_forgotten_number_is_nowhere(store: &dyn Store) {
    let other = CampaignId(2);
    for id in [ID, other] {
        store.create(campaign(id)).await.unwrap();
        let named = |index| NewRecipient {
            label: Some(format!("label {index}")),
            reference: Some(reference(&format!("own{index}"))),
            ..recipient(index)
        };
        store.add_recipients(id, 0, (0..4).map(named).collect()).await.unwrap();
        store.finish_plan(id, plan_end(4)).await.unwrap();
        for lease in leases(store, id).await {
            let words = format!("{} is odd", number(1).as_u64());
            let told = BatchChange { note: Some(words), ..change(BatchState::Accepted) };
            store.change_batch(lease, told).await.unwrap();
        }
        let words = Some(format!("{} is odd", number(1).as_u64()));
        store.set_state(id, CampaignState::Paused, words).await.unwrap();
        let words = Settled { note: Some("odd".into()), ..settled(1, Outcome::Accepted) };
        store.settle(id, vec![words]).await.unwrap();
        let paid = |index| with_number(called_back(id, index, priced(7, money("1", "EUR"))), index);
        store.keep_callbacks((0..3).map(paid).collect()).await.unwrap();
    }
    let aside = Verdict::SetAside { why: "foreign".into() };
    let aside = Received { verdict: aside, ..called_back(ID, 0, report(1, MessageStatus::Sent)) };
    store.keep_callbacks(vec![with_number(aside, 1)]).await.unwrap();
    let before = tally(store, ID).await;

    assert_eq!(store.forget(Forget::Number(number(1))).await.unwrap(), 2, "in two campaigns");
    assert_eq!(store.forget(Forget::Number(number(1))).await.unwrap(), 0, "it is forgotten");
    for id in [ID, other] {
        let rows = store.recipients(id, 0, 9).await.unwrap();
        let known: Vec<_> = rows.iter().map(|row| row.number).collect();
        assert_eq!(known, [Some(number(0)), None, Some(number(2)), Some(number(3))]);
        let forgotten = &rows[1];
        let names = (&forgotten.label, forgotten.reference, &forgotten.note);
        assert_eq!(names, (&None, None, &None), "with what names it");
        let notes: Vec<_> =
            batches(store, id).await.into_iter().map(|row| row.note.unwrap()).collect();
        assert!(notes.iter().all(|note| note == "(forgotten) is odd"), "{notes:?}");
        let note = store.campaign(id).await.unwrap().and_then(|row| row.note);
        assert_eq!(note.as_deref(), Some("(forgotten) is odd"), "nor do words of the campaign");
        assert_eq!(forgotten.shown, Some(MessageStatus::Delivered), "its status stays");
        assert_eq!(store.reports(id, 1).await.unwrap().iter().count(), 1, "its reports stay");
    }
    assert_eq!(store.owners(vec![reference("own1")]).await.unwrap(), [None]);
    assert!(!is_kept(store, number(1)).await, "no body holds it");
    assert!(is_kept(store, number(0)).await, "bodies of others stay");
    let mut after = tally(store, ID).await;
    after.sort_by_key(|row| (row.shown, row.count));
    let mut expected = before;
    expected.sort_by_key(|row| (row.shown, row.count));
    assert_eq!(after, expected, "counts and money stay");

    assert_eq!(store.forget(Forget::Campaign(ID)).await.unwrap(), 3, "those that are left");
    assert!(store.recipients(ID, 0, 9).await.unwrap().iter().all(|row| row.number.is_none()));
    assert!(batches(store, ID).await.iter().all(|row| row.note.is_none()), "no words");
    assert_eq!(store.campaign(ID).await.unwrap().and_then(|row| row.note), None);
    let others = store.recipients(other, 0, 9).await.unwrap();
    assert!(others.iter().filter(|row| row.number.is_some()).count() == 3, "another's stay");
    assert_eq!(store.forget(Forget::Campaign(CampaignId(404))).await.unwrap(), 0);
}

async fn what_was_not_sent_yet_is_not_sent_any_more(store: &dyn Store) {
    let states = [
        (BatchState::Planned, Some(Outcome::Rejected)),
        (BatchState::Sending, Some(Outcome::Undetermined)),
        (BatchState::Unknown, Some(Outcome::Undetermined)),
        (BatchState::Accepted, None),
        (BatchState::Rejected, None),
        (BatchState::Held, Some(Outcome::Undetermined)),
    ];
    planned(store, campaign(ID), 18).await;
    let leases = leases(store, ID).await;
    for (lease, (state, _)) in leases.iter().zip(states) {
        store.change_batch(*lease, change(state)).await.unwrap();
    }
    // In each batch: one of which nothing is known, one that was settled, one that was told of.
    for batch in 0..6 {
        let own = settled(batch * 3 + 1, Outcome::Accepted);
        store.settle(ID, vec![own]).await.unwrap();
        let told = (batch * 3 + 2, report(1, MessageStatus::Sent));
        store.add_reports(ID, vec![told]).await.unwrap();
    }
    store.forget(Forget::Campaign(ID)).await.unwrap();
    let rows = store.recipients(ID, 0, 18).await.unwrap();
    for (three, (state, expected)) in rows.chunks(3).zip(states) {
        let outcomes: Vec<_> = three.iter().map(|row| row.outcome).collect();
        assert_eq!(
            outcomes,
            [expected, Some(Outcome::Accepted), None],
            "in a batch that is {state:?}"
        );
    }
}

async fn what_is_told_of_the_forgotten_counts(store: &dyn Store) {
    planned(store, campaign(ID), 2).await;
    store.forget(Forget::Number(number(0))).await.unwrap();
    let told = [0, 1].map(|index| {
        with_number(called_back(ID, index, report(7, MessageStatus::Delivered)), index)
    });
    store.keep_callbacks(told.to_vec()).await.unwrap();
    let shown: Vec<_> =
        store.recipients(ID, 0, 2).await.unwrap().iter().map(|row| row.shown).collect();
    assert_eq!(shown, [Some(MessageStatus::Delivered); 2], "what is told of them counts");
    assert!(!is_kept(store, number(0)).await, "and is not kept by the letter");
    assert!(is_kept(store, number(1)).await);
}

/// What was set aside, and is judged to be of a recipient that was forgotten meanwhile.
async fn what_is_judged_to_be_of_the_forgotten_is_emptied(store: &dyn Store) {
    planned(store, campaign(ID), 2).await;
    let aside = Verdict::SetAside { why: "unread".into() };
    let aside = Received { verdict: aside, ..called_back(ID, 0, report(1, MessageStatus::Sent)) };
    store.keep_callbacks(vec![with_number(aside, 0)]).await.unwrap();
    store.forget(Forget::Campaign(ID)).await.unwrap();
    let kept = store.bodies(0, 9).await.unwrap();
    let ours = called_back(ID, 0, report(1, MessageStatus::Sent)).verdict;
    store.judge_again(vec![(kept[0].id, ours)]).await.unwrap();
    assert_eq!(store.reports(ID, 0).await.unwrap().iter().count(), 1, "what it says counts");
    assert!(!is_kept(store, number(0)).await, "and it is not kept by the letter");
}

async fn what_is_old_is_removed(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let sent = |message| called_back(ID, 0, report(message, MessageStatus::Sent));
    let mut moments = Vec::new();
    for message in 1..4 {
        moments.push(later(store).await);
        store.keep_callbacks(vec![sent(message)]).await.unwrap();
    }
    let logged = store.changes(0, 9).await.unwrap();
    assert_eq!(store.prune(moments[0]).await.unwrap(), 0, "nothing is older");
    assert_eq!(store.prune(moments[1]).await.unwrap(), 2, "what is older goes");
    assert_eq!(store.bodies(0, 9).await.unwrap().len(), 2, "what is younger stays");
    let first = logged[0].cursor;
    assert_eq!(store.changes(first, 9).await.unwrap(), logged[1..], "behind what was removed");
    let missed = store.changes(first - 1, 9).await;
    let told = matches!(missed, Err(StoreError::Pruned { first: told }) if told == first + 1);
    assert!(told, "a follower that missed something is told: {missed:?}");
    // More than goes in one transaction.
    let many = (0..PRUNED_AT_ONCE + 7).map(|_| sent(3)).collect();
    store.keep_callbacks(many).await.unwrap();
    store.prune(later(store).await).await.unwrap();
    assert_eq!(store.bodies(0, 9).await.unwrap(), []);
    let last = logged[2].cursor;
    assert_eq!(store.changes(last, 9).await.unwrap(), []);
    assert_eq!(store.reports(ID, 0).await.unwrap().iter().count(), 3, "reports stay");
    store.keep_callbacks(vec![sent(4)]).await.unwrap();
    let cursor = store.changes(last, 9).await.unwrap()[0].cursor;
    assert!(cursor > last, "a cursor is never given twice");
    for beyond in [cursor, u64::MAX / 2, u64::MAX / 2 + 1, u64::MAX] {
        assert_eq!(store.changes(beyond, 9).await.unwrap(), [], "behind the last is nothing");
        assert_eq!(store.bodies(beyond.max(1 << 40), 9).await.unwrap(), []);
        assert_eq!(store.set_aside(beyond.max(1 << 40), 9).await.unwrap(), []);
    }
}

async fn numbers_of_a_preparation_are_forgotten(store: &dyn Store) {
    store.create(campaign(ID)).await.unwrap();
    store.add_recipients(ID, 0, (0..4).map(recipient).collect()).await.unwrap();
    assert_eq!(store.forget(Forget::Number(number(1))).await.unwrap(), 1, "also while preparing");
    store.finish_plan(ID, plan_end(4)).await.unwrap();
    let row = store.recipients(ID, 1, 1).await.unwrap().remove(0);
    assert_eq!((row.number, row.outcome), (None, Some(Outcome::Rejected)), "it is not sent to");
    let rows = tally(store, ID).await;
    let rejected: u64 =
        rows.iter().filter(|row| row.outcome == Outcome::Rejected).map(|row| row.count).sum();
    assert_eq!(rejected, 1, "and is counted so");
    let open: Vec<_> = batches(store, ID).await.iter().map(|row| row.without_end).collect();
    assert_eq!(open, [2, 1], "no end is awaited of it");
}
