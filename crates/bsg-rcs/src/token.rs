//! Tokens: fetched on first use, renewed ahead of their end, by one task at a time.
//!
//! | when | what is done |
//! | --- | --- |
//! | no token yet | login with the key |
//! | a tenth of its life is left (at most 5 minutes) | refresh with the token; if that fails, login |
//! | a call was answered 401 with this very token | login, once |
//!
//! The lock is held while a token is fetched: whoever comes meanwhile waits and takes the fresh
//! one, so there is one flight, and no slow renewal can overwrite a newer token. A task that is
//! dropped while it fetches leaves the old state behind, and the next one fetches.

use std::time::Duration;

use base64::Engine as _;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

/// The platform's own measure where a token does not tell its life.
const ASSUMED_LIFE: Duration = Duration::from_secs(30 * 60);
/// The most of a token's life that is given up by renewing early.
const MARGIN_MAX: Duration = Duration::from_secs(5 * 60);

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
    type Error: Send;

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
}

/// The client's one token.
#[derive(Default)]
pub(crate) struct Tokens {
    held: Mutex<Option<Held>>,
}

impl Tokens {
    /// A token to call with. `now` is the monotonic clock. With `refused`, the token that a call
    /// was answered 401 with, an equal one is not handed out again.
    pub(crate) async fn bearer<S: Source>(
        &self,
        now: impl Fn() -> Duration,
        refused: Option<&Bearer>,
        source: &S,
    ) -> Result<Bearer, S::Error> {
        let mut held = self.held.lock().await;
        let generation = held.as_ref().map_or(0, |held| held.bearer.generation);
        let in_force = held
            .as_ref()
            .filter(|_| refused.is_none_or(|refused| refused.generation != generation));
        let secret = match in_force {
            Some(held) if now() < held.renew_at => return Ok(held.bearer.clone()),
            Some(held) => match source.fetch(Fetch::Refresh(&held.bearer)).await {
                Ok(secret) => secret,
                Err(_) => source.fetch(Fetch::Login).await?,
            },
            None => source.fetch(Fetch::Login).await?,
        };
        let renew_at = now() + renewal_after(life(&secret).unwrap_or(ASSUMED_LIFE));
        let bearer = Bearer { secret, generation: generation + 1 };
        *held = Some(Held { bearer: bearer.clone(), renew_at });
        Ok(bearer)
    }
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
    use std::sync::atomic::{AtomicU64, Ordering};

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

    /// Tokens that live for 100 seconds, counted; refreshes may be down.
    #[derive(Default)]
    struct Counted {
        logins: AtomicU64,
        refreshes: AtomicU64,
        refresh_is_down: bool,
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
            if refresh && self.refresh_is_down { Err("down") } else { Ok(jwt(0, 100)) }
        }
    }

    #[tokio::test]
    async fn many_tasks_cause_one_login_and_one_refresh() {
        let (tokens, source, clock) = (Tokens::default(), Counted::default(), AtomicU64::new(0));
        let now = || Duration::from_secs(clock.load(Ordering::Relaxed));
        for (at, expected) in
            [(0, (1, 0)), (89, (1, 0)), (90, (1, 1)), (179, (1, 1)), (180, (1, 2))]
        {
            clock.store(at, Ordering::Relaxed);
            let one = || tokens.bearer(now, None, &source);
            let (a, b, c) = tokio::join!(one(), one(), one());
            assert_eq!(a.unwrap().generation, b.unwrap().generation);
            assert!(c.is_ok());
            assert_eq!(source.fetched(), expected, "at {at}");
        }
    }

    #[tokio::test]
    async fn a_refused_token_is_replaced_once_however_many_were_refused() {
        let (tokens, source) = (Tokens::default(), Counted::default());
        let first = tokens.bearer(|| Duration::ZERO, None, &source).await.unwrap();
        for _ in 0..3 {
            let next = tokens.bearer(|| Duration::ZERO, Some(&first), &source).await.unwrap();
            assert_eq!(next.generation, first.generation + 1);
        }
        assert_eq!(source.fetched(), (2, 0));
    }

    #[tokio::test]
    async fn a_failed_refresh_falls_back_to_a_login() {
        let source = Counted { refresh_is_down: true, ..Counted::default() };
        let tokens = Tokens::default();
        tokens.bearer(|| Duration::ZERO, None, &source).await.unwrap();
        let later = tokens.bearer(|| Duration::from_secs(95), None, &source).await.unwrap();
        assert_eq!(later.generation, 2);
        assert_eq!(source.fetched(), (2, 1));
    }
}
