//! Group commit: fewer calls than callbacks, and none of them answered early.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use bsg_rcs_webhook::{Bytes, Inbox};

use crate::inboxes::{FOUNDING, Fate, Gate, InMemory, app, post, settle};

/// A report of the message with this id.
fn report(id: usize) -> Bytes {
    Bytes::from(format!(r#"{{"id": {id}, "status": "delivered"}}"#))
}

/// Posts this many callbacks at once.
fn post_all(inbox: Arc<dyn Inbox>, count: usize) -> Vec<tokio::task::JoinHandle<StatusCode>> {
    post_to(&app(inbox), count)
}

fn post_to(app: &Router, count: usize) -> Vec<tokio::task::JoinHandle<StatusCode>> {
    let post_one = |id| {
        let app = app.clone();
        tokio::spawn(async move { post(&app, report(id)).await })
    };
    (0..count).map(post_one).collect()
}

#[tokio::test]
async fn nothing_is_answered_before_it_is_kept() {
    let (gate, mut entered) = Gate::closed();
    let app = app(gate.clone());
    let answer = tokio::spawn(async move { post(&app, FOUNDING).await });
    entered.recv().await.unwrap();
    settle().await;
    assert!(!answer.is_finished() && gate.behind.kept().is_empty());

    gate.open();
    assert_eq!(answer.await.unwrap(), StatusCode::OK);
    assert_eq!(gate.behind.kept().len(), 1);
}

#[tokio::test]
async fn who_waits_together_is_kept_together() {
    let (gate, mut entered) = Gate::closed();
    let answers = post_all(gate.clone(), 2000);
    entered.recv().await.unwrap();
    settle().await;
    assert!(answers.iter().all(|answer| !answer.is_finished()));

    gate.open();
    for answer in answers {
        assert_eq!(answer.await.unwrap(), StatusCode::OK);
    }
    let groups = gate.behind.groups();
    assert_eq!(groups.iter().sum::<usize>(), 2000);
    assert!(groups.len() <= 5 && groups.iter().all(|group| *group <= 512), "{groups:?}");
}

#[tokio::test]
async fn a_second_call_is_made_for_many_and_a_third_never() {
    for (behind, calls) in [(0, 1), (63, 1), (64, 2), (2000, 2)] {
        let (gate, mut entered) = Gate::closed();
        let app = app(gate.clone());
        let mut answers = post_to(&app, 1);
        entered.recv().await.unwrap();
        answers.extend(post_to(&app, behind));
        settle().await;
        let more = std::iter::from_fn(|| entered.try_recv().ok()).count();
        assert_eq!(1 + more, calls, "{behind} behind the first");
        gate.open();
        for answer in answers {
            assert_eq!(answer.await.unwrap(), StatusCode::OK);
        }
    }
}

#[tokio::test]
async fn each_callback_is_kept_once_and_in_the_order_of_arrival() {
    let (gate, _entered) = Gate::closed();
    let answers = post_all(gate.clone(), 1000);
    settle().await;
    gate.open();
    for answer in answers {
        assert_eq!(answer.await.unwrap(), StatusCode::OK);
    }
    let kept: Vec<_> = gate.behind.kept().into_iter().map(|incoming| incoming.body).collect();
    assert_eq!(kept, (0..1000).map(report).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_group_that_fails_is_answered_so_to_the_last_one() {
    for fate in [Fate::Fails, Fate::Panics] {
        let inbox = Arc::new(InMemory::with([fate]));
        let mut accepted = 0;
        for answer in post_all(inbox.clone(), 600) {
            match answer.await.unwrap() {
                StatusCode::OK => accepted += 1,
                other => assert_eq!(other, StatusCode::SERVICE_UNAVAILABLE),
            }
        }
        assert!(accepted < 600, "the first group failed");
        assert_eq!(inbox.kept().len(), accepted);
    }
}

#[tokio::test]
async fn a_sender_that_hangs_up_has_its_callback_kept_nevertheless() {
    let (gate, mut entered) = Gate::closed();
    let answers = post_all(gate.clone(), 10);
    entered.recv().await.unwrap();
    settle().await;
    for answer in &answers {
        answer.abort();
    }
    settle().await;
    gate.open();
    settle().await;
    assert_eq!(gate.behind.kept().len(), 10);
}

#[tokio::test]
async fn what_waits_is_kept_although_the_router_is_gone() {
    let (gate, _entered) = Gate::closed();
    // The last router is dropped with the last request.
    for answer in post_all(gate.clone(), 10) {
        settle().await;
        answer.abort();
    }
    gate.open();
    settle().await;
    assert_eq!(gate.behind.kept().len(), 10);
}
