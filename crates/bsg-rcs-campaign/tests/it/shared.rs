//! Many workers on one campaign, over a store that they share.

use std::time::Duration;

use bsg_rcs_campaign::{Applied, ApplyOptions, Stop, apply::apply};
use bsg_rcs_campaign::{Interrupt, stop};
use bsg_rcs_store::{BatchChange, BatchState, CampaignState, WorkerId};

use crate::bench::{Bench, Fault, one_at_a_time};
use crate::stores::*;

/// Eleven batches of at most three.
fn numbers() -> Vec<u64> {
    (380_660_000_001..=380_660_000_031).collect()
}

#[tokio::test]
async fn four_workers_send_everybody_once() {
    let bench = Bench::new().await.shared();
    let id = bench.plan(&numbers()).await;
    let work = || bench.apply(id);
    let all = tokio::join!(work(), work(), work(), work());
    for applied in [all.0, all.1, all.2, all.3] {
        assert_eq!(applied.unwrap(), Applied::AllSent);
    }
    assert_eq!(bench.sent_to().await, numbers());
    assert_eq!(bench.line.send_count(), 11, "each batch left once");
}

#[tokio::test]
async fn what_a_dead_worker_held_is_looked_up_and_finished_by_another() {
    let bench = Bench::new().await.shared();
    let id = bench.plan(&numbers()).await;
    // Somebody begins, and is never heard of again.
    bench.store.set_state(id, CampaignState::Sending, None).await.unwrap();
    let span = Duration::from_secs(600);
    let leased = bench.store.lease(id, WorkerId(1), span, u32::MAX).await.unwrap();
    let (lease, _) = leased.unwrap();
    let sending = BatchChange::to(BatchState::Sending);
    bench.store.change_batch(lease, sending).await.unwrap();
    let began = bench.sandbox.now_ms();
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    assert!(bench.sandbox.now_ms() - began >= 600_000, "a lease is waited for");
    assert_eq!(bench.sent_to().await, numbers());
    let late = BatchChange::to(BatchState::Planned);
    bench.store.change_batch(lease, late).await.expect_err("who lost a lease has no say");
}

#[tokio::test]
async fn a_worker_that_stops_for_itself_stops_nobody_else() {
    let mut bench = Bench::new().await.shared();
    let id = bench.plan(&numbers()).await;
    let (interrupter, interrupt) = Interrupt::new();
    interrupter.raise();
    let interrupted = bsg_rcs_campaign::Tools { interrupt, ..bench.tools.clone() };
    let stopped = apply(&interrupted, id, one_at_a_time()).await.unwrap();
    assert_eq!(stopped, Applied::Stopped(Stop::Interrupted));
    let state = bench.store.campaign(id).await.unwrap().unwrap().state;
    assert_eq!(state, CampaignState::Sending);
    assert!(bench.batches(id).await.iter().all(|batch| batch.leased.is_none()), "it gave it back");
    bench.tools.interrupt = Interrupt::never();
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
}

#[tokio::test]
async fn a_refusal_stops_every_worker() {
    let bench = Bench::new().await.shared();
    let id = bench.plan(&numbers()).await;
    bench.line.sends([Fault::Before(422)]);
    let (one, other) = tokio::join!(bench.apply(id), bench.apply(id));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(matches!(one, Applied::Refused { .. }), "{one:?}");
    assert_eq!(other, Applied::Stopped(Stop::Elsewhere));
    assert!(bench.line.send_count() <= 2, "nothing new leaves");
}

#[tokio::test]
async fn stopped_for_good_it_stays_so_whatever_a_worker_says() {
    let bench = Bench::new().await.shared();
    let id = bench.plan(&numbers()).await;
    let (applied, stopped) = tokio::join!(bench.apply(id), stop::stop(&bench.tools, id));
    stopped.unwrap();
    assert_eq!(applied.unwrap(), Applied::Stopped(Stop::ForGood));
    let state = bench.store.campaign(id).await.unwrap().unwrap().state;
    assert_eq!(state, CampaignState::Stopped);
    let sent = bench.line.send_count();
    bench.apply(id).await.expect_err("it is not applied any more");
    assert_eq!(bench.line.send_count(), sent);
}

/// A request may have left long after its intent was written: what is found in the middle settles
/// from the find on, however old its intent is.
#[tokio::test]
async fn what_is_found_in_the_middle_settles_from_the_find_on() {
    for shared in [false, true] {
        let bench = Bench::new().await;
        let bench = if shared { bench.shared() } else { bench };
        let id = bench.plan(&numbers()[..3]).await;
        bench.store.set_state(id, CampaignState::Sending, None).await.unwrap();
        let span = Duration::from_secs(1);
        let leased = bench.store.lease(id, WorkerId(1), span, u32::MAX).await.unwrap();
        let (lease, _) = leased.unwrap();
        let sending = BatchChange::to(BatchState::Sending);
        bench.store.change_batch(lease, sending).await.unwrap();
        bench.sandbox.advance(Duration::from_secs(1000)).await;
        let began = bench.sandbox.now_ms();
        assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
        let settle = i64::try_from(bench.tools.client.settle_time().as_millis()).unwrap();
        let took = bench.sandbox.now_ms() - began;
        assert!(took >= settle, "shared: {shared}: sent again after {took} ms");
        assert_eq!(bench.sent_to().await, numbers()[..3]);
    }
}

#[tokio::test]
async fn two_workers_keep_one_cap() {
    let bench = Bench::new().await.shared();
    let mut order = crate::bench::order(&bench.tools.client, &crate::bench::message());
    order.prices = Some(crate::bench::prices());
    let list = crate::bench::list_of(&numbers());
    let silent = bsg_rcs_campaign::progress::silent();
    let store = &*bench.store;
    let never = bsg_rcs_campaign::Interrupt::never();
    let planned = bsg_rcs_campaign::plan::plan(store, &order, list, &silent, &never).await.unwrap();
    let id = bsg_rcs_domain::CampaignId::parse(&planned.campaign).unwrap();
    // Four batches of three at 0.05 each.
    let cap = Some(bsg_rcs_domain::Amount::parse("0.6").unwrap().amount);
    let options = ApplyOptions { max_cost: cap, ..one_at_a_time() };
    let work = || apply(&bench.tools, id, options);
    let (one, other, third) = tokio::join!(work(), work(), work());
    for applied in [one, other, third] {
        let stopped = applied.unwrap();
        assert!(matches!(stopped, Applied::Stopped(_)), "{stopped:?}");
    }
    let sent = bench.sent_to().await.len();
    assert!((6..=12).contains(&sent), "{sent} are within the cap");
}
