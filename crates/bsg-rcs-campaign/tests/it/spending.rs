//! The cap on the cost, the funds, and what the platform says that it charged.

use std::time::Duration;

use bsg_rcs_campaign::compare::compare;
use bsg_rcs_campaign::track::{TrackOptions, track};
use bsg_rcs_campaign::{Applied, ApplyOptions, Stop, apply::apply};
use bsg_rcs_campaign::{CampaignError, Event};
use bsg_rcs_domain::tariff::MessageType;
use bsg_rcs_domain::{
    Amount, CampaignId, Channel, Currency, MessageId, Money, PriceList, Report, ReportedStatus,
};
use bsg_rcs_store::{BatchState, CampaignState};

use crate::bench::{Bench, list_of, message, one_at_a_time, order, prices};
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
    order.again = true;
    order.max_cost = max_cost.map(euro);
    let store = &*bench.store;
    let silent = bsg_rcs_campaign::progress::silent();
    let never = bsg_rcs_campaign::Interrupt::never();
    let planned = bsg_rcs_campaign::plan::plan(store, &order, list_of(&NUMBERS), &silent, &never);
    CampaignId::parse(&planned.await.unwrap().campaign).unwrap()
}

async fn apply_under(bench: &Bench, id: CampaignId, cap: Option<&str>) -> Applied {
    let options = ApplyOptions { max_cost: cap.map(amount), ..one_at_a_time() };
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

/// A sandbox that takes so much for a text.
async fn bench_at(price: &str, currency: Currency) -> Bench {
    Bench::in_world(|world| {
        let mut prices = PriceList::new(currency);
        assert!(prices.set(None, MessageType::Text, amount(price)));
        world.prices = prices;
    })
    .await
}

async fn apply_first(bench: &Bench, id: CampaignId, first: u64) -> Applied {
    let options = ApplyOptions { first: Some(first), ..one_at_a_time() };
    apply(&bench.tools, id, options).await.unwrap()
}

async fn hear_all(bench: &Bench, id: CampaignId) {
    bench.sandbox.advance(Duration::from_secs(60)).await;
    bsg_rcs_campaign::track::poll(&bench.tools, id).await.unwrap();
}

/// What was billed counts beside the worst case of what has no end yet.
#[tokio::test]
async fn the_cap_holds_for_what_was_billed_and_what_is_under_way() {
    let bench = bench_at("0.05", Currency::EUR).await;
    let id = plan(&bench, None).await;
    assert_eq!(apply_first(&bench, id, 3).await, Applied::Stopped(Stop::First));
    hear_all(&bench, id).await;
    assert_eq!(apply_first(&bench, id, 5).await, Applied::Stopped(Stop::First));
    // 0.15 are billed, 0.10 under way, the sixth would cost 0.05, and the seventh 0.05 more.
    let stopped = apply_under(&bench, id, Some("0.34")).await;
    let (spent, next, cap) = (euro("0.3"), euro("0.05"), euro("0.34"));
    assert_eq!(stopped, Applied::Stopped(Stop::SpendCap { spent, next, cap }));
    assert_eq!(bench.sent_to().await, NUMBERS[..6]);
    hear_all(&bench, id).await;
    assert_eq!(apply_under(&bench, id, Some("0.35")).await, Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS, "the whole cap can be used");
}

/// The first message that is billed at a price that is not listed ends sending under a cap, and is
/// told without one.
#[tokio::test]
async fn a_price_that_is_not_listed_ends_sending_under_a_cap() {
    for cap in [Some("0.45"), None] {
        let bench = bench_at("0.1", Currency::EUR).await;
        let id = plan(&bench, cap).await;
        apply_first(&bench, id, 3).await;
        hear_all(&bench, id).await;
        let applied = apply_under(&bench, id, None).await;
        let told = bench.heard(|event| matches!(event, Event::UnlistedPrice { .. }));
        match cap {
            Some(cap) => {
                let (billed, cap) = (euro("0.1"), euro(cap));
                assert_eq!(applied, Applied::Stopped(Stop::UnlistedPrice { billed, cap }));
                assert_eq!(bench.sent_to().await, NUMBERS[..3]);
                let report = bench.report(id).await;
                assert!(report.note.is_some_and(|note| note.contains("0.1000000 EUR")));
            }
            None => assert_eq!((applied, told), (Applied::AllSent, 1)),
        }
    }
}

/// A cap in another currency than the account's is not blind: nothing is sent.
#[tokio::test]
async fn a_cap_in_another_currency_than_the_accounts_sends_nothing() {
    let hryvnia = Currency::parse("UAH").unwrap();
    let bench = bench_at("2", hryvnia).await;
    let id = plan(&bench, Some("0.35")).await;
    let (found, cap) = (hryvnia, euro("0.35"));
    let stopped = apply_under(&bench, id, None).await;
    assert_eq!(stopped, Applied::Stopped(Stop::OtherCurrency { found, cap }));
    assert_eq!(bench.line.send_count(), 0);
    let id = plan(&bench, None).await;
    assert_eq!(apply_under(&bench, id, None).await, Applied::AllSent);
    let unsure = |event: &Event| matches!(event, Event::Funds { enough: None, .. });
    assert!(bench.heard(unsure) > 0, "hryvnia are not compared with euro");
}

#[tokio::test]
async fn a_cap_needs_a_plan_with_prices() {
    let bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    let options = ApplyOptions { max_cost: Some(amount("1")), ..one_at_a_time() };
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
        let told =
            |event: &Event| matches!(event, Event::Funds { enough, .. } if *enough == Some(lasts));
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
    let held = ApplyOptions { hold_unknown: true, ..one_at_a_time() };
    let applied = apply(&bench.tools, id, held).await.unwrap();
    assert_eq!(applied, Applied::Held { batches: vec![0] });
    assert_eq!(bench.apply(id).await.unwrap(), applied, "by itself nothing happens");
    assert_eq!(bench.sent_to().await, NUMBERS[3..]);
    let retry = ApplyOptions { retry_held: true, ..one_at_a_time() };
    assert_eq!(apply(&bench.tools, id, retry).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, NUMBERS);
    assert!(bench.batches(id).await.iter().all(|batch| batch.state == BatchState::Accepted));
}

/// The store hears that the first three were delivered, and no price.
async fn hear_without_prices(bench: &Bench, id: CampaignId) {
    let report = |index: u32| Report {
        message: MessageId(4_000_000_000 + u64::from(index)),
        channel: Some(Channel::Rcs),
        status: ReportedStatus::from_word("delivered"),
        price: None,
        sent_at: None,
        reported_at: None,
    };
    let reports = (0..3).map(|index| (index, report(index))).collect();
    bench.store.add_reports(id, reports).await.unwrap();
}

/// A delivered message whose price is not known yet counts with the dearest price.
#[tokio::test]
async fn the_cap_counts_what_was_delivered_without_a_price() {
    let bench = bench_at("0.05", Currency::EUR).await;
    let id = plan(&bench, None).await;
    assert_eq!(apply_first(&bench, id, 3).await, Applied::Stopped(Stop::First));
    hear_without_prices(&bench, id).await;
    let stopped = apply_under(&bench, id, Some("0.29")).await;
    let (spent, next, cap) = (euro("0.15"), euro("0.15"), euro("0.29"));
    assert_eq!(stopped, Applied::Stopped(Stop::SpendCap { spent, next, cap }));
    assert_eq!(bench.sent_to().await, NUMBERS[..3]);
}

/// Tracking asks for missing prices though batches are left that another apply will send.
#[tokio::test]
async fn a_price_is_asked_for_while_batches_are_left() {
    let bench = bench_at("0.05", Currency::EUR).await;
    let id = plan(&bench, None).await;
    apply_first(&bench, id, 3).await;
    bench.sandbox.advance(Duration::from_secs(60)).await;
    hear_without_prices(&bench, id).await;
    let before = bench.report(id).await;
    assert_eq!((before.unpriced, before.pending), (3, 4));
    let report = track(&bench.tools, id, TrackOptions::default()).await.unwrap();
    assert_eq!((report.unpriced, report.billed.as_str()), (0, "0.1500000"));
}
