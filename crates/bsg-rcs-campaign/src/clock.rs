//! The clocks that a campaign runs by: real time, or the virtual time of a sandbox or a test.
//!
//! Waits run on a clock that never goes back. The wall clock stamps what a person reads, and is
//! compared with starts; moments that decide anything in a store are the store's own.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bsg_rcs_store::Timestamp;

/// Tells the time and lets it pass.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The wall clock. It can be wrong, and can be set forward and back.
    fn now(&self) -> Timestamp;

    /// The time since a start of its own, on a clock that never goes back.
    fn monotonic(&self) -> Duration;

    /// Waits until `span` has passed on the monotonic clock.
    async fn sleep(&self, span: Duration);

    /// The same beside other work, such as an exchange that is under way. A virtual clock whose
    /// time passes because someone sleeps must not let it pass here, and may wait forever.
    async fn tick(&self, span: Duration) {
        self.sleep(span).await;
    }
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        START.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that sleeps")]
    async fn sleep(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

/// How much time lies between `from` and `to`; none if `to` comes first.
pub(crate) fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0))
}
