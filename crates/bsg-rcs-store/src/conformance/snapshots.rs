//! A report is one snapshot, and says what its parts say.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{MessageId, MessageStatus, Report, ReportedStatus};

use super::fixtures::{
    ABSENT, ID, assert_missing, campaign, change, leases, planned, received, report,
};
use crate::rows::{BatchState, CallbackKind, Click, UnknownWord};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    a_snapshot_says_what_its_parts_say(&*fresh().await).await;
    unknown_words_are_counted(&*fresh().await).await;
}

async fn a_snapshot_says_what_its_parts_say(store: &dyn Store) {
    assert_missing(store.snapshot(ABSENT, Duration::ZERO).await, "the campaign of a snapshot");
    planned(store, campaign(ID), 9).await;
    let leases = leases(store, ID).await;
    store.change_batch(leases[0], change(BatchState::Accepted)).await.unwrap();
    let click = Click {
        message: MessageId(1),
        text: Some("Book".into()),
        postback: None,
        clicked_at: None,
    };
    store.keep_callbacks(vec![received(ID, 1, CallbackKind::Click(click))]).await.unwrap();
    let told = [MessageStatus::Delivered, MessageStatus::Failed].map(|it| (2, report(1, it)));
    store.add_reports(ID, told.to_vec()).await.unwrap();
    let before = store.now().await.unwrap();
    let found = store.snapshot(ID, Duration::ZERO).await.expect("it is made");
    assert!((before..=store.now().await.unwrap()).contains(&found.now), "it is of now");
    assert_eq!(Some(found.campaign), store.campaign(ID).await.unwrap());
    assert_eq!(found.batches, store.batch_sums(ID).await.unwrap());
    let sorted = |mut rows: Vec<crate::rows::TallyRow>| {
        rows.sort_by_cached_key(|row| format!("{row:?}"));
        rows
    };
    assert_eq!(sorted(found.tally), sorted(store.tally(ID, Duration::ZERO).await.unwrap()));
    assert_eq!(found.clicks, 1);
    assert_eq!(found.buttons, store.buttons(ID).await.unwrap());
    assert_eq!(found.contradicted, [2]);
    assert_eq!(found.unknown_words, []);
}

async fn unknown_words_are_counted(store: &dyn Store) {
    planned(store, campaign(ID), 9).await;
    let told = |index, word: &str| {
        let status = ReportedStatus::from_word(word);
        (index, Report { status, ..report(1, MessageStatus::Sent) })
    };
    let all = vec![
        told(0, "teleported"),
        told(1, "teleported"),
        told(1, "teleported"),
        told(1, "beamed"),
        told(2, "delivered"),
    ];
    for _ in 0..2 {
        store.add_reports(ID, all.clone()).await.unwrap();
    }
    let word = |word: &str, reports| UnknownWord { word: word.to_owned(), reports };
    let found = store.snapshot(ID, Duration::ZERO).await.unwrap().unknown_words;
    assert_eq!(found, [word("beamed", 1), word("teleported", 2)], "each report counts once");
}
