//! A line that fails now and then, and the same way every time the test runs.

use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::error::{FailureKind, TransportError};
use crate::random::{SplitMix64, below};
use crate::transport::Transport;

/// How often what happens, each in so many of a thousand exchanges. They are drawn in this order
/// from one draw, so their sum should not exceed 1000; what is left over goes well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The connection is refused: the transport inside is not called, the error says
    /// [`NotSent`](crate::Certainty::NotSent).
    pub refused: u16,
    /// The answer never comes: the transport inside is called, its answer thrown away, the error
    /// says [`MaybeSent`](crate::Certainty::MaybeSent), by [`Timeout`](FailureKind::Timeout).
    pub lost: u16,
    /// The answer ends before it is whole: like `lost`, by [`Broken`](FailureKind::Broken).
    pub cut: u16,
    /// The exchange waits for the hook ([`delayed_by`](Faulty::delayed_by)) first, and goes well.
    pub delayed: u16,
}

/// A wait that a test hands in.
type Hook = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Injects faults between a caller and the transport inside.
///
/// The seed decides everything: the same exchanges made in the same order meet the same faults.
pub struct Faulty<T> {
    inner: T,
    faults: Faults,
    random: Mutex<SplitMix64>,
    delay: Hook,
}

/// What one exchange meets.
#[derive(Clone, Copy)]
enum Fate {
    Refused,
    Lost,
    Cut,
    Delayed,
    Well,
}

impl<T> Faulty<T> {
    /// A line with these faults. A delayed exchange yields once to the others until a hook is set.
    pub fn new(inner: T, seed: u64, faults: Faults) -> Self {
        let random = Mutex::new(SplitMix64::seeded(seed));
        Self { inner, faults, random, delay: Box::new(|| Box::pin(yield_once())) }
    }

    /// What a delayed exchange waits for: a pause of a test's clock, or an event.
    #[must_use]
    pub fn delayed_by(
        mut self,
        hook: impl Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static,
    ) -> Self {
        self.delay = Box::new(hook);
        self
    }

    /// The transport inside.
    #[must_use]
    pub fn inner(&self) -> &T {
        &self.inner
    }

    fn draw(&self) -> Fate {
        let word = self.random.lock().unwrap_or_else(PoisonError::into_inner).next();
        let drawn = below(1000, word);
        let Faults { refused, lost, cut, delayed } = self.faults;
        let mut bound = 0;
        for (rate, fate) in [
            (refused, Fate::Refused),
            (lost, Fate::Lost),
            (cut, Fate::Cut),
            (delayed, Fate::Delayed),
        ] {
            bound += u64::from(rate);
            if drawn < bound {
                return fate;
            }
        }
        Fate::Well
    }
}

async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

impl<T: fmt::Debug> fmt::Debug for Faulty<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty")
            .field("inner", &self.inner)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl<T: Transport> Transport for Faulty<T> {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        match self.draw() {
            Fate::Refused => {
                Err(TransportError::not_sent(FailureKind::Connect, "injected: refused"))
            }
            Fate::Lost => {
                self.inner.exchange(request).await?;
                Err(TransportError::maybe_sent(FailureKind::Timeout, "injected: answer lost"))
            }
            Fate::Cut => {
                self.inner.exchange(request).await?;
                Err(TransportError::maybe_sent(FailureKind::Broken, "injected: answer cut"))
            }
            Fate::Delayed => {
                (self.delay)().await;
                self.inner.exchange(request).await
            }
            Fate::Well => self.inner.exchange(request).await,
        }
    }
}
