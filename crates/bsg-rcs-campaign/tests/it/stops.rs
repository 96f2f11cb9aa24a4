//! Why applying stops before its end (the first recipients, a rate, an interrupt, a pause of the
//! platform), who may not apply at all, and that applying again goes on.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::Client;
use bsg_rcs_campaign::breakdown::breakdown;
use bsg_rcs_campaign::stop::{RemoteStop, stop};
use bsg_rcs_campaign::track::{TrackOptions, track};
use bsg_rcs_campaign::{Applied, ApplyOptions, Stop, apply::apply};
use bsg_rcs_campaign::{CampaignError, Event, Interrupt};
use bsg_rcs_domain::{Amount, CampaignId};
use bsg_rcs_store::CampaignState;

use crate::bench::{Bench, Fault, KEY, all, message, one_at_a_time, order, plan_for};
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

/// A batch is cut where the first recipients end: 3 of 1,935 are 3.
#[tokio::test]
async fn exactly_the_first_so_many_are_sent() {
    let mut bench = Bench::new().await;
    for first in [0, 1, 2, 3, 4, 5, 6, 7, 1000] {
        bench = bench.anew().await;
        let id = bench.plan(&NUMBERS).await;
        let options = ApplyOptions { first: Some(first), ..one_at_a_time() };
        let sent = usize::try_from(first.min(7)).unwrap();
        let expected = if sent == 7 { Applied::AllSent } else { Applied::Stopped(Stop::First) };
        for _ in 0..2 {
            let applied = apply(&bench.tools, id, options).await.unwrap();
            assert_eq!(applied, expected, "{first}");
            assert_eq!(bench.sent_to().await, NUMBERS[..sent], "{first}");
        }
        assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
        assert_eq!(bench.sent_to().await, NUMBERS);
        let counts: u32 = bench.batches(id).await.iter().map(|batch| batch.count).sum();
        assert_eq!(counts, 7, "cutting loses no recipient");
    }
}

/// The rate holds within a batch too: batches are cut to ten seconds of it.
#[tokio::test]
async fn a_rate_cuts_and_spaces_the_batches() {
    let bench = Bench::new().await;
    let numbers: Vec<u64> = (0..45).map(|i| 380_660_000_000 + i).collect();
    let mut order = order(&bench.tools.client, &message());
    order.cap = bsg_rcs_domain::BatchCap::PLATFORM;
    let lines: Vec<String> = numbers.iter().map(u64::to_string).collect();
    let planned = plan_for(&*bench.store, &order, &lines).await.unwrap();
    let id = CampaignId::parse(&planned.campaign).unwrap();
    let began = bench.sandbox.now_ms();
    let options = ApplyOptions { rate: Some(2), ..one_at_a_time() };
    assert_eq!(apply(&bench.tools, id, options).await.unwrap(), Applied::AllSent);
    let batches = bench.batches(id).await;
    let sent: Vec<(u32, i64)> =
        batches.iter().map(|batch| (batch.count, batch.changed_at.0 - began)).collect();
    assert_eq!(sent, [(20, 0), (20, 10_000), (5, 20_000)], "two a second");
    assert_eq!(bench.sent_to().await, numbers);
}

#[tokio::test]
async fn a_batch_size_cuts_the_requests() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let options = ApplyOptions { batch_size: Some(2), ..one_at_a_time() };
    assert_eq!(apply(&bench.tools, id, options).await.unwrap(), Applied::AllSent);
    let counts: Vec<u32> = bench.batches(id).await.iter().map(|batch| batch.count).collect();
    assert_eq!((counts, bench.sent_to().await), (vec![2, 1, 2, 1, 1], NUMBERS.to_vec()));
}

#[tokio::test]
async fn an_interrupt_lets_the_exchange_in_flight_end() {
    let mut bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let (interrupter, interrupt) = Interrupt::new();
    bench.tools.interrupt = interrupt;
    bench.tools.progress = Arc::new(move |event| {
        if matches!(event, Event::Batch { settled: 3, .. }) {
            interrupter.raise();
        }
    });
    let applied = bench.apply(id).await.unwrap();
    assert_eq!(applied, Applied::Stopped(Stop::Interrupted));
    assert_eq!(bench.sent_to().await, NUMBERS[..3]);
    let campaign = bench.store.campaign(id).await.unwrap().unwrap();
    assert_eq!(campaign.state, CampaignState::Paused);
    bench.tools.interrupt = Interrupt::never();
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS);
}

#[tokio::test]
async fn an_interrupt_ends_every_wait() {
    for fault in [Fault::RequestLost, Fault::NotSent] {
        let mut bench = Bench::new().await;
        let id = bench.plan(&NUMBERS).await;
        bench.line.sends([fault]);
        let (interrupter, interrupt) = Interrupt::new();
        bench.tools.interrupt = interrupt;
        bench.tools.progress = Arc::new(move |_| interrupter.raise());
        let began = bench.sandbox.now_ms();
        let applied = bench.apply(id).await.unwrap();
        assert_eq!(applied, Applied::Stopped(Stop::Interrupted), "{fault:?}");
        assert_eq!(bench.sandbox.now_ms(), began, "{fault:?}: it waits no more");
        bench.tools.interrupt = Interrupt::never();
        assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
        assert_eq!(bench.sent_to().await, NUMBERS);
    }
}

#[tokio::test]
async fn a_campaign_goes_to_its_platform_and_account_only() {
    let mut bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let elsewhere = |url: &str, key: &str| {
        let builder = Client::builder().base_url(url).api_key(key);
        builder.transport(bench.line.clone()).without_retry().build().unwrap()
    };
    let others = [
        (elsewhere("https://one-api.bsg.world", KEY), "goes nowhere else"),
        (elsewhere(&bench.sandbox.url(), "live_other"), "another API key"),
    ];
    for (client, why) in others {
        let tools = bsg_rcs_campaign::Tools { client, ..bench.tools.clone() };
        let error = apply(&tools, id, one_at_a_time()).await.unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert!(!error.contains(KEY), "{error}");
    }
    assert_eq!(bench.line.send_count(), 0);
    bench.tools.interrupt = Interrupt::never();
    let error = bench.apply(CampaignId(7)).await.unwrap_err().to_string();
    assert!(error.starts_with("the store has no campaign"), "{error}");
}

#[tokio::test]
async fn what_was_not_planned_to_its_end_is_never_sent() {
    let bench = Bench::new().await;
    let order = order(&bench.tools.client, &message());
    let lines = ["380660000001".to_owned()];
    let planning = plan_for(&*bench.tools.store, &order, &lines);
    assert!(bench.steps.until(2, planning).await.is_none(), "the planner dies");
    let campaigns = bench.store.campaigns(all()).await.unwrap();
    assert_eq!(campaigns[0].state, CampaignState::Preparing);
    let error = bench.apply(campaigns[0].id).await.unwrap_err().to_string();
    assert!(error.contains("plan it anew"), "{error}");
    assert_eq!(bench.line.send_count(), 0);
}

#[tokio::test]
async fn what_was_stopped_for_good_is_never_sent() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.store.set_state(id, CampaignState::Stopped, None).await.unwrap();
    let error = bench.apply(id).await.unwrap_err().to_string();
    assert!(error.contains("stopped for good"), "{error}");
    let campaign = bench.store.campaign(id).await.unwrap().unwrap();
    assert_eq!(campaign.state, CampaignState::Stopped);
    assert_eq!(bench.line.send_count(), 0);
}

#[tokio::test]
async fn a_pause_of_the_platform_stops_new_batches_until_it_resumes() {
    // Funds for two messages of 0.0100000.
    let bench = Bench::in_world(|world| {
        world.accounts[0].balance = Amount::parse("0.02").unwrap().amount;
    })
    .await;
    let id = bench.plan(&NUMBERS).await;
    let options = ApplyOptions { first: Some(3), ..one_at_a_time() };
    apply(&bench.tools, id, options).await.unwrap();
    bench.sandbox.advance(Duration::from_secs(10)).await;

    let remote = bench.batches(id).await[0].remotes[0];
    let paused = Applied::Stopped(Stop::PausedByPlatform { remote });
    assert_eq!(bench.apply(id).await.unwrap(), paused);
    assert!(bench.sandbox.top_up(KEY, Amount::parse("1").unwrap().amount));
    assert_eq!(bench.apply(id).await.unwrap(), paused, "a top-up resumes nothing");
    assert_eq!(bench.line.send_count(), 1);

    bench.steering("POST", &format!("/sandbox/campaigns/{remote}/resume"), "").await;
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS);
}

/// Plans a campaign that starts tomorrow, and hands it over.
async fn scheduled(bench: &Bench) -> CampaignId {
    let mut order = order(&bench.tools.client, &message());
    order.start_at = Some(bsg_rcs_domain::CivilDateTime::parse("2026-01-06 09:00:00").unwrap());
    let lines: Vec<String> = NUMBERS.iter().map(u64::to_string).collect();
    let planned = plan_for(&*bench.store, &order, &lines).await.unwrap();
    let id = CampaignId::parse(&planned.campaign).unwrap();
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    id
}

fn is_failed(remote: &(u64, RemoteStop)) -> bool {
    matches!(remote.1, RemoteStop::Failed(_))
}

/// That the platform refuses a stop may mean that nothing is left to stop, or anything else. Each
/// of its campaigns is asked, also after another one failed.
#[tokio::test]
async fn every_remote_campaign_is_asked_to_stop_and_each_answer_is_told() {
    for status in [403, 408, 422, 429, 500, 503] {
        let bench = Bench::new().await;
        let id = scheduled(&bench).await;
        bench.line.every_stop(Fault::Before(status));
        let refused = stop(&bench.tools, id).await.unwrap();
        assert!(refused.may_go_on() && refused.remotes.iter().all(is_failed), "{refused:?}");
        assert_eq!((refused.state, refused.remotes.len()), (CampaignState::Stopped, 3));

        bench.line.stops([Fault::Before(status)]);
        bench.line.every_stop(Fault::No);
        let some = stop(&bench.tools, id).await.unwrap();
        assert_eq!(some.remotes.iter().filter(|one| is_failed(one)).count(), 1, "{some:?}");
        assert!(!stop(&bench.tools, id).await.unwrap().may_go_on(), "again, it goes on");
        if status < 500 {
            // Now each is over, and a refusal says no more than that.
            bench.line.every_stop(Fault::Before(status));
            let over = stop(&bench.tools, id).await.unwrap();
            assert!(over.remotes.iter().all(|one| one.1 == RemoteStop::Over), "{over:?}");
        }
    }
}

/// Final states stay.
#[tokio::test]
async fn stopping_what_is_done_leaves_it_done() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.apply(id).await.unwrap();
    track(&bench.tools, id, TrackOptions::default()).await.unwrap();
    let stopped = stop(&bench.tools, id).await.unwrap();
    assert_eq!((stopped.state, stopped.may_go_on()), (CampaignState::Done, false));
    let campaign = bench.store.campaign(id).await.unwrap().unwrap();
    assert_eq!(campaign.state, CampaignState::Done);
}

/// An emergency stop beside a worker: the next request does not leave, not even one that is tried
/// again, and what was charged is known afterwards.
#[tokio::test]
async fn a_stop_beside_a_worker_ends_it_before_its_next_request() {
    for script in [vec![], vec![Fault::NotSent; 4], vec![Fault::RequestLost; 3]] {
        let mut bench = Bench::new().await;
        let id = bench.plan(&NUMBERS).await;
        bench.line.sends(script);
        let (beside, store, line) = (bench.tools.clone(), bench.store.clone(), bench.line.clone());
        let stopping = Arc::new(std::sync::Mutex::new(None));
        let handle = stopping.clone();
        bench.tools.progress = Arc::new(move |event| {
            if matches!(event, Event::Funds { .. } | Event::Tracking(_)) {
                return;
            }
            let mut handle = handle.lock().unwrap();
            if handle.is_none() {
                let state = store.set_state(id, CampaignState::Stopped, None);
                futures_util::FutureExt::now_or_never(state).unwrap().unwrap();
                let (beside, sends) = (beside.clone(), line.send_count());
                let stopping = tokio::spawn(async move { stop(&beside, id).await });
                *handle = Some((sends, stopping));
            }
        });
        let applied = bench.apply(id).await.unwrap();
        assert_eq!(applied, Applied::Stopped(Stop::ForGood));
        let (sends, handle) = stopping.lock().unwrap().take().unwrap();
        assert_eq!(bench.line.send_count(), sends, "nothing leaves after the stop");
        handle.await.unwrap().unwrap();
        let campaign = bench.store.campaign(id).await.unwrap().unwrap();
        assert_eq!(campaign.state, CampaignState::Stopped);
    }
}

/// Tracking ends with a stop, and says what was charged.
#[tokio::test]
async fn waiting_ends_with_a_stop_and_the_bill_is_known() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let options = ApplyOptions { first: Some(3), ..one_at_a_time() };
    apply(&bench.tools, id, options).await.unwrap();
    bench.sandbox.advance(Duration::from_secs(60)).await;
    stop(&bench.tools, id).await.unwrap();
    let began = bench.sandbox.now_ms();
    let report = track(&bench.tools, id, TrackOptions::default()).await.unwrap();
    assert_eq!((report.billed.as_str(), report.pending), ("0.0300000", 4));
    assert!(bench.sandbox.now_ms() - began < 60_000);
}

/// A start that passed meanwhile is left out, and told; no recipient is lost.
#[tokio::test]
async fn once_the_start_has_passed_batches_go_without_it() {
    let bench = Bench::new().await;
    let mut order = order(&bench.tools.client, &message());
    order.start_at = Some(bsg_rcs_domain::CivilDateTime::parse("2026-01-05 09:05:00").unwrap());
    let lines: Vec<String> = NUMBERS.iter().map(u64::to_string).collect();
    let planned = plan_for(&*bench.store, &order, &lines).await.unwrap();
    let id = CampaignId::parse(&planned.campaign).unwrap();
    let options = ApplyOptions { first: Some(3), ..one_at_a_time() };
    apply(&bench.tools, id, options).await.unwrap();
    bench.sandbox.advance(Duration::from_secs(600)).await;
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS);
    assert_eq!(bench.report(id).await.rejected, 0);
    assert_eq!(bench.heard(|event| matches!(event, Event::StartPassed { .. })), 1);
}

/// A start that lies too far ahead is no start that passed: nothing is sent early.
#[tokio::test]
async fn a_start_that_is_refused_for_another_reason_is_kept() {
    let bench = Bench::new().await;
    let mut order = order(&bench.tools.client, &message());
    order.start_at = Some(bsg_rcs_domain::CivilDateTime::parse("2026-03-05 09:05:00").unwrap());
    let lines: Vec<String> = NUMBERS.iter().map(u64::to_string).collect();
    let planned = plan_for(&*bench.store, &order, &lines).await.unwrap();
    let id = CampaignId::parse(&planned.campaign).unwrap();
    assert!(matches!(bench.apply(id).await.unwrap(), Applied::Refused { .. }));
    assert_eq!((bench.sent_to().await, bench.report(id).await.pending), (vec![], 7));
}

/// Another key of the same account takes a campaign over, unless only the old one can look up what
/// is unknown.
#[tokio::test]
async fn a_campaign_is_carried_over_to_another_key() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let options = ApplyOptions { first: Some(3), ..one_at_a_time() };
    apply(&bench.tools, id, options).await.unwrap();
    bench.store.set_account(id, "an older key".to_owned()).await.unwrap();
    let error = bench.apply(id).await.unwrap_err().to_string();
    assert!(error.contains("--carry-over") && error.contains("Do not plan"), "{error}");
    let carried = ApplyOptions { carry_over: true, ..one_at_a_time() };
    assert_eq!(apply(&bench.tools, id, carried).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS);

    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([Fault::RequestLost]);
    bench.line.every_ask(Fault::NotSent);
    bench.apply(id).await.expect_err("it cannot be looked up");
    bench.store.set_account(id, "an older key".to_owned()).await.unwrap();
    let error = apply(&bench.tools, id, carried).await.unwrap_err().to_string();
    assert!(error.contains("only the key that sent them"), "{error}");
}

#[tokio::test]
async fn a_settle_time_within_the_request_timeout_is_refused() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let options = ApplyOptions { settle: Some(Duration::from_secs(1)), ..one_at_a_time() };
    let error = apply(&bench.tools, id, options).await.unwrap_err();
    assert!(matches!(error, CampaignError::SettleTooShort { .. }), "{error}");
    assert_eq!(bench.line.send_count(), 0);
}

/// An operator who plans the rest of a stopped list anew must not message those again who may have
/// got their message.
#[tokio::test]
async fn of_a_stopped_campaign_what_is_unknown_is_not_called_unsent() {
    let mut bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let (interrupter, interrupt) = Interrupt::new();
    bench.tools.interrupt = interrupt;
    bench.tools.progress = Arc::new(move |event| {
        if matches!(event, Event::Resolving { .. }) {
            interrupter.raise();
        }
    });
    bench.line.sends([Fault::RequestLost]);
    let first = ApplyOptions { first: Some(3), ..one_at_a_time() };
    let applied = apply(&bench.tools, id, first).await.unwrap();
    assert_eq!(applied, Applied::Stopped(Stop::Interrupted));
    bench.tools.interrupt = Interrupt::never();
    stop(&bench.tools, id).await.unwrap();
    let sums = breakdown(&*bench.store, id, |_| Ok::<_, CampaignError>(())).await.unwrap();
    let why: Vec<_> =
        sums.failures.iter().map(|((why, _), count)| (why.as_str(), *count)).collect();
    assert_eq!(why, [("its outcome is unknown", 3), ("stopped before sending", 4)]);
}

/// A person who takes held batches up again changes nothing of a campaign that was stopped.
#[tokio::test]
async fn what_is_held_stays_held_once_the_campaign_was_stopped() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([Fault::RequestLost]);
    let hold = ApplyOptions { hold_unknown: true, first: Some(3), ..one_at_a_time() };
    apply(&bench.tools, id, hold).await.unwrap();
    stop(&bench.tools, id).await.unwrap();
    let before = bench.batches(id).await;
    let retry = ApplyOptions { retry_held: true, ..one_at_a_time() };
    let refused = apply(&bench.tools, id, retry).await.unwrap_err();
    assert!(matches!(refused, CampaignError::NotApplicable { .. }), "{refused}");
    assert_eq!(bench.batches(id).await, before);
}
