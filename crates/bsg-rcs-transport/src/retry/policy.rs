//! How often, how long, at what price: the numbers of repeating, as data.

use std::time::Duration;

use http::header::{HeaderMap, RETRY_AFTER};

use super::verdict::Verdict;
use crate::random::below;

/// How a [`Retry`](super::Retry) repeats. The default has the numbers of the AWS SDKs, which have
/// been tried on more traffic than ours.
///
/// ```
/// use std::time::Duration;
/// use bsg_rcs_transport::retry::RetryPolicy;
///
/// let patient = RetryPolicy::default().max_tries(5);
/// assert!(patient.longest_wait() < Duration::from_secs(81));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many times a request is tried at most, the first try included. 0 counts as 1.
    /// Default 3.
    pub max_tries: u32,
    /// The upper bound of the first wait after [`Trouble`](Verdict::Trouble); it doubles with every
    /// further wait. Default 50 ms.
    pub trouble_base: Duration,
    /// The upper bound of the first wait after the server asked for patience
    /// ([`Throttled`](Verdict::Throttled)); it doubles with every further wait. Default 1 s.
    pub throttled_base: Duration,
    /// What doubling never exceeds. Default 20 s.
    pub wait_cap: Duration,
    /// How much longer than the wait that was drawn a `Retry-After` may make it. Default 5 s.
    pub retry_after_slack: Duration,
    /// The bound of a call in all: every try, and the waits between them. When it strikes, the
    /// error says [`MaybeSent`](crate::Certainty::MaybeSent). Default: none.
    pub overall: Option<Duration>,
    /// What all exchanges of one wrapper share: see [`BudgetPolicy`].
    pub budget: BudgetPolicy,
}

/// The budget that keeps many callers from repeating all at once when a server is down: a repeat
/// takes tokens, a success gives some back, and without tokens there is no repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetPolicy {
    /// How many tokens there are at the start, and at most. Default 500.
    pub tokens: u32,
    /// What a repeat after [`Trouble`](Verdict::Trouble) takes. Default 14.
    pub trouble_cost: u32,
    /// What a repeat after [`Throttled`](Verdict::Throttled) takes. Default 5.
    pub throttled_cost: u32,
    /// What a success at the first try gives back; one after repeats gives back what the last
    /// repeat took. Default 1.
    pub refund: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_tries: 3,
            trouble_base: Duration::from_millis(50),
            throttled_base: Duration::from_secs(1),
            wait_cap: Duration::from_secs(20),
            retry_after_slack: Duration::from_secs(5),
            overall: None,
            budget: BudgetPolicy::default(),
        }
    }
}

impl Default for BudgetPolicy {
    fn default() -> Self {
        Self { tokens: 500, trouble_cost: 14, throttled_cost: 5, refund: 1 }
    }
}

impl RetryPolicy {
    /// Sets [`max_tries`](Self#structfield.max_tries).
    #[must_use]
    pub fn max_tries(self, max_tries: u32) -> Self {
        Self { max_tries, ..self }
    }

    /// Sets [`trouble_base`](Self#structfield.trouble_base).
    #[must_use]
    pub fn trouble_base(self, trouble_base: Duration) -> Self {
        Self { trouble_base, ..self }
    }

    /// Sets [`throttled_base`](Self#structfield.throttled_base).
    #[must_use]
    pub fn throttled_base(self, throttled_base: Duration) -> Self {
        Self { throttled_base, ..self }
    }

    /// Sets [`wait_cap`](Self#structfield.wait_cap).
    #[must_use]
    pub fn wait_cap(self, wait_cap: Duration) -> Self {
        Self { wait_cap, ..self }
    }

    /// Sets [`retry_after_slack`](Self#structfield.retry_after_slack).
    #[must_use]
    pub fn retry_after_slack(self, retry_after_slack: Duration) -> Self {
        Self { retry_after_slack, ..self }
    }

    /// Sets [`overall`](Self#structfield.overall).
    #[must_use]
    pub fn overall(self, overall: Option<Duration>) -> Self {
        Self { overall, ..self }
    }

    /// Sets [`budget`](Self#structfield.budget).
    #[must_use]
    pub fn budget(self, budget: BudgetPolicy) -> Self {
        Self { budget, ..self }
    }
}

impl BudgetPolicy {
    /// Sets [`tokens`](Self#structfield.tokens).
    #[must_use]
    pub fn tokens(self, tokens: u32) -> Self {
        Self { tokens, ..self }
    }

    /// Sets [`trouble_cost`](Self#structfield.trouble_cost).
    #[must_use]
    pub fn trouble_cost(self, trouble_cost: u32) -> Self {
        Self { trouble_cost, ..self }
    }

    /// Sets [`throttled_cost`](Self#structfield.throttled_cost).
    #[must_use]
    pub fn throttled_cost(self, throttled_cost: u32) -> Self {
        Self { throttled_cost, ..self }
    }

    /// Sets [`refund`](Self#structfield.refund).
    #[must_use]
    pub fn refund(self, refund: u32) -> Self {
        Self { refund, ..self }
    }
}

impl RetryPolicy {
    /// The longest that the waits of one call can last together. With a
    /// [`Timeout`](crate::Timeout) on the request, a call lasts at most `max_tries` times that, and
    /// this.
    #[must_use]
    pub fn longest_wait(&self) -> Duration {
        let base = self.trouble_base.max(self.throttled_base);
        let mut sum = Duration::ZERO;
        for earlier in 0..self.max_tries.saturating_sub(1) {
            let ceiling = doubled(base, earlier, self.wait_cap);
            let longest = ceiling.saturating_add(self.retry_after_slack);
            if earlier >= 64 {
                // From here on every wait has the same bound; `max_tries` may be in the billions.
                let left = self.max_tries - 1 - earlier;
                return sum.saturating_add(longest.saturating_mul(left));
            }
            sum = sum.saturating_add(longest);
        }
        sum
    }

    /// The wait before the next try: drawn evenly from zero to a bound that doubles, then stretched
    /// as far as `Retry-After` asks and the slack allows.
    pub(super) fn wait(
        &self,
        verdict: Verdict,
        earlier_repeats: u32,
        asked: Option<Duration>,
        word: u64,
    ) -> Duration {
        let base = match verdict {
            Verdict::Throttled => self.throttled_base,
            Verdict::Trouble | Verdict::Settled => self.trouble_base,
        };
        let drawn = drawn(doubled(base, earlier_repeats, self.wait_cap), word);
        asked
            .map_or(drawn, |asked| asked.clamp(drawn, drawn.saturating_add(self.retry_after_slack)))
    }
}

/// The bound of a wait after this many earlier ones.
fn doubled(base: Duration, earlier: u32, cap: Duration) -> Duration {
    let factor = 2_u32.checked_pow(earlier).unwrap_or(u32::MAX);
    base.saturating_mul(factor).min(cap)
}

/// Full jitter: anything from nothing to the bound, both included, in nanoseconds.
fn drawn(bound: Duration, word: u64) -> Duration {
    let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX - 1);
    Duration::from_nanos(below(nanos.saturating_add(1), word))
}

/// What `Retry-After` asks for, in whole seconds. Its other form, a date, is ignored: reading it
/// takes a clock that agrees with the server's, and the drawn wait does as well.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(verdict: Verdict, earlier: u32, asked: Option<u64>, low: u64, high: u64) {
        let policy = RetryPolicy::default();
        let asked = asked.map(Duration::from_secs);
        let wait = |word| policy.wait(verdict, earlier, asked, word);
        assert_eq!(wait(0), Duration::from_millis(low), "the shortest");
        assert_eq!(wait(u64::MAX), Duration::from_millis(high), "the longest");
    }

    #[test]
    fn a_wait_is_drawn_from_zero_to_a_bound_that_doubles_up_to_the_cap() {
        check(Verdict::Trouble, 0, None, 0, 50);
        check(Verdict::Trouble, 1, None, 0, 100);
        check(Verdict::Trouble, 8, None, 0, 12_800);
        check(Verdict::Trouble, 9, None, 0, 20_000);
        check(Verdict::Trouble, u32::MAX, None, 0, 20_000);
        check(Verdict::Throttled, 0, None, 0, 1_000);
        check(Verdict::Throttled, 4, None, 0, 16_000);
        check(Verdict::Throttled, 5, None, 0, 20_000);
    }

    #[test]
    fn the_server_may_stretch_a_wait_by_five_seconds_and_never_shorten_it() {
        check(Verdict::Throttled, 0, Some(0), 0, 1_000);
        check(Verdict::Throttled, 0, Some(3), 3_000, 3_000);
        check(Verdict::Throttled, 0, Some(3_600), 5_000, 6_000);
    }

    #[test]
    fn the_longest_wait_is_the_sum_of_the_longest_waits() {
        let default = RetryPolicy::default();
        assert_eq!(default.longest_wait(), Duration::from_secs(1 + 5 + 2 + 5));
        let once = RetryPolicy { max_tries: 0, ..RetryPolicy::default() };
        assert_eq!(once.longest_wait(), Duration::ZERO);
        let endless = RetryPolicy { max_tries: u32::MAX, ..RetryPolicy::default() };
        assert!(endless.longest_wait() > Duration::from_secs(100_000_000_000));
    }

    #[test]
    fn retry_after_is_read_in_seconds_only() {
        let read = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, http::HeaderValue::from_static(value));
            retry_after(&headers)
        };
        assert_eq!(read("3"), Some(Duration::from_secs(3)));
        assert_eq!(read(" 0 "), Some(Duration::ZERO));
        assert_eq!(read("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(read("-1"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
