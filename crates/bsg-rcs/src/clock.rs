//! Time as it is handed in: a monotonic clock, a wall clock, and a timer.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use bsg_rcs_domain::CivilDateTime;
use bsg_rcs_transport::retry::Waiting;

/// A clock that never runs back: the time since some fixed moment.
pub(crate) type Monotonic = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Tells the monotonic clocks of the clients of one process apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClockId(u64);

impl ClockId {
    /// That of the process's own clock.
    pub(crate) const PROCESS: Self = Self(0);

    /// One for a clock that is handed in.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The time since 1970-01-01 00:00:00 UTC, if anything tells it.
#[derive(Clone)]
pub(crate) struct WallClock(pub(crate) Option<Arc<dyn Fn() -> Duration + Send + Sync>>);

impl WallClock {
    pub(crate) fn now(&self) -> Option<Duration> {
        self.0.as_ref().map(|clock| clock())
    }

    /// The date-time in UTC.
    pub(crate) fn utc(&self) -> Option<CivilDateTime> {
        let seconds = i64::try_from(self.now()?.as_secs()).ok()?;
        CivilDateTime::from_epoch_seconds(seconds)
    }
}

/// Waits, where there is something to wait by.
#[derive(Clone)]
pub(crate) struct Timer(pub(crate) Arc<dyn Fn(Duration) -> Option<Waiting> + Send + Sync>);

impl Timer {
    /// What the work comes to, or `None` if the time is up before that. Without a timer there is no
    /// bound.
    pub(crate) async fn within<T>(
        &self,
        bound: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = pin!(work);
        let Some(mut time) = self.wait(bound) else { return Some(work.await) };
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => time.as_mut().poll(context).map(|()| None),
        })
        .await
    }

    pub(crate) fn wait(&self, length: Duration) -> Option<Waiting> {
        (self.0)(length)
    }

    /// Tokio's, for calls within its runtime; without one there is no waiting.
    #[cfg(feature = "tokio")]
    #[expect(
        clippy::disallowed_methods,
        reason = "the facade's timer, unless another is handed in"
    )]
    pub(crate) fn by_default() -> Self {
        Self(Arc::new(|length| {
            tokio::runtime::Handle::try_current().ok()?;
            Some(Box::pin(tokio::time::sleep(length)))
        }))
    }

    /// There is no waiting, unless a timer is handed in.
    #[cfg(not(feature = "tokio"))]
    pub(crate) fn by_default() -> Self {
        Self(Arc::new(|_| None))
    }
}

#[cfg(not(target_family = "wasm"))]
#[expect(
    clippy::disallowed_methods,
    reason = "where the facade reads clocks, unless others are handed in"
)]
mod system {
    use std::sync::LazyLock;
    use std::time::Instant;

    use super::{Arc, Monotonic, WallClock};

    pub(crate) fn monotonic() -> Monotonic {
        // One for the process: what one client began to wait for, another may go on with.
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        Arc::new(|| START.elapsed())
    }

    pub(crate) fn wall() -> WallClock {
        let since_1970 = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        WallClock(Some(Arc::new(move || since_1970().unwrap_or_default())))
    }
}

/// There is no clock to read without a host's help: tokens are renewed when they are refused, and
/// starts are not judged, unless clocks are handed in.
#[cfg(target_family = "wasm")]
mod system {
    use super::{Arc, Duration, Monotonic, WallClock};

    pub(crate) fn monotonic() -> Monotonic {
        Arc::new(|| Duration::ZERO)
    }

    pub(crate) fn wall() -> WallClock {
        WallClock(None)
    }
}

pub(crate) use system::{monotonic, wall};
