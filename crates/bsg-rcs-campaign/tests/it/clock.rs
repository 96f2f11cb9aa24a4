//! The machine's clock is set back or forward, before or while a campaign is applied: waits run on a
//! clock that does not go back, and an outcome settles in the process that looks it up.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bsg_rcs_campaign::Clock;
use bsg_rcs_campaign::track::{TrackOptions, track};
use bsg_rcs_campaign::{Applied, apply::apply};
use bsg_rcs_store::Timestamp;
use bsg_rcs_transport::async_trait;

use crate::bench::{Bench, Fault, one_at_a_time};

const NUMBERS: [u64; 4] = [380_660_000_001, 380_660_000_002, 380_660_000_003, 380_660_000_004];
const DAY: i64 = 24 * 3_600_000;

/// The bench's clock, ahead by so much, until somebody sets it right.
struct Ahead {
    inner: Arc<dyn Clock>,
    by: AtomicI64,
    /// After so many sleeps it is set right.
    sleeps: AtomicI64,
}

#[async_trait]
impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp(self.inner.now().0 + self.by.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        self.inner.monotonic()
    }

    async fn sleep(&self, span: Duration) {
        self.inner.sleep(span).await;
        if self.sleeps.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.by.store(0, Ordering::SeqCst);
        }
    }

    async fn tick(&self, span: Duration) {
        self.inner.tick(span).await;
    }
}

fn ahead(bench: &mut Bench, sleeps: i64) -> Arc<Ahead> {
    let inner = bench.tools.clock.clone();
    let clock = Arc::new(Ahead { inner, by: AtomicI64::new(DAY), sleeps: AtomicI64::new(sleeps) });
    bench.tools.clock = clock.clone();
    clock
}

#[tokio::test]
async fn set_back_between_two_runs_it_settles_from_then_on() {
    let mut bench = Bench::new().await;
    let clock = ahead(&mut bench, i64::MAX);
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([Fault::RequestLost]);
    bench.line.every_ask(Fault::NotSent);
    apply(&bench.tools, id, one_at_a_time()).await.expect_err("it is not settled");
    bench.line.every_ask(Fault::No);
    clock.by.store(0, Ordering::SeqCst);
    let began = bench.sandbox.now_ms();
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    let took = bench.sandbox.now_ms() - began;
    let settle = i64::try_from(bench.tools.client.settle_time().as_millis()).unwrap();
    assert!((settle..2 * settle).contains(&took), "it waited for {took} ms");
    assert_eq!(bench.sent_to().await, NUMBERS);
}

#[tokio::test]
async fn set_back_while_it_settles_it_settles_from_then_on() {
    let mut bench = Bench::new().await;
    ahead(&mut bench, 3);
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([Fault::RequestLost]);
    let began = bench.sandbox.now_ms();
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    let took = bench.sandbox.now_ms() - began;
    assert!(took < DAY / 24, "it waited for {took} ms");
    assert_eq!(bench.sent_to().await, NUMBERS);
}

#[tokio::test]
async fn set_back_while_it_tracks_the_platform_is_polled_all_the_same() {
    let mut bench = Bench::new().await;
    let id = bench.plan(&NUMBERS).await;
    bench.apply(id).await.unwrap();
    ahead(&mut bench, 3);
    let began = bench.sandbox.now_ms();
    let report = track(&bench.tools, id, TrackOptions::default()).await.unwrap();
    let took = bench.sandbox.now_ms() - began;
    assert!(report.is_done() && took < DAY / 24, "it took {took} ms: {report:?}");
}

/// A worker whose clock is ahead, or set forward, does not resend before an outcome has settled.
#[tokio::test]
async fn a_clock_that_is_ahead_does_not_shorten_the_settle_time() {
    let mut bench = Bench::new().await.shared();
    let id = bench.plan(&NUMBERS).await;
    bench.line.sends([Fault::RequestLost]);
    bench.line.every_ask(Fault::NotSent);
    apply(&bench.tools, id, one_at_a_time()).await.expect_err("it is not settled");
    bench.line.every_ask(Fault::No);
    let clock = ahead(&mut bench, i64::MAX);
    let began = bench.sandbox.now_ms();
    assert_eq!(bench.apply(id).await.unwrap(), Applied::AllSent);
    let took = bench.sandbox.now_ms() - began;
    let settle = i64::try_from(bench.tools.client.settle_time().as_millis()).unwrap();
    assert!((settle..2 * settle).contains(&took), "it waited for {took} ms");
    assert_eq!((bench.sent_to().await, clock.by.load(Ordering::SeqCst)), (NUMBERS.to_vec(), DAY));
}
