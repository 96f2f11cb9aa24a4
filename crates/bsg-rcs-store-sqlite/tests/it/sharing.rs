//! One file, several stores: what one writes the other sees, and what was written stays.

use std::time::Duration;

use bsg_rcs_domain::MessageStatus;
use bsg_rcs_store::prelude::*;
use bsg_rcs_store::{CampaignFilter, Received, Verdict, WorkerId};
use bsg_rcs_store_sqlite::SqliteStore;
use rusqlite::Connection;

use crate::fixtures::{ID, called_back, place, planned};

#[tokio::test]
async fn what_one_writes_the_other_sees() {
    let (_folder, path) = place();
    let applying = SqliteStore::open(&path).unwrap();
    let listening = SqliteStore::open(&path).unwrap();
    planned(&applying, 3).await;
    applying.begin(ID, None).await.unwrap();
    let long = Duration::from_secs(60);
    let leased = applying.lease(ID, WorkerId(1), long, u32::MAX).await.unwrap();
    let (lease, _) = leased.unwrap();
    for message in 0..50 {
        listening.keep_callbacks(vec![called_back(1, message)]).await.unwrap();
        let kept = applying.reports(ID, 1).await.unwrap();
        assert_eq!(kept.iter().count() as u64, message + 1, "a callback is seen at once");
        applying.begin_sending(lease, long).await.unwrap();
        let batch = listening.batches(ID, 0, 9).await.unwrap().remove(0);
        assert_eq!(u64::from(batch.attempts), message + 1, "a batch's change is seen at once");
    }
    assert_eq!(listening.setting("path", "a").await.unwrap(), "a");
    assert_eq!(applying.setting("path", "b").await.unwrap(), "a");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stores_write_at_once() {
    let (_folder, path) = place();
    planned(&SqliteStore::open(&path).unwrap(), 100).await;
    let write = |first: u64| {
        let path = path.clone();
        tokio::spawn(async move {
            let store = SqliteStore::open(&path).unwrap();
            for message in first..first + 100 {
                let index = u32::try_from(message % 100).unwrap();
                store.keep_callbacks(vec![called_back(index, message)]).await.unwrap();
            }
        })
    };
    let (one, other) = (write(0), write(100));
    one.await.unwrap();
    other.await.unwrap();
    let store = SqliteStore::open(&path).unwrap();
    for index in 0..100 {
        assert_eq!(store.reports(ID, index).await.unwrap().iter().count(), 2);
    }
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, 3).await;
    store.keep_callbacks(vec![called_back(2, 7)]).await.unwrap();
    let before = (
        store.campaigns(CampaignFilter::default()).await.unwrap(),
        store.batches(ID, 0, 9).await.unwrap(),
        store.recipients(ID, 0, 9).await.unwrap(),
        store.reports(ID, 2).await.unwrap(),
    );
    let clone = store.clone();
    drop(store);
    assert_eq!(
        clone.campaigns(CampaignFilter::default()).await.unwrap(),
        before.0,
        "a clone goes on by itself"
    );
    drop(clone);
    let again = SqliteStore::open(&path).unwrap();
    let after = (
        again.campaigns(CampaignFilter::default()).await.unwrap(),
        again.batches(ID, 0, 9).await.unwrap(),
        again.recipients(ID, 0, 9).await.unwrap(),
        again.reports(ID, 2).await.unwrap(),
    );
    assert_eq!(after, before);
    assert_eq!(after.2[2].shown, Some(MessageStatus::Sent));
}

#[tokio::test]
async fn bodies_are_kept_byte_by_byte_as_often_as_they_came() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    planned(&store, 1).await;
    let why = "no reference of ours".to_owned();
    let body = vec![0xff, 0, b'\n'];
    let foreign = Received { body, verdict: Verdict::SetAside { why } };
    let beyond = called_back(1, 8);
    let all = vec![called_back(0, 7), called_back(0, 7), foreign, beyond];
    store.keep_callbacks(all).await.unwrap();
    let file = Connection::open(&path).unwrap();
    let sql = "SELECT id, body, campaign, idx, why FROM callbacks ORDER BY id";
    let mut select = file.prepare(sql).unwrap();
    type Row = (i64, Vec<u8>, Option<i64>, Option<u32>, Option<String>);
    let rows: Vec<Row> = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let ours = |id| (id, b"7".to_vec(), Some(ID.0.cast_signed()), Some(0), None);
    let aside = |id, body: &[u8], why: &str| (id, body.to_vec(), None, None, Some(why.to_owned()));
    let no_recipient = format!("the store has no recipient 1 of campaign {ID}");
    let expected = [
        ours(1),
        ours(2),
        aside(3, &[0xff, 0, b'\n'], "no reference of ours"),
        aside(4, b"8", &no_recipient),
    ];
    assert_eq!(rows, expected);
}
