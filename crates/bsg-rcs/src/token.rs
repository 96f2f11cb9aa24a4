//! Tokens: fetched on first use, renewed ahead of their end, by one task at a time.
//!
//! | when | what is done |
//! | --- | --- |
//! | no token yet, or it has ended | login with the key; whoever comes meanwhile waits for it |
//! | a tenth of its life is left (at most 5 minutes) | one task refreshes it, and logs in if that fails; the others go on with the old one |
//! | that failed too | the old one serves until its end, and renewing is tried again a little later |
//! | a call was answered 401 with this very token | login, once |
//!
//! One task at a time fetches, so no slow renewal can overwrite a newer token. Those that waited for
//! it share its failure. A task that is dropped while it fetches leaves the old state behind, and the
//! next one fetches.

use std::sync::{Mutex as StdMutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use futures_util::lock::Mutex;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The platform's own measure where a token does not tell its life.
const ASSUMED_LIFE: Duration = Duration::from_secs(30 * 60);
/// The most of a token's life that is given up by renewing early.
const MARGIN_MAX: Duration = Duration::from_secs(5 * 60);

/// How long the old token serves before renewing is tried again.
const RENEW_AGAIN: Duration = Duration::from_secs(30);

/// A token that was in force when it was handed out.
#[derive(Clone)]
pub(crate) struct Bearer {
    secret: SecretString,
    /// Counts the tokens of this client, so that two tasks can tell whether they mean the same.
    pub(crate) generation: u64,
}

impl Bearer {
    /// The value of the Authorization header.
    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.expose())
    }

    pub(crate) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }
}

/// How a token is to be fetched.
pub(crate) enum Fetch<'a> {
    /// With the key.
    Login,
    /// With the token that is about to end.
    Refresh(&'a Bearer),
}

/// Where tokens come from. A trait and no closure: the futures of async closures that borrow are
/// not provably `Send`, and every call of the client awaits one of these.
pub(crate) trait Source {
    /// Why there is no token.
    type Error: Clone + Send;

    /// A bare JWT.
    fn fetch(
        &self,
        how: Fetch<'_>,
    ) -> impl Future<Output = Result<SecretString, Self::Error>> + Send;
}

#[derive(Clone)]
struct Held {
    bearer: Bearer,
    renew_at: Duration,
    ends_at: Duration,
}

/// The client's one token. `E` is why there is none.
pub(crate) struct Tokens<E> {
    held: StdMutex<Option<Held>>,
    /// Held by the task that fetches.
    flight: Mutex<()>,
    attempts: StdMutex<Attempts<E>>,
}

/// The attempts to fetch a token, so that those who waited for one share its failure.
struct Attempts<E> {
    started: u64,
    /// The last one that failed.
    failed: Option<(u64, E)>,
}

impl<E> Default for Tokens<E> {
    fn default() -> Self {
        let attempts = StdMutex::new(Attempts { started: 0, failed: None });
        Self { held: StdMutex::default(), flight: Mutex::default(), attempts }
    }
}

#[cfg(feature = "test-util")]
impl<E> Tokens<E> {
    /// With a token that never ends.
    pub(crate) fn holding(token: &str) -> Self {
        let bearer = Bearer { secret: SecretString::from(token), generation: 1 };
        let held = Held { bearer, renew_at: Duration::MAX, ends_at: Duration::MAX };
        Self { held: StdMutex::new(Some(held)), ..Self::default() }
    }
}

impl<E: Clone + Send> Tokens<E> {
    /// A token to call with. `now` is the monotonic clock. With `refused`, the token that a call
    /// was answered 401 with, an equal one is not handed out again.
    pub(crate) async fn bearer<S: Source<Error = E>>(
        &self,
        now: impl Fn() -> Duration,
        refused: Option<&Bearer>,
        source: &S,
    ) -> Result<Bearer, E> {
        self.bearer_ahead(now, Duration::ZERO, refused, source).await
    }

    /// As [`bearer`](Self::bearer), renewing what is due within `ahead` already now.
    pub(crate) async fn bearer_ahead<S: Source<Error = E>>(
        &self,
        now: impl Fn() -> Duration,
        ahead: Duration,
        refused: Option<&Bearer>,
        source: &S,
    ) -> Result<Bearer, E> {
        let then = || now().saturating_add(ahead);
        let (_flight, joined) = match (self.in_force(now(), refused), self.flight.try_lock()) {
            (Some(held), _) if then() < held.renew_at => return Ok(held.bearer),
            (_, Some(flight)) => (flight, None),
            // Another task renews it already, and it is good for a while yet.
            (Some(held), None) if then() < held.ends_at => return Ok(held.bearer),
            (_, None) => {
                let under_way = self.started();
                (self.flight.lock().await, Some(under_way))
            }
        };
        // Another task may have brought a fresh one before this one's turn came,
        let held = match self.in_force(now(), refused) {
            Some(held) if then() < held.renew_at => return Ok(held.bearer),
            held => held,
        };
        // or have failed while this one waited for it: that is this one's failure too.
        if let Some(why) = joined.and_then(|under_way| self.failure_since(under_way)) {
            return held.map(|held| held.bearer).ok_or(why);
        }
        let attempt = self.start();
        match fetch(held.as_ref(), source).await {
            Ok(secret) => Ok(self.take(secret, now())),
            Err(why) => {
                self.fail(attempt, why.clone());
                let old = self.in_force(now(), refused).ok_or(why)?;
                let renew_at = now().saturating_add(RENEW_AGAIN);
                self.hold(Held { renew_at, ..old.clone() });
                Ok(old.bearer)
            }
        }
    }

    /// How many attempts to fetch a token were started.
    fn started(&self) -> u64 {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).started
    }

    /// Starts an attempt; answers which it is.
    fn start(&self) -> u64 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.started = attempts.started.saturating_add(1);
        attempts.started
    }

    fn fail(&self, attempt: u64, why: E) {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.failed = Some((attempt, why));
    }

    /// Why the last attempt failed, if that was this one or a later one.
    fn failure_since(&self, attempt: u64) -> Option<E> {
        let attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let (failed, why) = attempts.failed.as_ref()?;
        (*failed >= attempt).then(|| why.clone())
    }

    /// The token that is held, unless it has ended or is the one that was refused.
    fn in_force(&self, now: Duration, refused: Option<&Bearer>) -> Option<Held> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        held.filter(|held| {
            let refused = refused.is_some_and(|it| it.generation == held.bearer.generation);
            now < held.ends_at && !refused
        })
    }

    /// Keeps a token that was just received.
    fn take(&self, secret: SecretString, now: Duration) -> Bearer {
        let life = life(&secret).unwrap_or(ASSUMED_LIFE);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let before = held.as_ref().map_or(0, |held| held.bearer.generation);
        let generation = before.saturating_add(1);
        let bearer = Bearer { secret, generation };
        let (renew_at, ends_at) =
            (now.saturating_add(renewal_after(life)), now.saturating_add(life));
        *held = Some(Held { bearer: bearer.clone(), renew_at, ends_at });
        bearer
    }

    fn hold(&self, held: Held) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
    }
}

/// A fresh token: from the one in force if there is one, else from the key.
async fn fetch<S: Source>(held: Option<&Held>, source: &S) -> Result<SecretString, S::Error> {
    if let Some(held) = held
        && let Ok(secret) = source.fetch(Fetch::Refresh(&held.bearer)).await
    {
        return Ok(secret);
    }
    source.fetch(Fetch::Login).await
}

/// How long after its receipt a token of this life is renewed.
fn renewal_after(life: Duration) -> Duration {
    life.saturating_sub((life / 10).min(MARGIN_MAX))
}

/// `exp - iat` of a JWT: its life, whatever the clocks say. The signature is not ours to check.
fn life(jwt: &SecretString) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        iat: u64,
        exp: u64,
    }
    let payload = jwt.expose_secret().split('.').nth(1)?;
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload.trim_end_matches('='))
        .ok()?;
    let claims: Claims = serde_json::from_slice(&json).ok()?;
    claims.exp.checked_sub(claims.iat).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    use super::*;

    fn jwt(iat: u64, exp: u64) -> SecretString {
        let claims = format!(r#"{{"iat":{iat},"exp":{exp},"roles":[],"id":7}}"#);
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
        SecretString::from(format!("e30.{payload}.c2ln"))
    }

    #[test]
    fn a_life_is_exp_minus_iat_and_is_renewed_early() {
        assert_eq!(life(&jwt(1000, 4600)), Some(Duration::from_secs(3600)));
        assert_eq!(life(&jwt(5, 1)), None);
        assert_eq!(life(&SecretString::from("opaque")), None);
        assert_eq!(renewal_after(Duration::from_secs(100)), Duration::from_secs(90));
        assert_eq!(
            renewal_after(Duration::from_secs(30 * 86_400)),
            Duration::from_secs(30 * 86_400 - 300)
        );
    }

    /// Tokens that live for 100 seconds, counted; refreshes and logins may be down.
    #[derive(Default)]
    struct Counted {
        logins: AtomicU64,
        refreshes: AtomicU64,
        refresh_is_down: bool,
        login_is_down: AtomicBool,
    }

    impl Counted {
        fn fetched(&self) -> (u64, u64) {
            (self.logins.load(Ordering::Relaxed), self.refreshes.load(Ordering::Relaxed))
        }
    }

    impl Source for Counted {
        type Error = &'static str;

        async fn fetch(&self, how: Fetch<'_>) -> Result<SecretString, &'static str> {
            let refresh = matches!(how, Fetch::Refresh(_));
            let counter = if refresh { &self.refreshes } else { &self.logins };
            counter.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            let down = match how {
                Fetch::Refresh(_) => self.refresh_is_down,
                Fetch::Login => self.login_is_down.load(Ordering::Relaxed),
            };
            if down { Err("down") } else { Ok(jwt(0, 100)) }
        }
    }

    const fn at(seconds: u64) -> impl Fn() -> Duration {
        move || Duration::from_secs(seconds)
    }

    #[tokio::test]
    async fn many_tasks_cause_one_login_and_one_refresh() {
        let (tokens, source) = (Tokens::default(), Counted::default());
        // One task renews (a) while the others go on with the old token (b, c); where there is none
        // that is good, all wait for the one that is fetched.
        for (now, expected, (a, b, c)) in [
            (0, (1, 0), (1, 1, 1)),
            (89, (1, 0), (1, 1, 1)),
            (90, (1, 1), (2, 1, 1)),
            (179, (1, 1), (2, 2, 2)),
            (180, (1, 2), (3, 2, 2)),
            (280, (2, 2), (4, 4, 4)),
        ] {
            let one = || tokens.bearer(at(now), None, &source);
            let (first, second, third) = tokio::join!(one(), one(), one());
            let generations = [first, second, third].map(|bearer| bearer.unwrap().generation);
            assert_eq!(generations, [a, b, c], "at {now}");
            assert_eq!(source.fetched(), expected, "at {now}");
        }
    }

    #[tokio::test]
    async fn those_who_wait_for_a_login_share_its_failure() {
        let (tokens, source) = (Tokens::default(), Counted::default());
        source.login_is_down.store(true, Ordering::Relaxed);
        let calls = (0..20).map(|_| tokens.bearer(at(0), None, &source));
        let answers = futures_util::future::join_all(calls).await;
        assert!(answers.iter().all(|answer| answer.as_ref().err() == Some(&"down")));
        assert_eq!(source.fetched(), (1, 0), "one login for all");
        // Who comes later tries anew.
        source.login_is_down.store(false, Ordering::Relaxed);
        assert!(tokens.bearer(at(0), None, &source).await.is_ok());
        assert_eq!(source.fetched(), (2, 0));
    }

    #[tokio::test]
    async fn a_life_without_end_is_no_reason_to_panic() {
        struct Endless;
        impl Source for Endless {
            type Error = &'static str;
            async fn fetch(&self, _: Fetch<'_>) -> Result<SecretString, &'static str> {
                Ok(jwt(0, u64::MAX))
            }
        }
        let tokens = Tokens::default();
        for now in [1, u64::MAX / 2] {
            assert_eq!(tokens.bearer(at(now), None, &Endless).await.unwrap().generation, 1);
        }
    }

    #[tokio::test]
    async fn a_refused_token_is_replaced_once_however_many_were_refused() {
        let (tokens, source) = (Tokens::default(), Counted::default());
        let first = tokens.bearer(at(0), None, &source).await.unwrap();
        for _ in 0..3 {
            let next = tokens.bearer(at(0), Some(&first), &source).await.unwrap();
            assert_eq!(next.generation, first.generation + 1);
        }
        assert_eq!(source.fetched(), (2, 0));
    }

    #[tokio::test]
    async fn a_failed_refresh_falls_back_to_a_login() {
        let source = Counted { refresh_is_down: true, ..Counted::default() };
        let tokens = Tokens::default();
        tokens.bearer(at(0), None, &source).await.unwrap();
        let later = tokens.bearer(at(95), None, &source).await.unwrap();
        assert_eq!(later.generation, 2);
        assert_eq!(source.fetched(), (2, 1));
    }

    #[tokio::test]
    async fn a_platform_that_renews_nothing_is_asked_again_while_the_old_token_serves_to_its_end() {
        let source = Counted { refresh_is_down: true, ..Counted::default() };
        let tokens = Tokens::default();
        tokens.bearer(at(0), None, &source).await.unwrap();
        source.login_is_down.store(true, Ordering::Relaxed);
        for (now, expected) in [(90, (2, 1)), (91, (2, 1)), (99, (2, 1))] {
            let bearer = tokens.bearer(at(now), None, &source).await.unwrap();
            assert_eq!((bearer.generation, source.fetched()), (1, expected), "at {now}");
        }
        assert_eq!(tokens.bearer(at(100), None, &source).await.err(), Some("down"));
        source.login_is_down.store(false, Ordering::Relaxed);
        assert_eq!(tokens.bearer(at(100), None, &source).await.unwrap().generation, 2);
    }

    #[tokio::test]
    async fn a_task_that_is_dropped_while_it_fetches_leaves_the_flight_to_the_next() {
        let (tokens, source) = (Tokens::default(), Counted::default());
        let mut dropped = Box::pin(tokens.bearer(at(0), None, &source));
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(dropped.as_mut().poll(cx)));
        assert!(polled.await.is_pending());
        drop(dropped);
        assert_eq!(tokens.bearer(at(0), None, &source).await.unwrap().generation, 1);
    }
}
