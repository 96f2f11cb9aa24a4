//! Time as a process sees it: it sleeps until the world's time has come so far.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::task::Poll;
use std::time::Duration;

use bsg_rcs_campaign::Clock;
use bsg_rcs_store::Timestamp;
use bsg_rcs_transport::async_trait;

use super::world::{Shared, point};

/// Nobody sleeps.
const AWAKE: i64 = i64::MIN;

/// What the world knows of a process: its name, until when it sleeps, what it was told.
#[derive(Debug, Clone)]
pub(super) struct Pulse(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    world: Shared,
    until: AtomicI64,
    paused: AtomicBool,
}

impl Pulse {
    pub(super) fn new(name: String, world: Shared) -> Self {
        let (until, paused) = (AtomicI64::new(AWAKE), AtomicBool::new(false));
        Self(Arc::new(Inner { name, world, until, paused }))
    }

    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    /// Until when it sleeps, if it does.
    pub(super) fn sleeps_until(&self) -> Option<i64> {
        Some(self.0.until.load(Ordering::Relaxed)).filter(|until| *until != AWAKE)
    }

    /// Something else than time woke it.
    pub(super) fn wake(&self) {
        self.0.until.store(AWAKE, Ordering::Relaxed);
    }

    /// It was told that a campaign is paused.
    pub(super) fn told_of_pause(&self) {
        self.0.paused.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_paused(&self) -> bool {
        self.0.paused.load(Ordering::Relaxed)
    }

    /// Sleeps for so many milliseconds.
    pub(super) async fn sleep(&self, millis: u64) {
        let until = self.0.world.lock().now().saturating_add(i64::try_from(millis).unwrap());
        std::future::poll_fn(|_| {
            if self.0.world.lock().now() >= until {
                self.wake();
                return Poll::Ready(());
            }
            self.0.until.store(until, Ordering::Relaxed);
            Poll::Pending
        })
        .await;
    }
}

#[async_trait]
impl Clock for Pulse {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.world.lock().now())
    }

    async fn sleep(&self, span: Duration) {
        point().await;
        Self::sleep(self, u64::try_from(span.as_millis()).unwrap()).await;
    }
}
