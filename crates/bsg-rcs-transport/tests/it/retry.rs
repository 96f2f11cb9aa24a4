//! The laws of repeating, over scripts of everything that can happen.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bsg_rcs_transport::doubles::Scripted;
use bsg_rcs_transport::http::{Request, Response, StatusCode};
use bsg_rcs_transport::retry::{BudgetPolicy, Outcome, Retry, RetryPolicy, Verdict};
use bsg_rcs_transport::{Bytes, Certainty, FailureKind, Repeat, Transport, TransportError};
use proptest::prelude::*;

/// What the server or the line does with one try.
#[derive(Clone, Copy, Debug)]
enum Step {
    Answer(u16, Option<u64>),
    NotSent,
    MaybeSent,
}
use Step::{Answer, MaybeSent, NotSent};

impl Step {
    fn outcome(self) -> Outcome {
        match self {
            Answer(status, retry_after) => {
                let mut answer = Response::builder().status(status);
                if let Some(seconds) = retry_after {
                    answer = answer.header("retry-after", seconds);
                }
                Ok(answer.body(Bytes::new()).unwrap())
            }
            NotSent => Err(TransportError::not_sent(FailureKind::Connect, "refused")),
            MaybeSent => Err(TransportError::maybe_sent(FailureKind::Broken, "reset")),
        }
    }

    fn is_settled(self) -> bool {
        matches!(self, Answer(status, _) if !matches!(status, 429 | 500 | 502..=504 | 506..=599))
    }

    fn is_throttled(self) -> bool {
        matches!(self, Answer(429 | 503, _))
    }

    /// What a repeat after this takes from the budget.
    fn price(self) -> u32 {
        if self.is_throttled() { 5 } else { 14 }
    }
}

fn request(repeat: Option<Repeat>) -> Request<Bytes> {
    let mut request = Request::post("https://host/").body(Bytes::new()).unwrap();
    if let Some(repeat) = repeat {
        request.extensions_mut().insert(repeat);
    }
    request
}

/// The waits that were asked for; none of them takes any time.
type Waits = Arc<Mutex<Vec<Duration>>>;

fn retry(script: Scripted, policy: RetryPolicy, mut seed: u64) -> (Retry<Scripted>, Waits) {
    let waits = Waits::default();
    let kept = Arc::clone(&waits);
    let wait = move |length| -> bsg_rcs_transport::retry::Waiting {
        kept.lock().unwrap().push(length);
        Box::pin(async {})
    };
    let random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        seed
    };
    (Retry::handed(script, wait, random).policy(policy), waits)
}

fn run(future: impl Future<Output = Outcome>) -> Outcome {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// What the steps come to under this law, how many of them were used, and the waits between.
fn check(repeat: Option<Repeat>, steps: &[Step], tries: usize) -> (Outcome, Vec<Duration>) {
    let script = Scripted::new();
    steps.iter().for_each(|step| script.push(step.outcome()));
    let (transport, waits) = retry(script, RetryPolicy::default(), 7);
    let outcome = run(transport.exchange(request(repeat)));
    assert_eq!(transport.inner().requests().len(), tries, "{repeat:?} {steps:?}");
    let waits = waits.lock().unwrap().clone();
    (outcome, waits)
}

#[test]
fn a_safe_request_is_repeated_after_trouble() {
    for trouble in [NotSent, MaybeSent, Answer(429, None), Answer(500, None), Answer(502, None)] {
        let (outcome, _) = check(Some(Repeat::Safe), &[trouble, Answer(200, None)], 2);
        assert_eq!(outcome.unwrap().status(), 200);
    }
}

#[test]
fn a_safe_request_is_not_repeated_after_an_answer_that_will_not_change() {
    for status in [200, 204, 307, 400, 401, 404, 422, 501, 505] {
        check(Some(Repeat::Safe), &[Answer(status, None), Answer(200, None)], 1).0.unwrap();
    }
}

#[test]
fn after_three_tries_the_last_result_is_returned_as_it_is() {
    let steps = [MaybeSent, Answer(502, None), Answer(503, Some(1)), Answer(200, None)];
    let (outcome, waits) = check(Some(Repeat::Safe), &steps, 3);
    let answer = outcome.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    assert_eq!(waits.len(), 2);
}

#[test]
fn a_request_that_must_not_arrive_twice_is_repeated_only_when_it_never_left() {
    let only = Some(Repeat::OnlyIfNotSent);
    check(only, &[NotSent, NotSent, Answer(200, None)], 3).0.unwrap();
    check(only, &[MaybeSent, Answer(200, None)], 1).0.unwrap_err();
    check(only, &[Answer(503, None), Answer(200, None)], 1).0.unwrap();
    check(only, &[NotSent, Answer(429, None), Answer(200, None)], 2).0.unwrap();
}

#[test]
fn a_request_that_says_nothing_is_never_repeated() {
    check(None, &[NotSent, Answer(200, None)], 1).0.unwrap_err();
    check(None, &[Answer(503, None), Answer(200, None)], 1).0.unwrap();
}

#[test]
fn one_try_that_may_have_arrived_is_not_forgotten() {
    for first in [MaybeSent, Answer(503, None)] {
        let (outcome, _) = check(Some(Repeat::Safe), &[first, NotSent, NotSent], 3);
        let error = outcome.unwrap_err();
        assert_eq!((error.certainty(), error.kind()), (Certainty::MaybeSent, FailureKind::Connect));
    }
    let (outcome, _) = check(Some(Repeat::Safe), &[NotSent, NotSent, NotSent], 3);
    assert_eq!(outcome.unwrap_err().certainty(), Certainty::NotSent);
}

#[test]
fn what_the_server_asks_for_in_seconds_stretches_the_wait() {
    let steps = [Answer(429, Some(4)), Answer(429, Some(3600)), Answer(200, None)];
    let (_, waits) = check(Some(Repeat::Safe), &steps, 3);
    assert_eq!(waits[0], Duration::from_secs(4));
    assert!((5..=7).contains(&waits[1].as_secs()), "{waits:?}");
}

#[test]
fn a_judge_may_widen_what_a_safe_request_is_repeated_after_and_nothing_else() {
    for (repeat, tries) in [(Some(Repeat::Safe), 2), (Some(Repeat::OnlyIfNotSent), 1), (None, 1)] {
        let script =
            Scripted::new().then_json(StatusCode::NOT_FOUND, "{}").then_json(StatusCode::OK, "{}");
        let (transport, _) = retry(script, RetryPolicy::default(), 7);
        let transport = transport.judged_by(|outcome| match outcome {
            Ok(answer) if answer.status() == 200 => Verdict::Settled,
            _ => Verdict::Trouble,
        });
        run(transport.exchange(request(repeat))).unwrap();
        assert_eq!(transport.inner().requests().len(), tries);
    }
}

#[test]
fn without_tokens_nothing_is_repeated_and_successes_bring_them_back() {
    let script = Scripted::new();
    let budget = BudgetPolicy::default().tokens(15);
    let policy = RetryPolicy::default().budget(budget);
    let (transport, _) = retry(script, policy, 7);
    let exchange = |steps: &[Step]| {
        steps.iter().for_each(|step| transport.inner().push(step.outcome()));
        let outcome = run(transport.exchange(request(Some(Repeat::Safe))));
        assert_eq!(transport.inner().remaining(), 0);
        (outcome.is_ok(), transport.budget_left())
    };
    assert_eq!(exchange(&[MaybeSent, MaybeSent]), (false, 1), "the second repeat is too dear");
    assert_eq!(exchange(&[Answer(503, None)]), (true, 1), "and so is any other");
    for left in 2..=5 {
        assert_eq!(exchange(&[Answer(200, None)]), (true, left));
    }
    assert_eq!(exchange(&[Answer(503, None), Answer(200, None)]), (true, 5), "taken and returned");
}

#[test]
fn a_try_is_the_request_as_it_was_given() {
    let script = Scripted::new();
    [NotSent, Answer(200, None)].iter().for_each(|step| script.push(step.outcome()));
    let (transport, _) = retry(script, RetryPolicy::default(), 7);
    let mut request = request(Some(Repeat::OnlyIfNotSent));
    request.headers_mut().insert("x-own", "1".parse().unwrap());
    *request.body_mut() = Bytes::from_static(b"hello");
    request.extensions_mut().insert(bsg_rcs_transport::Timeout(Duration::from_secs(9)));
    run(transport.exchange(request)).unwrap();
    for request in transport.inner().requests() {
        assert_eq!(
            (request.body(), &request.headers()["x-own"]),
            (&Bytes::from("hello"), &"1".parse().unwrap())
        );
        let bound = bsg_rcs_transport::Timeout::of(request.extensions());
        assert_eq!(bound, Some(Duration::from_secs(9)));
    }
}

#[cfg(feature = "tokio")]
mod on_tokio {
    use super::*;
    use bsg_rcs_transport::doubles::NeverAnswers;

    #[tokio::test(start_paused = true)]
    async fn the_default_wrapper_waits_on_the_timer_of_the_runtime() {
        let script = Scripted::new();
        [Answer(429, Some(4)), Answer(200, None)]
            .iter()
            .for_each(|step| script.push(step.outcome()));
        let exchange = Retry::new(script);
        let exchange = exchange.exchange(request(Some(Repeat::Safe)));
        tokio::pin!(exchange);
        let early = tokio::time::timeout(Duration::from_millis(3_900), &mut exchange).await;
        assert!(early.is_err(), "{early:?}");
        let late = tokio::time::timeout(Duration::from_millis(200), exchange).await;
        assert_eq!(late.unwrap().unwrap().status(), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bound_of_all_tries_together_strikes_and_may_have_sent() {
        let bound = Duration::from_secs(9);
        let policy = RetryPolicy::default().overall(Some(bound));
        let transport = Retry::new(NeverAnswers).policy(policy);
        let exchange = transport.exchange(request(Some(Repeat::Safe)));
        let outcome = tokio::time::timeout(bound * 2, exchange).await.unwrap();
        let error = outcome.unwrap_err();
        assert_eq!((error.certainty(), error.kind()), (Certainty::MaybeSent, FailureKind::Timeout));
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let status =
        prop::sample::select(vec![200, 204, 307, 401, 422, 429, 500, 501, 502, 503, 504, 505, 599]);
    let step = prop_oneof![
        (status, prop::option::of(0..4000_u64)).prop_map(|(status, after)| Answer(status, after)),
        Just(NotSent),
        Just(MaybeSent),
    ];
    prop::collection::vec(step, 6)
}

fn repeats() -> impl Strategy<Value = Option<Repeat>> {
    prop::sample::select(vec![None, Some(Repeat::Safe), Some(Repeat::OnlyIfNotSent)])
}

proptest! {
    #[test]
    fn the_laws_of_repeating(
        exchanges in prop::collection::vec((steps(), repeats()), 1..8),
        max_tries in 0..6_u32,
        tokens in 0..60_u32,
        seed in any::<u64>(),
    ) {
        let budget = BudgetPolicy::default().tokens(tokens);
        let policy = RetryPolicy::default().max_tries(max_tries).budget(budget);
        let (transport, waits) = retry(Scripted::new(), policy.clone(), seed);
        let mut tokens_left = tokens;
        for (steps, repeat) in exchanges {
            let seen_before = transport.inner().requests().len();
            waits.lock().unwrap().clear();
            steps.iter().for_each(|step| transport.inner().push(step.outcome()));
            let outcome = run(transport.exchange(request(repeat)));
            let tries = transport.inner().requests().len() - seen_before;
            // What was not used must not answer the next exchange.
            while transport.inner().remaining() > 0 {
                let _ = run(transport.inner().exchange(request(None)));
            }

            let used = &steps[..tries];
            let (last, earlier) = used.split_last().unwrap();
            prop_assert!(tries <= usize::try_from(max_tries.max(1)).unwrap(), "bounded");
            prop_assert!(repeat.is_some() || tries == 1, "who says nothing is tried once");
            prop_assert!(earlier.iter().all(|step| !step.is_settled()), "what is settled is the end");
            if repeat == Some(Repeat::OnlyIfNotSent) {
                prop_assert!(earlier.iter().all(|step| matches!(step, NotSent)), "arrives once at most");
            }

            let never_left = used.iter().all(|step| matches!(step, NotSent));
            match (&outcome, last) {
                (Ok(answer), Answer(status, _)) => prop_assert_eq!(answer.status(), *status),
                (Err(error), NotSent | MaybeSent) => {
                    prop_assert_eq!(error.certainty() == Certainty::NotSent, never_left);
                    let kind = last.outcome().unwrap_err().kind();
                    prop_assert_eq!(error.kind(), kind);
                }
                _ => prop_assert!(false, "{:?} is not the last result {:?}", outcome, last),
            }

            let waits = waits.lock().unwrap().clone();
            prop_assert_eq!(waits.len(), earlier.len());
            for (number, (wait, step)) in waits.iter().zip(earlier).enumerate() {
                let base = if step.is_throttled() { 1_000 } else { 50 };
                let bound = Duration::from_millis((base << number).min(20_000));
                match step {
                    Answer(_, Some(after)) => {
                        let after = Duration::from_secs(*after);
                        prop_assert!(*wait <= bound + Duration::from_secs(5));
                        prop_assert!(*wait >= after.min(Duration::from_secs(5)));
                    }
                    _ => prop_assert!(*wait <= bound),
                }
            }
            prop_assert!(waits.iter().sum::<Duration>() <= policy.longest_wait());

            for step in earlier {
                prop_assert!(tokens_left >= step.price(), "a repeat that nobody could pay");
                tokens_left -= step.price();
            }
            if last.is_settled() {
                let refund = earlier.last().map_or(1, |step| step.price());
                tokens_left = tokens.min(tokens_left + refund);
            }
            prop_assert_eq!(transport.budget_left(), tokens_left);

            let might_go_on = match repeat {
                Some(Repeat::Safe) => !last.is_settled(),
                Some(Repeat::OnlyIfNotSent) => matches!(last, NotSent),
                None => false,
            };
            if might_go_on && u32::try_from(tries).unwrap() < max_tries {
                prop_assert!(tokens_left < last.price(), "it gave up with tokens left");
            }
        }
    }
}
