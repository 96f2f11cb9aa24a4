//! Time as a process sees it: it sleeps until the world's time has come so far. Its wall clock may
//! be wrong, and is set forward and back.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use bsg_rcs_campaign::Clock;
use bsg_rcs_store::Timestamp;
use bsg_rcs_transport::async_trait;

use super::world::{Shared, point};

/// What the world knows of a process: its name, until when its sleeps last, what it was told.
#[derive(Debug, Clone)]
pub(super) struct Pulse(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    world: Shared,
    /// When each of its sleeps ends, and what waits for it.
    sleeps: Mutex<BTreeMap<u64, (i64, Waker)>>,
    next: AtomicU64,
    /// Something in it can go on now.
    awake: AtomicBool,
    paused: AtomicBool,
    /// How far its wall clock is from the world's, in milliseconds.
    off_by: AtomicI64,
}

impl Wake for Inner {
    fn wake(self: Arc<Self>) {
        self.awake.store(true, Ordering::Relaxed);
    }
}

/// A sleep, until it ends or is abandoned.
struct Sleep<'a>(&'a Inner, u64);

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.0.sleeps.lock().unwrap().remove(&self.1);
    }
}

impl Pulse {
    pub(super) fn new(name: String, world: Shared, off_by: i64) -> Self {
        Self(Arc::new(Inner {
            name,
            world,
            sleeps: Mutex::default(),
            next: AtomicU64::new(0),
            awake: AtomicBool::new(true),
            paused: AtomicBool::new(false),
            off_by: AtomicI64::new(off_by),
        }))
    }

    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    /// Until when it sleeps, if it does nothing else.
    pub(super) fn sleeps_until(&self) -> Option<i64> {
        if self.0.awake.load(Ordering::Relaxed) {
            return None;
        }
        self.0.sleeps.lock().unwrap().values().map(|(until, _)| *until).min()
    }

    /// Something else than time woke it.
    pub(super) fn wake(&self) {
        self.0.awake.store(true, Ordering::Relaxed);
    }

    /// Before a turn of it: the sleeps that are over end. What its work is polled with.
    pub(super) fn begin_turn(&self) -> Waker {
        let now = self.0.world.lock().now();
        for (until, waker) in self.0.sleeps.lock().unwrap().values() {
            if *until <= now {
                waker.wake_by_ref();
            }
        }
        self.0.awake.store(false, Ordering::Relaxed);
        Waker::from(self.0.clone())
    }

    /// Its wall clock is set.
    pub(super) fn set_clock(&self, off_by: i64) {
        self.0.off_by.store(off_by, Ordering::Relaxed);
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
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let _sleep = Sleep(&self.0, number);
        std::future::poll_fn(|context| {
            if self.0.world.lock().now() >= until {
                return Poll::Ready(());
            }
            let sleep = (until, context.waker().clone());
            self.0.sleeps.lock().unwrap().insert(number, sleep);
            Poll::Pending
        })
        .await;
    }
}

#[async_trait]
impl Clock for Pulse {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.world.lock().now() + self.0.off_by.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.world.lock().now()).unwrap())
    }

    async fn sleep(&self, span: Duration) {
        point().await;
        Self::sleep(self, u64::try_from(span.as_millis()).unwrap()).await;
    }
}
