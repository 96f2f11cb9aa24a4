//! What others follow: the log of changes, kept bodies that are judged anew, clicks by button,
//! contradictions.

use std::collections::BTreeSet;
use std::sync::Arc;

use bsg_rcs_domain::{MessageId, MessageStatus};
use tokio::task::JoinSet;

use super::fixtures::{
    ABSENT, ID, called_back, campaign, money, planned, priced, received, report,
};
use crate::rows::{ASIDE_MAX, ButtonRow, CallbackKind, Change, Changed, Click, Received, Verdict};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    what_grew_is_logged_and_nothing_else(&*fresh().await).await;
    a_follower_misses_nothing(fresh().await).await;
    clicks_are_counted_by_button(&*fresh().await).await;
    contradictions_are_found(&*fresh().await).await;
    kept_bodies_are_judged_anew(&*fresh().await).await;
    of_what_is_set_aside_the_latest_stay(&*fresh().await).await;
}

async fn all(store: &dyn Store) -> Vec<Change> {
    store.changes(0, u32::MAX).await.expect("changes are read")
}

async fn what_grew_is_logged_and_nothing_else(store: &dyn Store) {
    planned(store, campaign(ID), 3).await;
    assert_eq!(all(store).await, [], "a plan is no change of a message");
    let click = Click { message: MessageId(1), text: None, postback: None, clicked_at: None };
    let clicked = received(ID, 2, CallbackKind::Click(click));
    let sent = called_back(ID, 1, report(1, MessageStatus::Sent));
    store.keep_callbacks(vec![sent.clone()]).await.unwrap();
    store.keep_callbacks(vec![sent, clicked.clone(), clicked]).await.unwrap();
    let delivered = report(1, MessageStatus::Delivered);
    store.add_reports(ID, vec![(1, delivered)]).await.unwrap();
    let late = report(1, MessageStatus::Accepted);
    store.add_reports(ID, vec![(1, late)]).await.unwrap();
    let found = all(store).await;
    let reported = |shown, ended| Changed::Reported { shown, ended };
    let what: Vec<_> =
        found.iter().map(|change| (change.campaign, change.index, change.what)).collect();
    let expected = [
        (ID, 1, reported(MessageStatus::Sent, false)),
        (ID, 2, Changed::Clicked),
        (ID, 1, reported(MessageStatus::Delivered, true)),
        (ID, 1, reported(MessageStatus::Delivered, true)),
    ];
    assert_eq!(what, expected, "each growth of a set is logged once, with what it shows then");
    assert!(found.is_sorted_by(|one, next| one.cursor < next.cursor), "cursors grow: {found:?}");
    assert!(found[0].cursor > 0, "before the first is 0");
    for (place, change) in found.iter().enumerate() {
        let behind = store.changes(change.cursor, 2).await.unwrap();
        let expected = found.iter().skip(place + 1).take(2).cloned().collect::<Vec<_>>();
        assert_eq!(behind, expected, "behind a cursor stands what came later, up to the limit");
    }
}

/// Many write at once, while one follows: it sees every message change, each set's last state last.
async fn a_follower_misses_nothing(store: Arc<dyn Store>) {
    const WRITERS: u32 = 8;
    const EACH: u64 = 12;
    planned(&*store, campaign(ID), WRITERS).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            for message in 0..EACH {
                // Its own recipient, and one that all share.
                let own = called_back(ID, writer, report(message, MessageStatus::Sent));
                let id = 1000 + u64::from(writer) * EACH + message;
                let shared = called_back(ID, 0, report(id, MessageStatus::Sent));
                store.keep_callbacks(vec![own, shared]).await.expect("callbacks are kept");
            }
        });
    }
    let (mut cursor, mut seen) = (0, BTreeSet::new());
    let mut follow = async || {
        loop {
            let changes = store.changes(cursor, 5).await.expect("changes are read");
            let Some(last) = changes.last() else { return };
            cursor = last.cursor;
            for change in changes {
                assert!(seen.insert(change.cursor), "a change is read once");
            }
        }
    };
    while !writers.is_empty() {
        follow().await;
        while writers.try_join_next().is_some_and(|done| done.is_ok()) {}
        tokio::task::yield_now().await;
    }
    follow().await;
    let logged: BTreeSet<u64> = all(&*store).await.iter().map(|change| change.cursor).collect();
    assert_eq!(seen, logged, "a follower has seen all that is logged");
    assert!(logged.len() >= 96, "every growth is logged: {}", logged.len());
}

async fn clicks_are_counted_by_button(store: &dyn Store) {
    planned(store, campaign(ID), 3).await;
    assert_eq!(store.buttons(ID).await.unwrap(), [], "at first nothing is clicked");
    let click = |message, text: Option<&str>, postback: Option<&str>| {
        let (text, postback) = (text.map(str::to_owned), postback.map(str::to_owned));
        let click = Click { message: MessageId(message), text, postback, clicked_at: None };
        received(ID, 0, CallbackKind::Click(click))
    };
    let clicks = vec![
        click(1, Some("Book"), Some("b")),
        click(2, Some("Book"), Some("b")),
        click(2, Some("Book"), Some("b")),
        click(3, Some("Book"), Some("b")),
        click(1, Some("Call"), None),
        click(2, Some("Call"), None),
        click(1, None, Some("b")),
    ];
    store.keep_callbacks(clicks).await.unwrap();
    let row = |text: Option<&str>, postback: Option<&str>, clicks| ButtonRow {
        text: text.map(str::to_owned),
        postback: postback.map(str::to_owned),
        clicks,
    };
    let expected =
        [row(Some("Book"), Some("b"), 3), row(Some("Call"), None, 2), row(None, Some("b"), 1)];
    assert_eq!(store.buttons(ID).await.unwrap(), expected, "the most clicked first");
    assert_eq!(store.buttons(ABSENT).await.unwrap(), [], "no campaign, no buttons");
}

async fn contradictions_are_found(store: &dyn Store) {
    planned(store, campaign(ID), 6).await;
    let told = vec![
        (1, report(1, MessageStatus::Delivered)),
        (2, report(2, MessageStatus::Delivered)),
        (2, report(2, MessageStatus::Failed)),
        (4, priced(4, money("1", "EUR"))),
        (4, priced(4, money("2", "EUR"))),
        (5, report(5, MessageStatus::Failed)),
    ];
    store.add_reports(ID, told).await.unwrap();
    for (limit, expected) in [(9, &[2, 4][..]), (1, &[2]), (0, &[])] {
        let found = store.contradicted(ID, limit).await.unwrap();
        assert_eq!(found, expected, "the first {limit} whose reports contradict each other");
    }
}

async fn kept_bodies_are_judged_anew(store: &dyn Store) {
    planned(store, campaign(ID), 2).await;
    let aside = |body: &str| Received {
        body: body.as_bytes().to_vec(),
        verdict: Verdict::SetAside { why: "unknown".into() },
    };
    store.keep_callbacks(vec![aside("one"), aside("two"), aside("three")]).await.unwrap();
    let kept = store.bodies(0, 9).await.unwrap();
    let bodies: Vec<_> = kept.iter().map(|one| one.body.clone()).collect();
    assert_eq!(bodies, [&b"one"[..], b"two", b"three"], "bodies come back by the letter, in order");
    assert_eq!(store.bodies(kept[0].id, 1).await.unwrap(), kept[1..2], "behind a number");
    let ours = |index| Verdict::Ours {
        campaign: ID,
        index,
        callback: CallbackKind::Report(report(7, MessageStatus::Sent)),
    };
    let gone = kept[2].id + 1000;
    let judged = vec![(kept[1].id, ours(1)), (gone, ours(0)), (kept[0].id, ours(9))];
    for _ in 0..2 {
        store.judge_again(judged.clone()).await.expect("bodies are judged anew");
    }
    assert_eq!(store.reports(ID, 1).await.unwrap().iter().count(), 1, "what it says is added once");
    assert!(store.reports(ID, 0).await.unwrap().is_empty(), "of a body that is gone, nothing");
    assert_eq!(store.bodies(0, 9).await.unwrap(), kept, "bodies stay as they are");
    assert_eq!(all(store).await.len(), 1, "and it is logged");
}

async fn of_what_is_set_aside_the_latest_stay(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    store.keep_callbacks(vec![called_back(ID, 0, report(1, MessageStatus::Sent))]).await.unwrap();
    let aside = |number: u32| Received {
        body: number.to_string().into_bytes(),
        verdict: Verdict::SetAside { why: "foreign".into() },
    };
    store.keep_callbacks((0..ASIDE_MAX).map(aside).collect()).await.unwrap();
    let count = u64::from(ASIDE_MAX) + 1;
    assert_eq!(store.bodies(0, u32::MAX).await.unwrap().len() as u64, count, "so many are kept");
    store.keep_callbacks((ASIDE_MAX..ASIDE_MAX + 3).map(aside).collect()).await.unwrap();
    let kept = store.bodies(0, u32::MAX).await.unwrap();
    assert_eq!(kept.len() as u64, count, "and no more");
    assert_eq!(kept[0].body, b"{\"a\":1}", "what is ours is not counted among them");
    assert_eq!(kept[1].body, b"3", "the oldest went");
}
