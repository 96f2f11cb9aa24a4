//! Each way a send can end, at each batch; what is written when; applying again after any end.

use std::task::{Context, Poll, Waker};

use bsg_rcs_campaign::apply::apply;
use bsg_rcs_campaign::{Applied, ApplyOptions, CampaignError, Event, Interrupt};
use bsg_rcs_store::{BatchState, CampaignState};

use crate::bench::{Bench, Fault, one_at_a_time};
use crate::stores::*;

const NUMBERS: [u64; 7] = [
    380_660_000_001,
    380_660_000_002,
    380_660_000_003,
    380_660_000_004,
    380_660_000_005,
    380_660_000_006,
    380_660_000_007,
];

/// The result of work that waits for nothing, as that of a store in memory.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    match std::pin::pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("it waits"),
    }
}

/// One fault at the send of one batch, and none elsewhere.
fn only_at(batch: usize, fault: Fault) -> Vec<Fault> {
    let mut script = vec![Fault::No; batch];
    script.push(fault);
    script
}

#[tokio::test]
async fn whatever_becomes_of_one_send_everybody_gets_one_message() {
    let unsure = [
        Fault::NotSent,
        Fault::RequestLost,
        Fault::AnswerLost,
        Fault::Before(503),
        Fault::After(503),
        Fault::Before(429),
        Fault::After(429),
        Fault::Before(200),
        Fault::Garbled,
        Fault::After(302),
    ];
    let mut bench = Bench::new().await;
    for fault in unsure {
        for batch in 0..3 {
            bench = bench.anew().await;
            let id = bench.plan(&NUMBERS).await;
            bench.line.sends(only_at(batch, fault));
            let applied = bench.apply(id).await.unwrap();
            assert_eq!(applied, Applied::AllSent, "{fault:?} at {batch}");
            assert_eq!(bench.sent_to().await, NUMBERS, "{fault:?} at {batch}");
            assert_eq!(bench.report(id).await.accepted, 7);
            let arrived = matches!(fault, Fault::AnswerLost | Fault::After(_) | Fault::Garbled);
            let sends = if arrived { 3 } else { 4 };
            assert_eq!(bench.line.send_count(), sends, "{fault:?}: what arrived is not sent again");
        }
    }
}

/// A refusal that names no recipient is final for none of them (issue: 5,000 people were lost by
/// one 404).
#[tokio::test]
async fn a_request_that_is_refused_as_a_whole_rejects_no_recipient() {
    let mut bench = Bench::new().await;
    for status in [400, 402, 403, 404, 405, 407, 410, 413, 414, 415, 422, 431, 451] {
        for batch in 0..3_usize {
            bench = bench.anew().await;
            let id = bench.plan(&NUMBERS).await;
            bench.line.sends(only_at(batch, Fault::Before(status)));
            let applied = bench.apply(id).await.unwrap();
            let Applied::Refused { why, held } = applied else { panic!("{applied:?}") };
            assert!(why.contains("Not now.") && held.is_empty(), "{status}: {why}");
            assert_eq!(bench.line.send_count(), batch + 1, "no new batches");
            let refused = bench.batches(id).await.remove(batch);
            assert_eq!((refused.state, refused.attempts), (BatchState::Planned, 0), "{status}");
            assert!(refused.note.is_some_and(|note| note.contains("Not now.")));
            let campaign = bench.store.campaign(id).await.unwrap().unwrap();
            assert_eq!(campaign.state, CampaignState::Paused);
            let report = bench.report(id).await;
            let sent = u64::try_from(batch * 3).unwrap();
            assert_eq!((report.accepted, report.pending, report.rejected), (sent, 7 - sent, 0));
            assert!(report.note.is_some_and(|note| note.contains("Not now.")), "{status}");

            assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent, "{status}");
            assert_eq!(bench.sent_to().await, NUMBERS, "{status}");
            assert_eq!(bench.report(id).await.note, None, "what is sent is not paused");
        }
    }
}

/// Unknown outcomes are told before refusals.
#[tokio::test]
async fn a_held_batch_is_named_beside_a_refusal() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([Fault::RequestLost]);
    let options = ApplyOptions { hold_unknown: true, first: Some(3), ..one_at_a_time() };
    apply(&bench.tools, id, options).await.unwrap();
    bench.line.sends([Fault::Before(404)]);
    let applied = bench.apply(id).await.unwrap();
    assert!(matches!(&applied, Applied::Refused { held, .. } if held == &[0]), "{applied:?}");
}

/// A batch whose outcome is unknown keeps no other back.
#[tokio::test]
async fn an_unknown_batch_holds_up_no_other() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([Fault::RequestLost, Fault::RequestLost]);
    let began = bench.sandbox.now_ms();
    assert_eq!(apply(&bench.tools, id, ApplyOptions::default()).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS);
    let first = bench.line.seen().iter().position(|batches| {
        batches.iter().filter(|batch| batch.state == BatchState::Unknown).count() == 2
    });
    assert_eq!(first, Some(2), "the third batch leaves while two are unknown");
    let took = bench.sandbox.now_ms() - began;
    assert!(took < 2 * 80_000, "they settle beside each other: {took} ms");
}

#[tokio::test]
async fn a_platform_that_is_not_there_is_given_up_and_nothing_is_sent() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.line.every_send(Fault::NotSent);
    let error = bench.apply(id).await.unwrap_err();
    assert!(matches!(error, CampaignError::Client(_)), "{error}");
    assert_eq!(bench.line.send_count(), 5);
    assert_eq!(bench.heard(|event| matches!(event, Event::Unreachable { .. })), 4);
    assert!(bench.batches(id).await.iter().all(|batch| batch.state == BatchState::Planned));
    assert_eq!(bench.report(id).await.pending, 7);

    // What never left is not looked up, and does not count against what may be sent.
    bench.line.every_send(Fault::No);
    bench.line.sends([Fault::RequestLost]);
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS);
}

#[tokio::test]
async fn the_intent_is_written_before_the_request_leaves() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.apply(id).await.unwrap();
    let seen = bench.line.seen();
    assert_eq!(seen.len(), 3);
    for (sending, batches) in seen.iter().enumerate() {
        let states: Vec<_> = batches.iter().map(|batch| batch.state).collect();
        let mut expected = vec![BatchState::Accepted; sending];
        expected.push(BatchState::Sending);
        expected.resize(3, BatchState::Planned);
        assert_eq!(states, expected);
    }
}

#[tokio::test]
async fn the_outcome_is_written_before_it_is_told() {
    let mut bench = Bench::new().await;
    bench.line.sends([Fault::No, Fault::AnswerLost, Fault::Before(422)]);
    let id = bench.plan(&NUMBERS).await;
    let (store, events) = (bench.store.clone(), bench.events.clone());
    bench.tools.progress = std::sync::Arc::new(move |event| {
        let batches = at_once(store.batches(id, 0, u32::MAX)).unwrap();
        match &event {
            Event::Batch { settled, .. } => {
                let told = batches.iter().filter(|batch| u64::from(batch.first) < *settled);
                let settled = [BatchState::Accepted, BatchState::Rejected, BatchState::Held];
                assert!(told.clone().all(|batch| settled.contains(&batch.state)), "{batches:?}");
            }
            Event::Resolving { batch, .. } => {
                let number = usize::try_from(*batch).unwrap();
                assert_eq!(batches[number].state, BatchState::Unknown);
            }
            _ => {}
        }
        events.lock().unwrap().push(event);
    });
    assert!(matches!(bench.apply(id).await.unwrap(), Applied::Refused { .. }));
    assert!(bench.heard(|event| matches!(event, Event::Batch { .. })) > 0);
}

#[tokio::test]
async fn a_finished_campaign_is_applied_again_without_a_send() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.apply(id).await.unwrap();
    let options = bsg_rcs_campaign::track::TrackOptions::default();
    bsg_rcs_campaign::track::track(&bench.tools, id, options).await.unwrap();
    let before = (bench.batches(id).await, bench.report(id).await);
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.line.send_count(), 3);
    assert_eq!((bench.batches(id).await, bench.report(id).await), before);
    let campaign = bench.store.campaign(id).await.unwrap().unwrap();
    assert_eq!(campaign.state, CampaignState::Done, "what is done stays done");
}

#[tokio::test]
async fn two_at_once_are_one_and_a_refusal() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let (one, other) = tokio::join!(bench.apply(id), bench.apply(id));
    assert_eq!(one.unwrap(), Applied::AllSent);
    let error = other.unwrap_err().to_string();
    assert!(error.contains("being applied by another"), "{error}");
    assert_eq!(bench.sent_to().await, NUMBERS);
}

/// A batch that may have arrived stays so when a later try of it did not even leave.
#[tokio::test]
async fn a_try_that_did_not_leave_does_not_make_an_earlier_one_unsent() {
    let mut bench = Bench::in_world(|world| {
        world.assumptions.lookup_lag = std::time::Duration::from_secs(100);
        world.assumptions.known_reference = bsg_rcs_sandbox::engine::KnownReference::SendAgain;
    })
    .await;
    let id = bench.plan(&NUMBERS[..3]).await;
    bench.line.sends([Fault::AnswerLost].into_iter().chain([Fault::NotSent; 5]));
    let error = bench.apply(id).await.unwrap_err();
    assert!(matches!(error, CampaignError::Client(_)), "{error}");
    assert_eq!(bench.batches(id).await[0].state, BatchState::Unknown);
    bench.sandbox.advance(std::time::Duration::from_secs(100)).await;
    bench.tools.interrupt = Interrupt::never();
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS[..3], "it was looked up, and found");
}
