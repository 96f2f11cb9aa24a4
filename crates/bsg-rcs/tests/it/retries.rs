//! Retries of the client as it is by default: what it repeats, and what never.
//!
//! Tokio's clock is paused: it jumps to the end of whatever the client waits for.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::transport::retry::{BudgetPolicy, RetryPolicy};
use bsg_rcs::{Certainty, Client, MessageFilter, SendOutcome};
use bsg_rcs_transport::doubles::Scripted;
use bsg_rcs_transport::http::header::RETRY_AFTER;
use bsg_rcs_transport::http::{HeaderValue, Response, StatusCode};
use bsg_rcs_transport::{Bytes, FailureKind, TransportError};

use crate::stage::Step::{self, Answer, Login, MaybeSent, NotSent};
use crate::stage::{KEY, campaign, ids, line, script_of, single, text};

const BALANCE: &str = r#"{"data": {"balance": 1, "currency": "EUR"}}"#;
const RECEIPT: &str = r#"{"data": {"id": 7, "reference_id": "r0", "status": "accepted"}}"#;

/// The client as it is by default, over this script.
fn client_over(script: Scripted) -> (Client, Arc<Scripted>) {
    let script = Arc::new(script);
    let builder = Client::builder().base_url("https://platform.test").api_key(KEY);
    (builder.transport(Arc::clone(&script)).build().unwrap(), script)
}

/// How often the last call left.
fn tries(script: &Scripted) -> usize {
    let lines: Vec<_> = script.requests().iter().map(line).collect();
    lines.iter().rev().take_while(|line| Some(*line) == lines.last()).count()
}

/// A call that asks, over this script behind a login: whether it was answered, and its tries.
async fn check_asks(steps: &[Step<'_>], answered: bool, expected: usize) {
    let (client, script) = client_over(script_of(&[&[Login], steps].concat()));
    let answer = client.account().balance().await;
    assert_eq!((answer.is_ok(), tries(&script)), (answered, expected), "{steps:?}: {answer:?}");
}

#[tokio::test(start_paused = true)]
async fn what_only_asks_is_repeated_after_any_trouble_up_to_three_times() {
    let ok = Answer(200, BALANCE);
    for trouble in [
        NotSent,
        MaybeSent,
        Answer(429, ""),
        Answer(500, ""),
        Answer(502, ""),
        Answer(503, ""),
        Answer(504, ""),
    ] {
        check_asks(&[trouble, ok], true, 2).await;
        check_asks(&[trouble, trouble, ok], true, 3).await;
        check_asks(&[trouble, trouble, trouble, ok], false, 3).await;
    }
    for settled in [Answer(404, ""), Answer(422, ""), Answer(307, ""), Answer(501, "")] {
        check_asks(&[settled, ok], false, 1).await;
    }
    // An answer that cannot be read is an answer.
    check_asks(&[Answer(200, "{"), ok], false, 1).await;
}

/// What a send came to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Came {
    Accepted,
    Unknown,
    NotSent,
}

fn came<T>(outcome: Result<SendOutcome<T>, bsg_rcs::Error>) -> Came {
    match outcome {
        Ok(SendOutcome::Accepted(_)) => Came::Accepted,
        Ok(SendOutcome::Unknown(_)) => Came::Unknown,
        Err(error) if error.certainty() == Certainty::NotSent => Came::NotSent,
        _ => panic!("neither accepted nor unknown nor certainly not sent"),
    }
}

/// Each of the three sends over this script behind a login: what it came to, and its tries.
async fn check_sends(steps: &[Step<'_>], expected: Came, count: usize) {
    let fresh = || client_over(script_of(&[&[Login], steps].concat()));
    let (client, script) = fresh();
    let one = came(client.messages().send(&text(), &single()).await);
    assert_eq!((one, tries(&script)), (expected, count), "{steps:?}");
    let (client, script) = fresh();
    let many = came(client.campaigns().send(&text(), &campaign()).await);
    assert_eq!((many, tries(&script)), (expected, count), "{steps:?}");
    let (client, script) = fresh();
    let lists = came(client.campaigns().send_to_lists(&text(), &ids([3]), None).await);
    assert_eq!((lists, tries(&script)), (expected, count), "{steps:?}");
}

#[tokio::test(start_paused = true)]
async fn a_send_is_repeated_only_after_it_certainly_did_not_leave() {
    let ok = Answer(200, RECEIPT);
    check_sends(&[NotSent, ok], Came::Accepted, 2).await;
    check_sends(&[NotSent, NotSent, ok], Came::Accepted, 3).await;
    check_sends(&[NotSent, NotSent, NotSent, ok], Came::NotSent, 3).await;
    check_sends(&[NotSent, MaybeSent, ok], Came::Unknown, 2).await;
    check_sends(&[NotSent, Answer(503, ""), ok], Came::Unknown, 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_send_that_may_have_left_is_never_repeated() {
    for step in [
        MaybeSent,
        Answer(307, ""),
        Answer(408, ""),
        Answer(409, ""),
        Answer(425, ""),
        Answer(429, r#"{"message": "Too many duplicate request detected"}"#),
        Answer(500, ""),
        Answer(502, ""),
        Answer(503, ""),
        Answer(504, ""),
        Answer(204, ""),
        Answer(200, "{"),
    ] {
        check_sends(&[step, Answer(200, RECEIPT)], Came::Unknown, 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_changes_something_is_not_repeated_either() {
    for (step, expected) in [(NotSent, 2), (MaybeSent, 1), (Answer(503, ""), 1)] {
        let (client, script) = client_over(script_of(&[Login, step, Answer(204, "")]));
        let _ = client.contacts().delete(5).await;
        assert_eq!(tries(&script), expected, "{step:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_login_of_a_send_is_repeated_like_a_question() {
    for trouble in [NotSent, MaybeSent, Answer(429, ""), Answer(503, "")] {
        let steps = [trouble, trouble, Login, Answer(200, RECEIPT)];
        let (client, script) = client_over(script_of(&steps));
        assert_eq!(came(client.messages().send(&text(), &single()).await), Came::Accepted);
        assert_eq!(script.remaining(), 0, "{trouble:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_refused_once_and_its_call_goes_once_more() {
    let steps = [Login, Answer(401, ""), Login, Answer(200, RECEIPT)];
    let (client, script) = client_over(script_of(&steps));
    assert_eq!(came(client.messages().send(&text(), &single()).await), Came::Accepted);
    assert_eq!(script.remaining(), 0);

    let steps = [Login, Answer(401, ""), Login, Answer(401, ""), Login, Answer(200, RECEIPT)];
    let (client, script) = client_over(script_of(&steps));
    assert_eq!(came(client.messages().send(&text(), &single()).await), Came::NotSent);
    assert_eq!(script.remaining(), 2, "a fresh token that is refused is not replaced");
}

/// An answer that asks for patience, for so many seconds.
fn patience(seconds: u64) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

#[expect(clippy::disallowed_methods, reason = "the clock is paused, and moves when all wait")]
fn now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_asks_for_patience_gets_it_within_bounds() {
    for (asks, least, most) in [(0, 0, 1), (3, 3, 3), (4, 4, 4), (3600, 5, 6)] {
        let script = script_of(&[Login]).then(patience(asks)).then_json(StatusCode::OK, BALANCE);
        let (client, _) = client_over(script);
        let begun = now();
        client.account().balance().await.unwrap();
        let waited = begun.elapsed();
        // The timer of Tokio counts whole milliseconds.
        let bounds = Duration::from_secs(least)..=Duration::from_millis(most * 1000 + 2);
        assert!(bounds.contains(&waited), "{waited:?} for {asks}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_send_is_not_kept_waiting_by_a_platform_that_asks_for_patience() {
    let script = script_of(&[Login]).then(patience(4)).then_json(StatusCode::OK, RECEIPT);
    let (client, script) = client_over(script);
    let begun = now();
    assert_eq!(came(client.messages().send(&text(), &single()).await), Came::Unknown);
    assert_eq!((begun.elapsed(), script.remaining()), (Duration::ZERO, 1));
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_ones_own_is_kept_and_without_retry_nothing_is_repeated() {
    let script = || {
        let down = || TransportError::not_sent(FailureKind::Connect, "refused");
        Arc::new((0..6).fold(script_of(&[Login]), |script, _| script.then_error(down())))
    };
    let builder = || Client::builder().base_url("https://platform.test").api_key(KEY);
    let five = RetryPolicy::default().max_tries(5);
    // One repeat costs 14.
    let poor = RetryPolicy::default().budget(BudgetPolicy::default().tokens(14).refund(0));
    for (builder, expected) in [
        (builder().retry(five), 5),
        (builder().retry(poor), 2),
        (builder().without_retry(), 1),
        (builder(), 3),
    ] {
        let script = script();
        let client = builder.transport(Arc::clone(&script)).build().unwrap();
        let answer = client.messages().page(MessageFilter::default(), 0, 50).await;
        assert_eq!((answer.is_err(), tries(&script)), (true, expected));
    }
}
