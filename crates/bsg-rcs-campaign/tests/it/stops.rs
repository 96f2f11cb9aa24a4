//! Why applying stops before its end (the first recipients, a rate, an interrupt, a pause of the
//! platform), who may not apply at all, and that applying again goes on.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::Client;
use bsg_rcs_campaign::apply::{Applied, ApplyOptions, Stop, apply};
use bsg_rcs_campaign::stop::stop;
use bsg_rcs_campaign::{Event, Interrupt};
use bsg_rcs_domain::{Amount, CampaignId};
use bsg_rcs_store::{CampaignState, Store};

use crate::bench::{Bench, Fault, KEY, message, order, plan_for};

const NUMBERS: [u64; 7] = [
    380_660_000_001,
    380_660_000_002,
    380_660_000_003,
    380_660_000_004,
    380_660_000_005,
    380_660_000_006,
    380_660_000_007,
];

#[tokio::test]
async fn the_first_so_many_are_rounded_up_to_a_batch() {
    let mut bench = Bench::new().await;
    for (first, sent) in [(0, 0), (1, 3), (3, 3), (4, 6), (6, 6), (7, 7), (1000, 7)] {
        bench = bench.anew().await;
        let id = bench.plan(&NUMBERS).await;
        let options = ApplyOptions { first: Some(first), ..ApplyOptions::default() };
        let applied = apply(&bench.tools, id, options).await.unwrap();
        let expected = if sent == 7 { Applied::AllSent } else { Applied::Stopped(Stop::First) };
        assert_eq!(applied, expected, "{first}");
        assert_eq!(bench.sent_to().await, NUMBERS[..sent], "{first}");
        assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
        assert_eq!(bench.sent_to().await, NUMBERS);
    }
}

#[tokio::test]
async fn a_rate_spaces_the_batches_and_keeps_no_outcome_waiting() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let began = bench.sandbox.now_ms();
    let options = ApplyOptions { rate: Some(1), ..ApplyOptions::default() };
    assert_eq!(apply(&bench.tools, id, options).await.unwrap(), Applied::AllSent);
    let written: Vec<i64> =
        bench.batches(id).await.iter().map(|batch| batch.changed_at.0 - began).collect();
    assert_eq!(written, [0, 3000, 6000], "one a second, each outcome at once");
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
        let tools = bsg_rcs_campaign::apply::Tools { client, ..bench.tools.clone() };
        let error = apply(&tools, id, ApplyOptions::default()).await.unwrap_err().to_string();
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
    let planning = plan_for(&*bench.tools.store, &*bench.tools.clock, &order, &lines);
    assert!(bench.steps.until(2, planning).await.is_none(), "the planner dies");
    let campaigns = bench.store.campaigns().await.unwrap();
    assert_eq!(campaigns[0].state, CampaignState::Preparing);
    let error = bench.apply(campaigns[0].id).await.unwrap_err().to_string();
    assert!(error.contains("plan it anew"), "{error}");
    assert_eq!(bench.line.send_count(), 0);
}

#[tokio::test]
async fn what_was_stopped_for_good_is_never_sent() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.store.set_state(id, CampaignState::Stopped).await.unwrap();
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
    let options = ApplyOptions { first: Some(1), ..ApplyOptions::default() };
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

/// That the platform refuses a stop may mean that nothing is left to stop, or anything else.
#[tokio::test]
async fn a_stop_that_is_refused_is_no_stop_unless_the_campaign_is_over() {
    for status in [403, 408, 422, 429] {
        let bench = Bench::new().await;
        let mut order = order(&bench.tools.client, &message());
        order.start_at = Some(bsg_rcs_domain::CivilDateTime::parse("2026-01-06 09:00:00").unwrap());
        let lines: Vec<String> = NUMBERS.iter().map(u64::to_string).collect();
        let planned = plan_for(&*bench.store, &*bench.tools.clock, &order, &lines).await.unwrap();
        let id = CampaignId::parse(&planned.campaign).unwrap();
        bench.apply(id).await.unwrap();
        bench.line.every_stop(Fault::Before(status));
        let refused = stop(&bench.tools, id).await;
        assert!(refused.is_err(), "{status}: its messages are still to leave");
        bench.line.every_stop(Fault::No);
        assert_eq!(stop(&bench.tools, id).await.unwrap(), Vec::<u32>::new(), "again, it goes on");
        // Now each is over, and a refusal says no more than that.
        bench.line.every_stop(Fault::Before(status));
        assert_eq!(stop(&bench.tools, id).await.unwrap(), Vec::<u32>::new());
    }
}
