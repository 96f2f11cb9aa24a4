//! The gate: whether connections are taken. A fault script closes it for a while, and then they are refused by the
//! system itself, as if nothing listened.

use std::time::Duration;

use tokio::sync::watch;

/// How the gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Connections are taken.
    Open,
    /// It is to be closed for this long.
    ToClose(Duration),
    /// Connections are refused.
    Closed,
}

/// Between the steering call that closes it and the loop that listens.
#[derive(Debug)]
pub(crate) struct AcceptGate(watch::Sender<Stands>);

impl Default for AcceptGate {
    fn default() -> Self {
        Self(watch::Sender::new(Stands::Open))
    }
}

impl AcceptGate {
    /// Refuses connections for a while, from before this returns.
    pub(crate) async fn close_for(&self, how_long: Duration) {
        let mut watching = self.0.subscribe();
        self.0.send_replace(Stands::ToClose(how_long));
        // The loop that listens answers; without one, everything is refused anyway.
        let _ = watching.wait_for(|stands| !matches!(stands, Stands::ToClose(_))).await;
    }

    /// Hears how it stands, from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<Stands> {
        self.0.subscribe()
    }

    /// Says how it stands now.
    pub(crate) fn set(&self, stands: Stands) {
        self.0.send_replace(stands);
    }

    /// For how long it is to be closed, as soon as it is.
    pub(crate) async fn to_close(&self) -> Duration {
        let mut watching = self.0.subscribe();
        let wanted = watching.wait_for(|stands| matches!(stands, Stands::ToClose(_))).await;
        match wanted.map(|stands| *stands) {
            Ok(Stands::ToClose(how_long)) => how_long,
            _ => Duration::ZERO,
        }
    }

    /// Opens whenever it is closed: where nothing listens, there is nothing to refuse.
    pub(crate) async fn stay_open(&self) {
        loop {
            self.to_close().await;
            self.set(Stands::Open);
        }
    }
}
