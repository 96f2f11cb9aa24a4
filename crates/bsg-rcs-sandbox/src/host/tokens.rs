//! Tokens: real RS256 JWTs with `iat`, `exp`, `roles` and `id`, living on the wall clock that is handed in.
//!
//! The key that signs them is committed beside this file. It is a development key and protects nothing: a client that can
//! reach a sandbox may be anybody in it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use bsg_rcs_sandbox_engine::AccountIx;

/// Protects nothing.
const DEVELOPMENT_KEY: &[u8] = include_bytes!("development-key.der");
/// Its public half.
const PUBLIC_KEY: &[u8] = include_bytes!("development-key-public.der");

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iat: i64,
    exp: i64,
    roles: Vec<String>,
    id: u64,
    /// Tells apart two tokens of one second, so that a refreshed one is a fresh one.
    jti: String,
}

/// Makes and reads tokens.
pub(crate) struct Tokens {
    life: Duration,
    made: AtomicU64,
    /// Tokens counted before this one have expired.
    valid_from: AtomicU64,
    signing: EncodingKey,
    reading: DecodingKey,
}

impl Tokens {
    pub(crate) fn new(life: Duration) -> Self {
        Self {
            life,
            made: AtomicU64::new(0),
            valid_from: AtomicU64::new(0),
            signing: EncodingKey::from_rsa_der(DEVELOPMENT_KEY),
            reading: DecodingKey::from_rsa_der(PUBLIC_KEY),
        }
    }

    /// A token for an account, made at `now` in seconds since 1970.
    pub(crate) fn make(
        &self,
        account: AccountIx,
        now: i64,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let life = i64::try_from(self.life.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            iat: now,
            exp: now.saturating_add(life),
            roles: vec!["client".into()],
            id: account.id(),
            jti: self.made.fetch_add(1, Ordering::SeqCst).to_string(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.signing)
    }

    /// Whose token this is, unless it is wrong or has expired at `now`.
    pub(crate) fn read(&self, token: &str, now: i64) -> Option<AccountIx> {
        let mut validation = Validation::new(Algorithm::RS256);
        // The time is handed in: judged below, and not on a clock of the library's own.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Claims>(token, &self.reading, &validation).ok()?.claims;
        let serial: u64 = claims.jti.parse().ok()?;
        let is_valid = claims.exp > now && serial >= self.valid_from.load(Ordering::SeqCst);
        if is_valid { AccountIx::of_id(claims.id) } else { None }
    }

    /// Lets every token that was made so far expire.
    pub(crate) fn expire_all(&self) {
        self.valid_from.store(self.made.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("life", &self.life).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_as_long_as_it_says() {
        let tokens = Tokens::new(Duration::from_secs(60));
        let account = AccountIx::of_id(2).unwrap();
        let token = tokens.make(account, 1000).unwrap();
        assert_eq!(token.split('.').count(), 3);
        assert_eq!(tokens.read(&token, 1059), Some(account));
        assert_eq!(tokens.read(&token, 1060), None);
        assert_ne!(tokens.make(account, 1000).unwrap(), token);
        let mut forged = token.clone();
        forged.pop();
        assert_eq!(tokens.read(&forged, 1000), None);
        assert_eq!(tokens.read("", 1000), None);
        tokens.expire_all();
        assert_eq!(tokens.read(&token, 1000), None);
        let later = tokens.make(account, 1000).unwrap();
        assert_eq!(tokens.read(&later, 1000), Some(account));
    }
}
