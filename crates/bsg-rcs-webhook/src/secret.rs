//! The secret in the path: who knows it may post callbacks.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use subtle::ConstantTimeEq;

/// The secret part of the callback URL: 32 or more letters, digits, `-` and `_` (ASCII).
///
/// The platform signs nothing (assumption A11), so the URL itself is the credential. It shows in
/// no `Debug`. A URL that goes along with single sends has at most 100 characters, this included.
///
/// ```
/// use bsg_rcs_webhook::WebhookSecret;
///
/// let secret = WebhookSecret::from_random([0x5a; 20]);
/// let again: WebhookSecret = secret.expose().parse()?;
/// assert_eq!(again.path(), "/callbacks/ljnfuws2ljnfuws2ljnfuws2ljnfuws2");
/// assert_eq!(format!("{again:?}"), "WebhookSecret(***)");
/// # Ok::<(), bsg_rcs_webhook::NotASecret>(())
/// ```
#[derive(Clone)]
pub struct WebhookSecret(String);

/// The least characters: 160 bits where each is one of 32.
const LEAST: usize = 32;

impl WebhookSecret {
    /// Reads a secret; white space around it is cut off.
    ///
    /// # Errors
    /// [`NotASecret`] if it is shorter than 32 characters or has others than letters, digits, `-`
    /// and `_`.
    pub fn parse(text: &str) -> Result<Self, NotASecret> {
        let text = text.trim();
        let url_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if text.len() >= LEAST && text.bytes().all(url_safe) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotASecret)
        }
    }

    /// A secret of 160 random bits, written as 32 characters of lower-case base 32. The bytes must
    /// come from a source that nobody can guess.
    pub fn from_random(bytes: [u8; 20]) -> Self {
        Self(BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
    }

    /// The path that callbacks are posted to: `/callbacks/<secret>`.
    pub fn path(&self) -> String {
        format!("/callbacks/{}", self.0)
    }

    /// The secret itself, to be stored; never to be logged.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `given` is the secret. How long that takes tells nothing but the secret's length.
    pub fn matches(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(***)")
    }
}

impl FromStr for WebhookSecret {
    type Err = NotASecret;

    fn from_str(text: &str) -> Result<Self, NotASecret> {
        Self::parse(text)
    }
}

/// The text is no secret of ours; it is not repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret has at least {LEAST} characters, all of them letters, digits, - or _")]
pub struct NotASecret;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_long_and_fit_for_a_path() {
        for good in ["0123456789abcdef0123456789ABCDEF", "-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-"] {
            assert_eq!(WebhookSecret::parse(&format!(" {good}\n")).unwrap().expose(), good);
        }
        for bad in ["", "0123456789abcdef0123456789ABCDE", "0123456789abcdef/0123456789ABCDEF"] {
            assert_eq!(WebhookSecret::parse(bad).err(), Some(NotASecret), "{bad}");
        }
        for odd in ["ä", " ", "%", ".", "?", "#", "\0"] {
            assert!(WebhookSecret::parse(&odd.repeat(40)).is_err(), "{odd}");
        }
    }

    #[test]
    fn random_bytes_are_written_as_base_32() {
        // The alphabet of RFC 4648 in lower case; "fooba" is its own test vector.
        let secret = WebhookSecret::from_random(*b"foobafoobafoobafooba");
        assert_eq!(secret.expose(), "mzxw6ytbmzxw6ytbmzxw6ytbmzxw6ytb");
        assert_eq!(WebhookSecret::from_random([0xff; 20]).expose(), "7".repeat(32));
        assert_eq!(WebhookSecret::from_random([0; 20]).expose(), "a".repeat(32));
    }

    #[test]
    fn only_the_whole_secret_matches() {
        let secret = WebhookSecret::from_random([7; 20]);
        let text = secret.expose();
        assert!(secret.matches(text));
        for wrong in ["", &text[1..], &text.to_uppercase(), &format!("{text}a")] {
            assert!(!secret.matches(wrong), "{wrong}");
        }
    }
}
