//! The gate: whether connections are taken. A fault script closes it for a while, and then they are refused by the
//! system itself, as if nothing listened.

use std::time::Duration;

use tokio::sync::watch;

/// How the gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Connections are taken.
    Open,
    /// It is to be closed for this long.
    ToClose(Duration),
    /// Connections are refused.
    Closed,
}

/// Between the steering call that closes it and the loop that listens.
#[derive(Debug)]
pub(super) struct Gate(watch::Sender<Stands>);

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(Stands::Open))
    }
}

impl Gate {
    /// Refuses connections for a while, from before this returns.
    pub(super) async fn close_for(&self, how_long: Duration) {
        let mut watching = self.0.subscribe();
        self.0.send_replace(Stands::ToClose(how_long));
        // The loop that listens answers; without one, everything is refused anyway.
        let _ = watching.wait_for(|stands| !matches!(stands, Stands::ToClose(_))).await;
    }

    /// Says how it stands now.
    pub(super) fn set(&self, stands: Stands) {
        self.0.send_replace(stands);
    }

    /// For how long it is to be closed, as soon as it is.
    pub(super) async fn to_close(&self) -> Duration {
        let mut watching = self.0.subscribe();
        let wanted = watching.wait_for(|stands| matches!(stands, Stands::ToClose(_))).await;
        match wanted.map(|stands| *stands) {
            Ok(Stands::ToClose(how_long)) => how_long,
            _ => Duration::ZERO,
        }
    }
}
