//! The heart: applying dies at every step of its way, once with each kind of line, and is applied
//! again. Then the platform has each number exactly once, and what was told is still true.

use std::time::Duration;

use bsg_rcs_campaign::track::{TrackOptions, track};
use bsg_rcs_campaign::{Applied, ApplyOptions, apply::apply};
use bsg_rcs_campaign::{CampaignError, Event};
use bsg_rcs_domain::CampaignId;
use bsg_rcs_sandbox::engine::KnownReference;

use crate::bench::{Bench, Fault, one_at_a_time};

/// Three batches of at most three.
const NUMBERS: [u64; 7] = [
    380_660_000_001,
    380_660_000_002,
    380_660_000_003,
    380_660_000_091,
    380_660_000_094,
    380_660_000_095,
    380_660_000_098,
];

/// More than the window of the platform's duplicate guard, which is a short one here.
const SETTLE: Duration = Duration::from_secs(3);

async fn bench(known: KnownReference) -> Bench {
    Bench::in_world(|world| {
        world.assumptions.duplicate_window = Duration::from_secs(2);
        world.assumptions.known_reference = known;
    })
    .await
    .within(Duration::from_secs(1))
}

async fn apply_soon(bench: &Bench, id: CampaignId) -> Result<Applied, CampaignError> {
    let options = ApplyOptions { settle: Some(SETTLE), ..one_at_a_time() };
    apply(&bench.tools, id, options).await
}

/// Recipients that somebody was told to be settled.
fn told(bench: &Bench) -> u64 {
    let events = bench.events.lock().unwrap();
    let settled = events.iter().filter_map(|event| match event {
        Event::Batch { settled, .. } => Some(*settled),
        _ => None,
    });
    settled.max().unwrap_or(0)
}

/// Applies until the `fatal`th step, dies, and applies to the end; whether it died.
async fn die_at(fatal: usize, bench: &Bench, id: CampaignId) -> bool {
    let done = bench.steps.until(fatal, apply_soon(bench, id)).await;
    let context = format!("step {fatal}, {}", bench.steps.died_at());
    let report = bench.report(id).await;
    assert!(report.recipients - report.pending >= told(bench), "{context}: {report:?}");
    assert_eq!(apply_soon(bench, id).await.unwrap(), Applied::AllSent, "{context}");
    assert_eq!(bench.sent_to().await, NUMBERS, "{context}");
    let report = bench.report(id).await;
    assert_eq!((report.accepted, report.pending), (7, 0), "{context}: {report:?}");
    done.is_none()
}

/// Dies at every step with a line that fails so.
async fn die_everywhere(script: &[Fault], every: Fault) {
    die_everywhere_in(bench(KnownReference::RefuseRequest).await, script, every).await;
}

async fn die_everywhere_in(mut bench: Bench, script: &[Fault], every: Fault) {
    let mut fatal = 0;
    loop {
        fatal += 1;
        bench = bench.anew().await;
        bench.line.sends(script.iter().copied());
        bench.line.every_send(every);
        let id = bench.plan(&NUMBERS).await;
        if !die_at(fatal, &bench, id).await {
            break;
        }
        // Once in a while, to the very end.
        if fatal % 8 == 0 {
            let report = track(&bench.tools, id, TrackOptions::default()).await.unwrap();
            assert!(report.is_done() && report.never_told == 0, "step {fatal}: {report:?}");
        }
    }
    assert!(fatal > 20, "applying has {fatal} steps only");
}

#[tokio::test]
async fn on_a_line_that_works() {
    die_everywhere(&[], Fault::No).await;
}

#[tokio::test]
async fn on_a_line_that_loses_every_answer() {
    die_everywhere(&[], Fault::AnswerLost).await;
}

/// Where the platform protects nobody (A15 c), looking up does.
#[tokio::test]
async fn on_a_platform_that_would_send_it_again() {
    let bench = bench(KnownReference::SendAgain).await;
    die_everywhere_in(bench, &[Fault::No, Fault::AnswerLost].repeat(20), Fault::No).await;
}

#[tokio::test]
async fn on_a_line_that_loses_requests() {
    let script = [Fault::RequestLost, Fault::No, Fault::No, Fault::No, Fault::No].repeat(20);
    die_everywhere(&script, Fault::No).await;
}

#[tokio::test]
async fn on_a_line_that_often_is_not_there() {
    die_everywhere(&[Fault::NotSent, Fault::No].repeat(20), Fault::No).await;
}

#[tokio::test]
async fn on_a_line_behind_a_gateway_that_gives_up() {
    let script = [Fault::After(503), Fault::Before(429), Fault::Garbled];
    die_everywhere(&script, Fault::No).await;
}

/// Dying again and again may leave a batch to a person, but writes to nobody twice.
#[tokio::test]
async fn dying_often_is_safe() {
    let mut bench = bench(KnownReference::SendAgain).await;
    for distance in (5..30).step_by(3) {
        bench = bench.anew().await;
        bench.line.every_send(Fault::AnswerLost);
        let id = bench.plan(&NUMBERS).await;
        let mut deaths = 0;
        while bench.steps.until(distance, apply_soon(&bench, id)).await.is_none() && deaths < 20 {
            deaths += 1;
        }
        let applied = apply_soon(&bench, id).await.unwrap();
        assert!(matches!(applied, Applied::AllSent | Applied::Held { .. }), "{applied:?}");
        let mut sent = bench.sent_to().await;
        sent.dedup();
        assert_eq!(sent, bench.sent_to().await, "nobody twice");
        let report = bench.report(id).await;
        let known: u64 = report.accepted + report.undetermined;
        assert_eq!((known, report.pending), (7, 0), "nobody is forgotten: {report:?}");
    }
}
