//! Sending begins in one transaction: nothing leaves of a campaign that does not send, and it
//! goes to those that are there at that very moment.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::MessageStatus;

use super::fixtures::{
    ABSENT, ID, LONG, assert_missing, batches, campaign, change, later, leases, planned, recipient,
    report, seen, settled,
};
use crate::error::StoreError;
use crate::rows::{
    BatchChange, BatchState, CampaignState, Forget, Lease, OpenRemote, Outcome, SendStart, WorkerId,
};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    sending_counts_an_attempt_and_answers_the_recipients(&*fresh().await).await;
    what_never_left_is_no_attempt(&*fresh().await).await;
    a_campaign_that_does_not_send_starts_nothing(&*fresh().await).await;
    a_forgotten_number_does_not_leave(&*fresh().await).await;
    a_lost_lease_starts_nothing(&*fresh().await).await;
    open_remotes_are_listed(&*fresh().await).await;
}

async fn sending_counts_an_attempt_and_answers_the_recipients(store: &dyn Store) {
    planned(store, campaign(ID), 7).await;
    let leases = leases(store, ID).await;
    let expected = store.recipients(ID, 3, 3).await.unwrap();
    for attempts in 1..4 {
        let before = later(store).await;
        let start = store.begin_sending(leases[1], LONG).await.expect("sending begins");
        assert_eq!(start, SendStart::Recipients(expected.clone()), "to the batch's recipients");
        let row = batches(store, ID).await.remove(1);
        assert_eq!((row.state, row.attempts), (BatchState::Sending, attempts), "it is an attempt");
        assert!(row.changed_at >= before, "since now");
        let until = row.leased.expect("it is leased").until;
        assert!(until >= before.after(LONG), "and the lease lasts from now on");
        store.change_batch(leases[1], change(BatchState::Unknown)).await.unwrap();
        assert_eq!(batches(store, ID).await[1].attempts, attempts, "which nothing else is");
    }
}

async fn what_never_left_is_no_attempt(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let lease = leases(store, ID).await[0];
    store.begin_sending(lease, LONG).await.unwrap();
    let never_left = BatchChange { never_left: true, ..change(BatchState::Planned) };
    for _ in 0..2 {
        store.change_batch(lease, never_left.clone()).await.unwrap();
        let row = batches(store, ID).await.remove(0);
        assert_eq!((row.state, row.attempts), (BatchState::Planned, 0), "none is taken back twice");
    }
}

async fn a_campaign_that_does_not_send_starts_nothing(store: &dyn Store) {
    planned(store, campaign(ID), 4).await;
    let lease = leases(store, ID).await[0];
    for state in [CampaignState::Paused, CampaignState::Stopped] {
        store.set_state(ID, state, None).await.unwrap();
        let before = seen(store, ID).await;
        let start = store.begin_sending(lease, LONG).await.expect("it is answered");
        assert_eq!(start, SendStart::Not(state), "in {state:?} nothing leaves");
        assert_eq!(seen(store, ID).await, before, "and nothing is written");
    }
}

async fn a_forgotten_number_does_not_leave(store: &dyn Store) {
    planned(store, campaign(ID), 3).await;
    let lease = leases(store, ID).await[0];
    store.forget(Forget::Number(recipient(1).number)).await.unwrap();
    let start = store.begin_sending(lease, LONG).await.unwrap();
    let SendStart::Recipients(rows) = start else { panic!("sending begins: {start:?}") };
    let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
    let [first, _, third] = [0, 1, 2].map(|index| Some(recipient(index).number));
    assert_eq!(numbers, [first, None, third], "a forgotten number is not among the living");
    assert_eq!(rows[1].outcome, Some(Outcome::Rejected), "and it is not sent to");
}

async fn a_lost_lease_starts_nothing(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let lost = leases(store, ID).await[0];
    store.renew(lost, Duration::ZERO).await.unwrap();
    store.lease(ID, WorkerId(7), LONG, 1).await.unwrap().expect("it is taken over");
    let before = seen(store, ID).await;
    let start = store.begin_sending(lost, LONG).await;
    assert!(matches!(start, Err(StoreError::LeaseLost { .. })), "it is lost: {start:?}");
    let beyond = Lease { batch: 9, ..lost };
    assert_missing(store.begin_sending(beyond, LONG).await, "a batch beyond the last");
    let of_none = Lease { campaign: ABSENT, ..lost };
    assert_missing(store.begin_sending(of_none, LONG).await, "a batch of no campaign");
    assert_eq!(seen(store, ID).await, before, "nothing is written");
}

async fn open_remotes_are_listed(store: &dyn Store) {
    planned(store, campaign(ID), 14).await;
    assert_eq!(store.open_remotes(ABSENT, None, 9).await.unwrap(), [], "no campaign, no remotes");
    for (number, lease) in (0_u64..).zip(leases(store, ID).await) {
        for remote in [10 * number, u64::MAX - number] {
            let change = BatchChange { remote: Some(remote), ..change(BatchState::Unknown) };
            store.change_batch(lease, change).await.unwrap();
        }
        if number != 3 {
            store.change_batch(lease, change(BatchState::Accepted)).await.unwrap();
        }
    }
    // Of the second batch, one is rejected by name, and the others have an end.
    store.settle(ID, vec![settled(3, Outcome::Rejected)]).await.unwrap();
    let ended = [4, 5].map(|index| (index, report(1, MessageStatus::Failed)));
    store.add_reports(ID, ended.to_vec()).await.unwrap();
    let of = |batch: u32| {
        let number = u64::from(batch);
        [10 * number, u64::MAX - number].map(|remote| OpenRemote { batch, remote })
    };
    for (after, limit, expected) in [
        (None, 9, vec![0, 2, 3, 4]),
        (None, 2, vec![0, 2]),
        (Some(0), 9, vec![2, 3, 4]),
        (Some(2), 1, vec![3]),
        (Some(4), 9, vec![]),
    ] {
        let found = store.open_remotes(ID, after, limit).await.unwrap();
        let expected: Vec<_> = expected.into_iter().flat_map(of).collect();
        assert_eq!(found, expected, "{limit} batches behind {after:?}");
    }
    let open: Vec<_> = batches(store, ID).await.iter().map(|row| row.without_end).collect();
    assert_eq!(open, [3, 0, 3, 3, 2], "each batch knows how many have no end");
}
