//! Searches and changes of lists: "there is none" is said only by an answer that says it.

use bsg_rcs::{ContactId, StoppedChannel, TariffId};

use crate::stage::Step::{Answer, Login};
use crate::stage::{client, ids, line, number, plain};

/// Ids that the three searches find in this list of items; `None` for an error.
async fn check(items: &str, meta: &str, expected: Option<&[u64]>) {
    let body = format!(r#"{{"data": [{items}]{meta}}}"#);
    let one = || client(&[Login, Answer(200, &body)]).0;
    let contacts = one().contacts().find(number()).await.ok();
    let contacts = contacts.map(|found| found.iter().map(|it| it.id.get()).collect::<Vec<_>>());
    let stopped = one().stop_list().find(number()).await.ok();
    let stopped = stopped.map(|found| found.iter().map(|it| it.id.get()).collect::<Vec<_>>());
    let lists = one().contact_lists().find("Regulars").await.ok();
    let lists = lists.map(|found| found.iter().map(|it| it.id.get()).collect::<Vec<_>>());
    for found in [contacts, stopped, lists] {
        assert_eq!(found.as_deref(), expected, "{body}");
    }
}

#[tokio::test]
async fn a_search_says_that_there_is_none_only_where_all_could_be_compared() {
    const OURS: &str = r#"{"id": 1, "phone": 380661231231, "name": "Regulars"}"#;
    const OTHER: &str = r#"{"id": 2, "phone": 380661231232, "name": "Others"}"#;
    let total = |count| format!(r#", "total": {count}"#);
    check("", "", Some(&[])).await;
    check("", &total(0), Some(&[])).await;
    check(OURS, "", Some(&[1])).await;
    check(&format!("{OTHER}, {OURS}"), &total(900), Some(&[1])).await;
    check(OTHER, &total(1), Some(&[])).await;
    // A part of a list that the platform did not narrow.
    check(OTHER, &total(900), None).await;
    check(OTHER, "", None).await;
    check("", &total(900), None).await;
    // What cannot be read or compared may be it.
    for odd in ["null", r#"{"phone": 380661231231, "name": "Regulars"}"#, r#"{"id": 3}"#] {
        check(odd, &total(1), None).await;
        check(&format!("{odd}, {OURS}"), &total(2), Some(&[1])).await;
    }
}

#[tokio::test]
async fn what_changes_nothing_asks_nothing() {
    let (client, script) = client(&[]);
    let rcs = [StoppedChannel::Rcs];
    assert_eq!(client.stop_list().add(&[], &rcs).await.unwrap(), []);
    assert_eq!(client.stop_list().add(&[number()], &[]).await.unwrap(), []);
    client.stop_list().remove(&[], &rcs).await.unwrap();
    client.stop_list().remove(&ids([1]), &[]).await.unwrap();
    client.contact_lists().attach(&[], &ids([1])).await.unwrap();
    client.contact_lists().detach(&ids([1]), &[]).await.unwrap();
    client.contacts().delete_many(&[], &[]).await.unwrap();
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn thousands_of_contacts_are_deleted_in_several_calls() {
    let steps = [vec![Login], vec![Answer(204, ""); 16]].concat();
    let (client, script) = client(&steps);
    let contacts: Vec<_> = (1..=3000).map(ContactId::from).collect();
    client.contacts().delete_many(&contacts, &ids([7])).await.unwrap();
    let lines: Vec<_> =
        script.requests()[1..].iter().map(|request| plain(&line(request))).collect();
    assert_eq!((lines.len(), script.remaining()), (16, 0));
    let named: usize = lines.iter().map(|line| line.matches("contact_ids[]=").count()).sum();
    assert_eq!(named, 3000);
    assert!(lines[14].ends_with("&contact_ids[]=3000"), "{}", lines[14]);
    assert_eq!(lines[15], "POST /api/contacts/delete?group_ids[]=7");
}

#[tokio::test]
async fn a_flag_is_read_in_any_form_and_never_guessed() {
    let body = r#"{"data": [{"id": 1, "phone": 380661231231, "rcs_stoplist": 1,
        "sms_stoplist": "TRUE", "viber_stoplist": "perhaps"}], "total": 1}"#;
    let (stops, _) = client(&[Login, Answer(200, body)]);
    let [entry] = stops.stop_list().find(number()).await.unwrap().try_into().unwrap();
    assert_eq!((entry.rcs, entry.sms, entry.viber), (Some(true), Some(true), None));
    let body = r#"{"data": [{"id": 1, "code": 9, "is_active": 0, "is_default": "0"},
        {"id": 2, "code": null, "name": "Odd"}, {"id": 3, "code": 4}], "total": 3}"#;
    let (account, _) = client(&[Login, Answer(200, body)]);
    let tariffs = account.account().tariffs().await.unwrap();
    let read: Vec<_> = tariffs
        .iter()
        .map(|it| (it.id.map(TariffId::get), it.code, it.is_active, it.is_default))
        .collect();
    assert_eq!(
        read,
        [
            (Some(1), Some(9), Some(false), Some(false)),
            (Some(2), None, None, None),
            (Some(3), Some(4), None, None),
        ]
    );
}
