//! What a look-up makes of a batch that was left in the middle: all found, none, some; in the
//! worlds of A15 (what a known reference does) and A20 (how soon a message is found).

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::CampaignSend;
use bsg_rcs_campaign::track::{TrackOptions, track};
use bsg_rcs_campaign::{Applied, ApplyOptions, Stop, apply::apply};
use bsg_rcs_campaign::{CampaignError, Event, Interrupt};
use bsg_rcs_domain::{Addressee, Batch, BatchCap, CampaignId};
use bsg_rcs_sandbox::engine::KnownReference;
use bsg_rcs_store::BatchState;

use crate::bench::{Bench, Fault, message, number, one_at_a_time};
use crate::stores::*;

const NUMBERS: [u64; 3] = [380_660_000_001, 380_660_000_002, 380_660_000_097];

/// Request timeout, the guard's window, and some air.
const SETTLE: i64 = 75_000;

/// A world with this lag and this reading of A15.
async fn bench(lag: u64, known: KnownReference) -> Bench {
    Bench::in_world(|world| {
        world.assumptions.lookup_lag = Duration::from_secs(lag);
        world.assumptions.known_reference = known;
    })
    .await
}

/// Somebody sends to these numbers with the references of the first recipients of a campaign.
async fn send_beside(bench: &Bench, id: CampaignId, numbers: &[u64]) {
    let key = bench.store.campaign(id).await.unwrap().unwrap().key;
    let planned = bench.store.recipients(id, 0, 3).await.unwrap();
    let to = planned.iter().zip(numbers).map(|(planned, digits)| Addressee {
        number: number(*digits),
        reference: key.mint(id, planned.index, planned.number.unwrap()),
    });
    let to = Batch::new(to.collect(), BatchCap::PLATFORM).unwrap();
    let send = CampaignSend::to(to);
    let _ = bench.tools.client.campaigns().send(&message(), &send).await.unwrap();
}

#[tokio::test]
async fn all_found_is_accepted_at_once() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let began = bench.sandbox.now_ms();
    bench.line.sends([Fault::AnswerLost]);
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!((bench.line.send_count(), bench.sandbox.now_ms()), (1, began));
    assert!(bench.batches(id).await[0].remotes.len() == 1);
}

#[tokio::test]
async fn none_found_is_sent_again_under_the_same_references_once_it_has_settled() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let began = bench.sandbox.now_ms();
    bench.line.sends([Fault::RequestLost]);
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sandbox.now_ms(), began + SETTLE);
    let bodies = bench.line.bodies();
    assert_eq!((bodies.len(), &bodies[0]), (2, &bodies[1]));
    assert!(bench.heard(|event| matches!(event, Event::Resolving { batch: 0, .. })) > 1);
}

#[tokio::test]
async fn of_a_batch_that_is_found_in_part_only_the_missing_are_sent_again() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    send_beside(&bench, id, &NUMBERS[..2]).await;
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.line.send_count(), 3, "that beside, all of it refused, the rest");
    assert_eq!(bench.sent_to().await, NUMBERS, "everybody once");
    let batch = bench.batches(id).await.remove(0);
    assert_eq!((batch.state, batch.remotes.len()), (BatchState::Accepted, 2));
    let look_max = Duration::from_secs(600);
    let report = track(&bench.tools, id, TrackOptions { look_max }).await.unwrap();
    assert_eq!((report.accepted, report.statuses["delivered"]), (3, 2), "both are polled");
    assert_eq!(report.never_told, 1, "the one that falls silent");
}

#[tokio::test]
async fn who_does_not_trust_the_platform_has_some_found_held_and_the_found_tracked() {
    let bench = Bench::new().await;
    let expires = 380_660_000_092;
    let id = bench.plan(&[NUMBERS[2], expires, NUMBERS[0]]).await;
    send_beside(&bench, id, &[NUMBERS[2], expires]).await;
    let options = ApplyOptions { hold_unknown: true, ..one_at_a_time() };
    let applied = apply(&bench.tools, id, options).await.unwrap();
    assert_eq!(applied, Applied::Held { batches: vec![0] });
    let report = bench.report(id).await;
    assert_eq!((report.accepted, report.undetermined), (2, 1));
    let batch = bench.batches(id).await.remove(0);
    assert_eq!(batch.note.as_deref(), Some("2 of 3 messages were found"));

    assert_eq!(bench.apply(id).await.unwrap(), applied, "it stays held");
    assert_eq!(bench.line.send_count(), 2, "that beside, and the one that was refused");
    // One of the found never ends, and its batch waits for a person: tracking ends all the same.
    let look_max = Duration::from_secs(600);
    let report = track(&bench.tools, id, TrackOptions { look_max }).await.unwrap();
    assert_eq!((report.statuses["expired"], report.undetermined), (1, 1), "it is polled");
}

#[tokio::test]
async fn another_number_under_the_same_reference_is_not_found() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let stranger = 380_660_000_077;
    send_beside(&bench, id, &[stranger]).await;
    let applied = bench.apply(id).await.unwrap();
    assert_eq!(applied, Applied::Held { batches: vec![0] });
    assert_eq!(bench.sent_to().await, [stranger]);
    assert_eq!(bench.report(id).await.undetermined, 3);
}

#[tokio::test]
async fn a_lag_within_the_settle_time_does_no_harm_in_any_world() {
    for known in
        [KnownReference::RefuseRequest, KnownReference::RejectMessage, KnownReference::SendAgain]
    {
        for fault in [Fault::AnswerLost, Fault::RequestLost] {
            let bench = bench(60, known).await;
            let id = bench.plan(&NUMBERS).await;
            bench.line.sends([fault]);
            assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent, "{known:?} {fault:?}");
            assert_eq!(bench.sent_to().await, NUMBERS, "{known:?} {fault:?}");
        }
    }
}

/// A refusal of the second try says nothing of the first: it is looked up, not believed.
#[tokio::test]
async fn a_lag_beyond_the_settle_time_is_caught_by_the_platforms_refusal() {
    for known in [KnownReference::RefuseRequest, KnownReference::RejectMessage] {
        let bench = bench(100, known).await;
        let id = bench.plan(&NUMBERS).await;
        bench.line.sends([Fault::AnswerLost]);
        assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent, "{known:?}");
        assert_eq!((bench.line.send_count(), bench.sent_to().await), (2, NUMBERS.to_vec()));
        assert_eq!(bench.report(id).await.accepted, 3);
    }
}

/// Where a duplicate would be sent again and nothing can be looked up, callbacks are all there is.
#[tokio::test]
async fn what_a_callback_told_of_is_not_sent_again() {
    // A message that was told of and is not found says that looking up is not to be trusted.
    let cases = [(3, Applied::AllSent), (1, Applied::Held { batches: vec![0] })];
    for (told, applied) in cases {
        let mut bench = bench(3600, KnownReference::SendAgain).await;
        let id = bench.plan(&NUMBERS).await;
        bench.line.sends([Fault::AnswerLost]);
        let (interrupter, interrupt) = Interrupt::new();
        bench.tools.interrupt = interrupt;
        bench.tools.progress = Arc::new(move |_| interrupter.raise());
        assert_eq!(bench.apply(id).await.unwrap(), Applied::Stopped(Stop::Interrupted));
        bench.tools.interrupt = Interrupt::never();
        bench.sandbox.advance(Duration::from_secs(10)).await;
        bench.call_back(told).await;
        assert_eq!(bench.apply(id).await.unwrap(), applied, "{told} were told of");
        assert_eq!(bench.sent_to().await, NUMBERS, "nobody twice");
        let report = bench.report(id).await;
        assert_eq!((report.accepted, report.undetermined), (told, 3 - told));
    }
}

#[tokio::test]
async fn where_a_duplicate_would_be_sent_again_and_nothing_is_found_in_time_a_person_decides() {
    let bench = bench(3600, KnownReference::SendAgain).await;
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([Fault::AnswerLost]);
    let options = ApplyOptions { hold_unknown: true, ..one_at_a_time() };
    let held = Applied::Held { batches: vec![0] };
    assert_eq!(apply(&bench.tools, id, options).await.unwrap(), held);
    assert_eq!(bench.sent_to().await, NUMBERS, "nobody twice");
    assert_eq!(bench.report(id).await.undetermined, 3);
}

#[tokio::test]
async fn after_three_attempts_a_batch_is_held() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.line.every_send(Fault::RequestLost);
    let held = Applied::Held { batches: vec![0] };
    assert_eq!(bench.apply(id).await.unwrap(), held);
    assert_eq!((bench.line.send_count(), bench.sent_to().await.len()), (3, 0));
    bench.line.every_send(Fault::No);
    assert_eq!(bench.apply(id).await.unwrap(), held, "only a person lets it go on");
    assert_eq!((bench.line.send_count(), bench.report(id).await.undetermined), (3, 3));
}

#[tokio::test]
async fn a_look_up_that_fails_is_tried_again_and_nothing_is_concluded_from_it() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([Fault::AnswerLost]);
    bench.line.asks([Fault::Before(503), Fault::NotSent, Fault::Before(429), Fault::Garbled]);
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.line.send_count(), 1);
    assert_eq!(bench.heard(|event| matches!(event, Event::Unreachable { .. })), 4);
}

#[tokio::test]
async fn a_platform_that_cannot_be_asked_leaves_the_batch_as_it_is() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([Fault::AnswerLost]);
    bench.line.every_ask(Fault::RequestLost);
    for _ in 0..3 {
        let error = bench.apply(id).await.unwrap_err();
        assert!(matches!(error, CampaignError::Client(_)), "{error}");
        assert_eq!(bench.batches(id).await[0].state, BatchState::Unknown);
    }
    bench.line.every_ask(Fault::No);
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!((bench.line.send_count(), bench.sent_to().await), (1, NUMBERS.to_vec()));
}
