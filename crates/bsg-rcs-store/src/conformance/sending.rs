//! On the way out: batches change, recipients get outcomes of their own.

use std::sync::Arc;

use bsg_rcs_domain::CampaignId;

use super::fixtures::{
    ABSENT, ID, assert_missing, batches, campaign, change, later, leases, planned, seen, settled,
};
use crate::error::StoreError;
use crate::rows::{BatchChange, BatchState, Lease, Outcome, Settled};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    a_batch_takes_every_state(&*fresh().await).await;
    what_is_known_of_a_batch_stays_known(&*fresh().await).await;
    only_the_named_batch_changes(&*fresh().await).await;
    a_change_settles_recipients_with_it(&*fresh().await).await;
    recipients_get_outcomes_of_their_own(&*fresh().await).await;
    settling_is_whole_or_not_at_all(&*fresh().await).await;
}

async fn a_batch_takes_every_state(store: &dyn Store) {
    planned(store, campaign(ID), 4).await;
    let leases = leases(store, ID).await;
    let mut since = batches(store, ID).await[1].changed_at;
    for state in [
        BatchState::Sending,
        BatchState::Unknown,
        BatchState::Accepted,
        BatchState::Rejected,
        BatchState::Held,
        BatchState::Planned,
    ] {
        later(store).await;
        store.change_batch(leases[1], change(state)).await.expect("a batch is changed");
        let batch = batches(store, ID).await.remove(1);
        assert_eq!((batch.state, batch.attempts), (state, 0), "a batch stands where it was put");
        assert!(batch.changed_at > since, "since now, by the store's clock");
        since = batch.changed_at;
    }
}

async fn what_is_known_of_a_batch_stays_known(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let lease = leases(store, ID).await[0];
    let say = |remote, note: Option<&str>| BatchChange {
        remote,
        note: note.map(str::to_owned),
        ..change(BatchState::Unknown)
    };
    for (told, expected) in [
        (say(None, None), (vec![], None)),
        (say(None, Some("timed out")), (vec![], Some("timed out"))),
        (say(Some(u64::MAX), None), (vec![u64::MAX], Some("timed out"))),
        (say(None, None), (vec![u64::MAX], Some("timed out"))),
        (say(Some(0), Some("")), (vec![u64::MAX, 0], Some(""))),
        (say(Some(u64::MAX), None), (vec![u64::MAX, 0], Some(""))),
    ] {
        store.change_batch(lease, told).await.unwrap();
        let batch = batches(store, ID).await.remove(0);
        let found = (batch.remotes, batch.note.as_deref());
        assert_eq!(
            found, expected,
            "remote ids gather, each once; a note of `None` changes nothing"
        );
    }
}

async fn only_the_named_batch_changes(store: &dyn Store) {
    let other = CampaignId(2);
    planned(store, campaign(ID), 7).await;
    planned(store, campaign(other), 7).await;
    let untouched = seen(store, other).await;
    let leases = leases(store, ID).await;
    let before = batches(store, ID).await;
    let told =
        BatchChange { remote: Some(8), note: Some("8".into()), ..change(BatchState::Accepted) };
    store.change_batch(leases[1], told).await.unwrap();
    let after = batches(store, ID).await;
    assert_eq!(after[0], before[0], "the batch before stays");
    assert_ne!(after[1], before[1], "the named batch changes");
    assert_eq!(after[2], before[2], "the batch behind stays");
    assert_eq!(seen(store, other).await, untouched, "another campaign's batches stay");
    let sending = || change(BatchState::Sending);
    let beyond = Lease { batch: 3, ..leases[2] };
    assert_missing(store.change_batch(beyond, sending()).await, "a batch beyond the last");
    let of_none = Lease { campaign: ABSENT, ..leases[0] };
    assert_missing(store.change_batch(of_none, sending()).await, "a batch of no campaign");
    assert_eq!(batches(store, ABSENT).await, [], "no campaign, no batches");
}

async fn a_change_settles_recipients_with_it(store: &dyn Store) {
    planned(store, campaign(ID), 4).await;
    let leases = leases(store, ID).await;
    let named = vec![settled(3, Outcome::Rejected)];
    let told = BatchChange { settled: named.clone(), ..change(BatchState::Sending) };
    store.change_batch(leases[1], told.clone()).await.expect("a batch is changed");
    let row = store.recipients(ID, 3, 1).await.unwrap().remove(0);
    assert_eq!(row.outcome, Some(Outcome::Rejected), "with the batch its recipient is settled");
    let before = seen(store, ID).await;
    let beyond = BatchChange { settled: vec![settled(4, Outcome::Rejected)], ..told.clone() };
    assert_missing(store.change_batch(leases[1], beyond).await, "a recipient beyond the last");
    let lost = Lease { serial: leases[1].serial - 1, ..leases[1] };
    let lost = store.change_batch(lost, BatchChange { settled: named, ..told }).await;
    assert!(matches!(lost, Err(StoreError::LeaseLost { .. })), "an earlier lease: {lost:?}");
    assert_eq!(seen(store, ID).await, before, "a refused change changes nothing");
}

async fn recipients_get_outcomes_of_their_own(store: &dyn Store) {
    let other = CampaignId(2);
    planned(store, campaign(ID), 4).await;
    planned(store, campaign(other), 4).await;
    let untouched = seen(store, other).await;
    let outcomes = async || -> Vec<Option<Outcome>> {
        store.recipients(ID, 0, 9).await.unwrap().into_iter().map(|row| row.outcome).collect()
    };
    assert_eq!(outcomes().await, [None; 4], "at first no recipient has an outcome of its own");
    store.settle(ID, Vec::new()).await.expect("settling none is no error");
    let first = vec![settled(3, Outcome::Rejected), settled(1, Outcome::Undetermined)];
    store.settle(ID, first).await.expect("recipients are settled");
    let expected = [None, Some(Outcome::Undetermined), None, Some(Outcome::Rejected)];
    assert_eq!(outcomes().await, expected, "the named recipients have their outcome");
    let then = [(1, Outcome::Accepted), (0, Outcome::Pending), (2, Outcome::Rejected)];
    let then = then.map(|(index, outcome)| settled(index, outcome)).to_vec();
    store.settle(ID, then).await.expect("recipients are settled again");
    let [pending, accepted, rejected] =
        [Outcome::Pending, Outcome::Accepted, Outcome::Rejected].map(Some);
    let expected = [pending, accepted, rejected, rejected];
    assert_eq!(outcomes().await, expected, "a later outcome takes the place of an earlier one");
    let noted = async |note: Option<&str>| {
        let note = note.map(str::to_owned);
        store.settle(ID, vec![Settled { note, ..settled(2, Outcome::Rejected) }]).await.unwrap();
        store.recipients(ID, 2, 1).await.unwrap().remove(0).note
    };
    assert_eq!(noted(None).await, None, "at first nothing is noted");
    assert_eq!(noted(Some("stopped")).await.as_deref(), Some("stopped"), "words are kept");
    assert_eq!(noted(None).await.as_deref(), Some("stopped"), "no words leave what is there");
    assert_eq!(seen(store, other).await, untouched, "another campaign's recipients stay");
}

async fn settling_is_whole_or_not_at_all(store: &dyn Store) {
    planned(store, campaign(ID), 4).await;
    let before = seen(store, ID).await;
    let beyond = [0, 4, 1].map(|index| settled(index, Outcome::Accepted)).to_vec();
    assert_missing(store.settle(ID, beyond).await, "a recipient beyond the last");
    assert_eq!(seen(store, ID).await, before, "a refused call settles none");
    let several = [0, 8, 1, 6].map(|index| settled(index, Outcome::Accepted)).to_vec();
    let first = store.settle(ID, several).await.unwrap_err().to_string();
    assert!(first.contains("recipient 8"), "the first that is missing is named: {first}");
    let of_none = store.settle(ABSENT, vec![settled(0, Outcome::Accepted)]).await;
    assert_missing(of_none, "a recipient of no campaign");
}
