//! The cap on the cost, the funds, and what the platform says that it charged.

use std::time::Duration;

use bsg_rcs_campaign::apply::{Applied, ApplyOptions, Stop, apply};
use bsg_rcs_campaign::compare::compare;
use bsg_rcs_campaign::track::{TrackOptions, track};
use bsg_rcs_campaign::{CampaignError, Event};
use bsg_rcs_domain::tariff::MessageType;
use bsg_rcs_domain::{Amount, CampaignId, Currency, Money, PriceList};
use bsg_rcs_store::{BatchState, CampaignState, Store};

use crate::bench::{Bench, list_of, message, order, prices};

const NUMBERS: [u64; 7] = [
    380_660_000_001,
    380_660_000_002,
    380_660_000_003,
    380_660_000_004,
    380_660_000_005,
    380_660_000_006,
    380_660_000_007,
];

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap().amount
}

fn euro(text: &str) -> Money {
    Money::new(amount(text), Currency::EUR)
}

/// Plans three batches by a price list that says five times what the sandbox takes: 0.05 each.
async fn plan(bench: &Bench, max_cost: Option<&str>) -> CampaignId {
    let mut order = order(&bench.tools.client, &message());
    order.prices = Some(prices());
    order.max_cost = max_cost.map(euro);
    let (store, clock) = (&*bench.store, &*bench.tools.clock);
    let silent = bsg_rcs_campaign::progress::silent();
    let planned = bsg_rcs_campaign::plan::plan(store, clock, &order, list_of(&NUMBERS), &silent);
    CampaignId::parse(&planned.await.unwrap().campaign).unwrap()
}

async fn apply_under(bench: &Bench, id: CampaignId, cap: Option<&str>) -> Applied {
    let options = ApplyOptions { max_cost: cap.map(amount), ..ApplyOptions::default() };
    apply(&bench.tools, id, options).await.unwrap()
}

#[tokio::test]
async fn each_batch_knows_its_worst_case() {
    let bench = Bench::new().await;
    let id = plan(&bench, None).await;
    let worst: Vec<_> = bench.batches(id).await.iter().map(|batch| batch.worst).collect();
    assert_eq!(worst, ["0.15", "0.15", "0.05"].map(|text| Some(euro(text))));
}

#[tokio::test]
async fn a_batch_that_would_go_beyond_the_cap_does_not_leave() {
    let bench = Bench::new().await;
    let id = plan(&bench, None).await;
    for (cap, sent) in [("0.1499999", 0), ("0.15", 1), ("0.2999999", 1), ("0.3", 2)] {
        let stopped = apply_under(&bench, id, Some(cap)).await;
        let Applied::Stopped(Stop::SpendCap { cap: named, .. }) = stopped else {
            panic!("{cap}: {stopped:?}")
        };
        assert_eq!((named, bench.line.send_count()), (euro(cap), sent), "{cap}");
        let campaign = bench.store.campaign(id).await.unwrap().unwrap();
        assert_eq!(campaign.state, CampaignState::Paused);
    }
    assert_eq!(apply_under(&bench, id, Some("0.35")).await, Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS);
}

#[tokio::test]
async fn what_was_billed_counts_where_it_is_more_than_was_quoted() {
    // The platform takes a euro a message, which no price list said.
    let bench = Bench::in_world(|world| {
        let mut prices = PriceList::new(Currency::EUR);
        assert!(prices.set(None, MessageType::Text, amount("1")));
        world.prices = prices;
    })
    .await;
    let id = plan(&bench, Some("0.35")).await;
    let first = ApplyOptions { first: Some(1), ..ApplyOptions::default() };
    apply(&bench.tools, id, first).await.unwrap();
    bench.sandbox.advance(Duration::from_secs(60)).await;
    bsg_rcs_campaign::track::poll(&bench.tools, id).await.unwrap();
    let stopped = apply_under(&bench, id, None).await;
    let (spent, next, cap) = (euro("3"), euro("0.15"), euro("0.35"));
    assert_eq!(stopped, Applied::Stopped(Stop::SpendCap { spent, next, cap }));
    assert_eq!(bench.line.send_count(), 1, "the plan's own cap holds while it is applied");
}

#[tokio::test]
async fn a_cap_needs_a_plan_with_prices() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let options = ApplyOptions { max_cost: Some(amount("1")), ..ApplyOptions::default() };
    let error = apply(&bench.tools, id, options).await.unwrap_err();
    assert!(matches!(error, CampaignError::CapWithoutPrices), "{error}");
    assert_eq!(bench.line.send_count(), 0);
}

#[tokio::test]
async fn funds_that_may_not_last_are_told_and_stop_nothing() {
    for (balance, lasts) in [("0.3499999", false), ("0.35", true)] {
        let bench = Bench::in_world(|world| world.accounts[0].balance = amount(balance)).await;
        let id = plan(&bench, None).await;
        assert_eq!(apply_under(&bench, id, None).await, Applied::AllSent);
        let told = |event: &Event| matches!(event, Event::Funds { enough, .. } if *enough == lasts);
        assert_eq!(bench.heard(told), 1, "{balance}");
    }
}

#[tokio::test]
async fn a_bill_that_is_not_the_platforms_is_listed() {
    let bench = Bench::new().await;
    let id = plan(&bench, None).await;
    assert_eq!(apply_under(&bench, id, None).await, Applied::AllSent);
    bench.sandbox.advance(Duration::from_secs(3600)).await;
    // Nobody told us anything yet, and the platform has charged.
    let differences = compare(&bench.tools, id).await.unwrap();
    let seen: Vec<_> = differences
        .iter()
        .map(|one| (one.batch, one.billed.as_str(), one.total_price.as_str()))
        .collect();
    let none = "0.0000000";
    assert_eq!(seen, [(0, none, "0.0300000"), (1, none, "0.0300000"), (2, none, "0.0100000")]);
    let report = track(&bench.tools, id, TrackOptions::default()).await.unwrap();
    assert_eq!((report.differences, report.billed.as_str()), (vec![], "0.0700000"));
}

#[tokio::test]
async fn what_is_held_is_taken_up_again_when_a_person_says_so() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([crate::bench::Fault::RequestLost]);
    let held = ApplyOptions { hold_unknown: true, ..ApplyOptions::default() };
    let applied = apply(&bench.tools, id, held).await.unwrap();
    assert_eq!(applied, Applied::Held { batches: vec![0] });
    assert_eq!(bench.apply(id).await.unwrap(), applied, "by itself nothing happens");
    assert_eq!(bench.sent_to().await, NUMBERS[3..]);
    let retry = ApplyOptions { retry_held: true, ..ApplyOptions::default() };
    assert_eq!(apply(&bench.tools, id, retry).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS);
    assert!(bench.batches(id).await.iter().all(|batch| batch.state == BatchState::Accepted));
}
