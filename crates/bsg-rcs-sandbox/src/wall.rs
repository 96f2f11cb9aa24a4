//! The one place where wall-clock time comes in: tokens live on it, virtual time may follow it, and callbacks that
//! fail wait on it before they are tried again. The engine knows nothing of it.

use std::time::{Duration, Instant, SystemTime};

/// Seconds since 1970, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the sandbox's clock")]
pub(crate) fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A moment to measure from.
#[expect(clippy::disallowed_methods, reason = "this is the sandbox's clock")]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// Waits.
#[expect(clippy::disallowed_methods, reason = "this is the sandbox's clock")]
pub(crate) async fn sleep(how_long: Duration) {
    tokio::time::sleep(how_long).await;
}

/// What something comes to, if it is ready in time.
pub(crate) async fn within<F: Future>(how_long: Duration, something: F) -> Option<F::Output> {
    tokio::time::timeout(how_long, something).await.ok()
}
