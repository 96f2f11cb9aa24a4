//! A process is killed while it keeps callbacks: what it answered is there, and what is
//! derived fits the sets.

use bsg_rcs_domain::{MessageId, MessageStatus};
use bsg_rcs_store::prelude::*;
use bsg_rcs_store::view::MessageView;
use bsg_rcs_store_sqlite::SqliteStore;

use crate::child::{self, Player};
use crate::fixtures::{ID, called_back, place, planned};

/// Recipients that the callbacks go round.
const RECIPIENTS: u32 = 7;
/// How often a writer is started and killed.
const LIVES: u64 = 5;

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let (_folder, path) = place();
    planned(&SqliteStore::open(&path).unwrap(), RECIPIENTS).await;
    let mut answered = 0;
    for life in 1..=LIVES {
        let mut writer = Player::start("killed::keeps_callbacks", &path);
        while answered < life * 20 {
            answered = writer.next_word().expect("it lives").parse().unwrap();
        }
        writer.kill();
        // What it said before it died and we had not read yet.
        while let Some(word) = writer.next_word() {
            answered = word.parse().unwrap();
        }
        check(&SqliteStore::open(&path).unwrap(), answered).await;
    }
}

/// Messages 1 to `answered` are there for all; of those behind, each for all or for none.
async fn check(store: &SqliteStore, answered: u64) {
    let mut sets = Vec::new();
    for index in 0..RECIPIENTS {
        let reports = store.reports(ID, index).await.unwrap();
        for message in (1..=answered).map(MessageId) {
            let kept = reports.iter().any(|report| report.message == message);
            assert!(kept, "answered and lost: {message:?} of {answered}, recipient {index}");
        }
        let shown = store.recipients(ID, index, 1).await.unwrap().remove(0).shown;
        assert_eq!(shown, Some(MessageView::of(&reports, false).shown));
        sets.push(reports);
    }
    assert!(sets.windows(2).all(|two| two[0] == two[1]), "a call was kept in part");
    let rows = store.tally(ID, std::time::Duration::ZERO).await.unwrap();
    assert_eq!((rows.len(), rows[0].count), (1, u64::from(RECIPIENTS)));
    assert_eq!(rows[0].shown, Some(MessageStatus::Sent));
}

#[tokio::test]
#[ignore = "a part for a child process"]
async fn keeps_callbacks() {
    let Some(path) = child::part() else { return };
    let store = SqliteStore::open(&path).unwrap();
    let kept = store.reports(ID, 0).await.unwrap().iter().count();
    for message in u64::try_from(kept).unwrap() + 1.. {
        let all = (0..RECIPIENTS).map(|index| called_back(index, message)).collect();
        store.keep_callbacks(all).await.unwrap();
        child::say(&message.to_string());
    }
}
