//! Urls as far as the platform judges them, and the one that callbacks go to.

use alloc::string::String;

use crate::fault::Fault;
use crate::rules;

/// Whether a url begins with `http://` or `https://`, names a host, and holds no spaces.
pub(super) fn is_well_formed(url: &str) -> bool {
    let behind = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let names_host =
        behind.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', '?', '#']));
    names_host && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Where the callbacks of one single send go, before the account's own url: at most 100
/// characters, http or https.
///
/// ```
/// use bsg_rcs_domain::message::CallbackUrl;
///
/// assert!(CallbackUrl::parse("https://example.com/callbacks/x").is_ok());
/// let why = CallbackUrl::parse("example.com").unwrap_err();
/// assert_eq!(why.at("callback_url").rule.id, "URL-FORM");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CallbackUrl(String);

impl CallbackUrl {
    /// Reads a url.
    ///
    /// # Errors
    /// `URL-FORM`, and `CALLBACK-URL-LEN` beyond 100 characters.
    pub fn parse(url: &str) -> Result<Self, NotACallbackUrl> {
        let length = url.chars().count();
        let measured = u64::try_from(length).unwrap_or(u64::MAX);
        if !is_well_formed(url) {
            Err(NotACallbackUrl::Form)
        } else if rules::CALLBACK_URL_LEN.bounds.is_some_and(|bounds| !bounds.hold(measured)) {
            Err(NotACallbackUrl::Length(length))
        } else {
            Ok(Self(url.into()))
        }
    }

    /// The url.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no callback url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotACallbackUrl {
    /// It is no url.
    #[error("{}", rules::URL_FORM.says)]
    Form,
    /// It is longer than 100 characters; this long.
    #[error("{says}; here {0}", says = rules::CALLBACK_URL_LEN.says)]
    Length(usize),
}

impl NotACallbackUrl {
    /// The same as a fault at `place`.
    pub fn at(self, place: &str) -> Fault {
        match self {
            Self::Form => Fault::at(&rules::URL_FORM, place),
            Self::Length(length) => {
                let measured = u64::try_from(length).unwrap_or(u64::MAX);
                Fault::measured(&rules::CALLBACK_URL_LEN, place, measured)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_callback_url_has_at_most_100_characters() {
        let url = |length: usize| format!("https://example.com/{}", "x".repeat(length - 20));
        assert_eq!(CallbackUrl::parse(&url(100)).map(|url| url.as_str().len()), Ok(100));
        assert_eq!(CallbackUrl::parse(&url(101)), Err(NotACallbackUrl::Length(101)));
        assert_eq!(NotACallbackUrl::Length(101).at("u").measured, Some(101));
    }

    #[test]
    fn a_url_names_a_host_and_holds_no_spaces() {
        for url in ["http://a", "https://a.b/c?d#e"] {
            assert!(is_well_formed(url), "{url}");
        }
        for url in ["", "http://", "https:///a", "http://?a", "http://#", "ftp://a", "http://a b"] {
            assert!(!is_well_formed(url), "{url}");
        }
        assert!(!is_well_formed("http://a\u{7}"));
    }
}
