//! Counts that the platform would refuse: they never leave.

use std::fmt::Debug;

use bsg_rcs::{
    Certainty, Client, ContactId, ContactListId, Error, ErrorKind, StopListEntryId, StoppedChannel,
};

use crate::stage::{answered, client, ids, number, text};

/// A call that asks for too much: refused at once, with nothing on the wire, not even a login.
async fn check_too_much<T: Debug>(call: impl AsyncFnOnce(Client) -> Result<T, Error>) {
    let (client, script) = client(&[]);
    let error = call(client).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Request(_)), "{error}");
    assert!(error.to_string().contains("at most"), "{error}");
    assert_eq!(error.certainty(), Certainty::NotSent);
    assert!(script.requests().is_empty(), "{error}");
}

/// A call that asks for as much as may be: it leaves.
async fn check_enough<T: Debug>(call: impl AsyncFnOnce(Client) -> T) {
    let (client, script) = answered(500, "");
    let _ = call(client).await;
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn more_than_the_platform_takes_never_leaves() {
    let lists: Vec<ContactListId> = (1..=1001).map(ContactListId::from).collect();
    let contacts: Vec<ContactId> = (1..=201).map(ContactId::from).collect();
    let entries: Vec<StopListEntryId> = (1..=201).map(StopListEntryId::from).collect();
    let numbers = vec![number(); 1001];
    let rcs = [StoppedChannel::Rcs];
    check_too_much(async |c| c.campaigns().send_to_lists(&text(), &lists, None).await).await;
    check_enough(async |c| c.campaigns().send_to_lists(&text(), &lists[1..], None).await).await;
    check_too_much(async |c| c.stop_list().add(&numbers, &rcs).await).await;
    check_enough(async |c| c.stop_list().add(&numbers[1..], &rcs).await).await;
    check_too_much(async |c| c.stop_list().remove(&entries[..201], &rcs).await).await;
    check_enough(async |c| c.stop_list().remove(&entries[..200], &rcs).await).await;
    check_too_much(async |c| c.contact_lists().attach(&contacts[..201], &ids([3])).await).await;
    check_too_much(async |c| c.contact_lists().attach(&ids([5]), &lists[..101]).await).await;
    check_enough(async |c| c.contact_lists().attach(&contacts[..200], &lists[..100]).await).await;
    check_too_much(async |c| c.contact_lists().detach(&contacts[..201], &ids([3])).await).await;
    check_too_much(async |c| c.contact_lists().detach(&ids([5]), &lists[..101]).await).await;
    check_enough(async |c| c.contact_lists().detach(&contacts[..200], &lists[..100]).await).await;
}

#[tokio::test]
async fn deleting_nobody_asks_nothing() {
    let (client, script) = client(&[]);
    client.contacts().delete_many(&[], &[]).await.unwrap();
    assert!(script.requests().is_empty());
}
