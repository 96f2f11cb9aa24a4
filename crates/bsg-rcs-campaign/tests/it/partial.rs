//! Recipients that the platform refuses by name, or leaves out: the others are sent to all the same.

use std::time::Duration;

use bsg_rcs_campaign::track::{TrackOptions, track};
use bsg_rcs_campaign::{Applied, apply::apply};
use bsg_rcs_domain::{CampaignId, Message};
use bsg_rcs_sandbox::engine::{BarredRecipient, RefusedRecipient};
use bsg_rcs_store::{BatchState, Outcome};

use crate::bench::{Bench, Fault, one_at_a_time};
use crate::stores::*;

/// Ukrainian, for an agent that may write to Ukraine only.
const FINE: [u64; 4] = [380_660_000_001, 380_660_000_002, 380_660_000_003, 380_660_000_004];
/// German.
const BARRED: [u64; 3] = [491_701_234_501, 491_701_234_502, 491_701_234_503];

/// A platform that refuses whom the agent may not write to, and what that does to the others.
async fn bench(refused: RefusedRecipient) -> Bench {
    Bench::in_world(|world| {
        world.assumptions.barred_recipient = BarredRecipient::Refused;
        world.assumptions.refused_recipient = refused;
    })
    .await
}

async fn planned(bench: &Bench, numbers: &[u64]) -> CampaignId {
    let message = Message::text("demo_agent_ua", "Your table is ready.").unwrap();
    bench.plan_message(numbers, &message).await
}

/// The numbers that are rejected, each with words.
async fn rejected(bench: &Bench, id: CampaignId) -> Vec<u64> {
    let recipients = bench.store.recipients(id, 0, 99).await.unwrap();
    let rejected = recipients.iter().filter(|to| to.outcome == Some(Outcome::Rejected));
    rejected
        .map(|to| {
            assert!(to.note.as_ref().is_some_and(|words| !words.is_empty()), "with words");
            to.number.unwrap().as_u64()
        })
        .collect()
}

#[tokio::test]
async fn a_batch_that_is_refused_for_some_goes_out_without_them() {
    let bench = bench(RefusedRecipient::RefuseRequest).await;
    let numbers = [FINE[0], BARRED[0], FINE[1], BARRED[1], BARRED[2], FINE[2], FINE[3]];
    let id = planned(&bench, &numbers).await;
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, FINE, "everybody else once");
    assert_eq!(rejected(&bench, id).await, BARRED);
    let report = bench.report(id).await;
    assert_eq!((report.accepted, report.rejected, report.pending), (4, 3, 0));
    assert_eq!(bench.line.send_count(), 5, "two batches twice, one once");
}

#[tokio::test]
async fn a_batch_of_which_all_are_refused_does_not_keep_the_next_from_leaving() {
    let bench = bench(RefusedRecipient::RefuseRequest).await;
    let numbers = [BARRED[0], BARRED[1], BARRED[2], FINE[0]];
    let id = planned(&bench, &numbers).await;
    for _ in 0..2 {
        assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    }
    assert_eq!((bench.sent_to().await, bench.line.send_count()), (vec![FINE[0]], 2));
    let report = bench.report(id).await;
    assert_eq!((report.accepted, report.rejected), (1, 3));
}

/// Killed between the refusal and its being written down: the batch is looked up, and refused again.
#[tokio::test]
async fn whose_answer_was_lost_is_refused_the_next_time() {
    let bench = bench(RefusedRecipient::RefuseRequest).await;
    let id = planned(&bench, &[FINE[0], BARRED[0], FINE[1]]).await;
    bench.line.sends([Fault::AnswerLost, Fault::No, Fault::AnswerLost]);
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, FINE[..2], "everybody else once");
    assert_eq!(rejected(&bench, id).await, BARRED[..1]);
    assert_eq!(bench.batches(id).await[0].state, BatchState::Accepted);
}

#[tokio::test]
async fn whom_the_platform_leaves_out_without_a_word_is_found_out_once_it_has_settled() {
    let bench = bench(RefusedRecipient::LeaveOut).await;
    let id = planned(&bench, &[FINE[0], BARRED[0], FINE[1]]).await;
    let applied = apply(&bench.tools, id, one_at_a_time()).await.unwrap();
    assert_eq!((applied, bench.report(id).await.accepted), (Applied::AllSent, 3));
    let look_max = Duration::from_secs(600);
    let report = track(&bench.tools, id, TrackOptions { look_max }).await.unwrap();
    assert_eq!((report.accepted, report.rejected, report.never_told), (2, 1, 0));
    assert_eq!(rejected(&bench, id).await, BARRED[..1]);
}
