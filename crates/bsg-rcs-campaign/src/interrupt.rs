//! A wish to stop: the exchange in flight is finished, its outcome is written, nothing more is sent.

use tokio::sync::watch;

/// Tells work that somebody wants it to stop. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<bool>);

/// Raises an [`Interrupt`].
#[derive(Debug)]
pub struct Interrupter(watch::Sender<bool>);

impl Interrupt {
    /// An interrupt, and what raises it.
    pub fn new() -> (Interrupter, Self) {
        let (sender, receiver) = watch::channel(false);
        (Interrupter(sender), Self(receiver))
    }

    /// An interrupt that never comes.
    pub fn never() -> Self {
        Self::new().1
    }

    /// Whether it was raised.
    pub fn is_raised(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is raised; forever, if nobody can raise it any more.
    pub async fn raised(&mut self) {
        if self.0.wait_for(|raised| *raised).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Interrupter {
    /// Raises the interrupt.
    pub fn raise(&self) {
        self.0.send_replace(true);
    }
}
