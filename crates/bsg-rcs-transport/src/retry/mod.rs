//! Repeating, as a wrapper around a transport: [`Retry`].
//!
//! | file | what lives there |
//! | --- | --- |
//! | `mod` | the loop: try, judge, wait, try again |
//! | `policy` | [`RetryPolicy`]: tries, waits and prices, as data |
//! | `verdict` | [`Verdict`]: could another try help? And the law that says whether it may be made |
//! | `budget` | the tokens that all exchanges share |
//!
//! Time and chance are handed in. `Retry::new` (feature `tokio`) hands in Tokio's timer and a
//! generator seeded by the process, [`Retry::with_timer`] that generator; [`Retry::handed`] takes what
//! it is given.

mod budget;
mod policy;
mod verdict;

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;

use crate::error::{FailureKind, TransportError};
use crate::extensions::Repeat;
use crate::transport::Transport;
use budget::Budget;

pub use policy::{BudgetPolicy, RetryPolicy};
pub use verdict::{Outcome, Verdict, standard};

/// A wait under way.
pub type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

type Wait = Box<dyn Fn(Duration) -> Waiting + Send + Sync>;
type Random = Mutex<Box<dyn FnMut() -> u64 + Send>>;
type Judge = Box<dyn Fn(&Outcome) -> Verdict + Send + Sync>;

/// Repeats what may be repeated.
///
/// What a request permits stands in its extensions:
///
/// | the request says | it is tried again |
/// | --- | --- |
/// | [`Repeat::Safe`] | after any trouble ([`standard`]): a failure of the transport, 429, a 5xx but 501 and 505 |
/// | [`Repeat::OnlyIfNotSent`] | after an error that says [`NotSent`](crate::Certainty::NotSent), and never after an answer |
/// | nothing | never |
///
/// Between tries it waits: a time drawn evenly between zero and a bound that doubles, stretched a
/// little when the server sends `Retry-After` in seconds (the form with a date is ignored). The
/// numbers are those of [`RetryPolicy`]. When the tries or the budget are used up, the last result
/// is returned as it is.
///
/// **Certainty holds for the whole.** An error says `NotSent` only when that is true of every try.
/// When an earlier one may have arrived and the last one never left, the error of the last one is
/// returned as a `MaybeSent`.
///
/// **Time.** A [`Timeout`](crate::Timeout) of the request bounds each try, not the whole: it is the
/// inner transport that keeps it. The whole lasts at most `max_tries` times that and
/// [`RetryPolicy::longest_wait`], or [`RetryPolicy::overall`] if set.
///
/// **Cancellation.** Dropping the future drops the try or the wait that is under way. Tokens that a
/// repeat had taken are not returned.
///
/// ```
/// use std::time::Duration;
/// use bsg_rcs_transport::doubles::Scripted;
/// use bsg_rcs_transport::http::{Request, StatusCode};
/// use bsg_rcs_transport::retry::Retry;
/// use bsg_rcs_transport::{Bytes, Repeat, Transport};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let script = Scripted::new()
///     .then_json(StatusCode::BAD_GATEWAY, "{}")
///     .then_json(StatusCode::OK, r#"{"amount":"1.5"}"#);
/// let transport = Retry::handed(script, |_: Duration| Box::pin(async {}), || 0);
///
/// let request = Request::get("https://host/balance").extension(Repeat::Safe).body(Bytes::new())?;
/// assert_eq!(transport.exchange(request).await?.status(), StatusCode::OK);
/// # Ok(())
/// # }
/// ```
pub struct Retry<T> {
    inner: T,
    policy: RetryPolicy,
    budget: Budget,
    judge: Judge,
    wait: Wait,
    random: Random,
}

impl<T> Retry<T> {
    /// Repeats by the default policy, waiting on Tokio's timer.
    #[cfg(feature = "tokio")]
    #[must_use]
    pub fn new(inner: T) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that waits between tries")]
        let wait = |length| -> Waiting { Box::pin(tokio::time::sleep(length)) };
        Self::with_timer(inner, wait)
    }

    /// Repeats by the default policy, waiting by a timer of one's own: a future that ends after the
    /// time that it is given.
    #[must_use]
    pub fn with_timer(
        inner: T,
        wait: impl Fn(Duration) -> Waiting + Send + Sync + 'static,
    ) -> Self {
        let mut random = crate::random::SplitMix64::from_the_process();
        Self::handed(inner, wait, move || random.next())
    }

    /// Repeats by the default policy, with a wait and a source of random words of one's own.
    ///
    /// `wait` returns a future that ends after the time it is given. `random` gives words of which
    /// all 64 bits count.
    #[must_use]
    pub fn handed(
        inner: T,
        wait: impl Fn(Duration) -> Waiting + Send + Sync + 'static,
        random: impl FnMut() -> u64 + Send + 'static,
    ) -> Self {
        let policy = RetryPolicy::default();
        Self {
            inner,
            budget: Budget::new(policy.budget.clone()),
            policy,
            judge: Box::new(standard),
            wait: Box::new(wait),
            random: Mutex::new(Box::new(random)),
        }
    }

    /// Takes another policy in place of the default. The budget starts full.
    #[must_use]
    pub fn policy(mut self, policy: RetryPolicy) -> Self {
        self.budget = Budget::new(policy.budget.clone());
        self.policy = policy;
        self
    }

    /// Takes another judgement in place of [`standard`]. It can widen and narrow what a safe
    /// request is repeated after; it cannot have a request repeated that does not permit it.
    #[must_use]
    pub fn judged_by(
        mut self,
        judge: impl Fn(&Outcome) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        self.judge = Box::new(judge);
        self
    }

    /// How many tokens are left in the budget, for statistics.
    #[must_use]
    pub fn budget_left(&self) -> u32 {
        self.budget.left()
    }

    /// The transport inside.
    #[must_use]
    pub fn inner(&self) -> &T {
        &self.inner
    }
}

impl<T: Transport> Retry<T> {
    /// The loop. What an earlier try may have done is remembered to the end.
    async fn try_until_settled(&self, request: Request<Bytes>) -> Outcome {
        let repeat = request.extensions().get::<Repeat>().copied();
        let mut arrived_perhaps = false;
        let mut last_cost = None;
        for repeats in 0.. {
            let outcome = self.inner.exchange(request.clone()).await;
            let verdict = (self.judge)(&outcome);
            if verdict == Verdict::Settled && outcome.is_ok() {
                self.budget.give_back(last_cost);
            }
            let again = verdict != Verdict::Settled
                && repeats + 1 < self.policy.max_tries
                && verdict::permits(repeat, &outcome);
            let cost = if again { self.budget.take(verdict) } else { None };
            if cost.is_none() {
                return told_for_all(outcome, arrived_perhaps);
            }
            last_cost = cost;
            arrived_perhaps |= verdict::may_have_arrived(&outcome);
            (self.wait)(self.length(verdict, repeats, &outcome)).await;
        }
        unreachable!("the tries are counted in 32 bits, and so is their maximum")
    }

    fn length(&self, verdict: Verdict, earlier_repeats: u32, outcome: &Outcome) -> Duration {
        let asked = outcome.as_ref().ok().and_then(|answer| policy::retry_after(answer.headers()));
        let word = self.random.lock().unwrap_or_else(PoisonError::into_inner)();
        self.policy.wait(verdict, earlier_repeats, asked, word)
    }
}

/// The outcome of the last try as the outcome of all of them.
fn told_for_all(outcome: Outcome, arrived_perhaps: bool) -> Outcome {
    outcome.map_err(|error| if arrived_perhaps { error.into_maybe_sent() } else { error })
}

/// Whatever ends first; the work, when both have ended.
async fn within(work: impl Future<Output = Outcome>, bound: Waiting) -> Outcome {
    let (mut work, mut bound) = (pin!(work), bound);
    std::future::poll_fn(|context| {
        if let Poll::Ready(outcome) = work.as_mut().poll(context) {
            return Poll::Ready(outcome);
        }
        bound.as_mut().poll(context).map(|()| Err(struck()))
    })
    .await
}

fn struck() -> TransportError {
    // Whether a try had left is not looked into: `MaybeSent` may be pessimistic.
    TransportError::maybe_sent(FailureKind::Timeout, "the bound of all tries together struck")
}

#[async_trait]
impl<T: Transport> Transport for Retry<T> {
    async fn exchange(&self, request: Request<Bytes>) -> Outcome {
        let work = self.try_until_settled(request);
        match self.policy.overall {
            Some(bound) => within(work, (self.wait)(bound)).await,
            None => work.await,
        }
    }
}

/// Without the closures, which have nothing to show.
impl<T: fmt::Debug> fmt::Debug for Retry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("inner", &self.inner)
            .field("policy", &self.policy)
            .field("budget_left", &self.budget_left())
            .finish_non_exhaustive()
    }
}
