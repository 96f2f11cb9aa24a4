//! Urls as far as the platform judges them, and the one that callbacks go to.

use alloc::string::String;
use core::fmt;

use crate::fault::Fault;
use crate::rules;

/// Whether a url begins with `http://` or `https://` in any case, names a host, and holds no spaces.
pub(super) fn is_well_formed(url: &str) -> bool {
    let names_host = url.split_once("://").is_some_and(|(scheme, behind)| {
        let is_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        is_web && host(behind).chars().any(char::is_alphanumeric)
    });
    names_host && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// The host in what follows `scheme://`: without a name and password before it and a port behind it.
fn host(behind: &str) -> &str {
    let authority = behind.split(['/', '?', '#', '\\']).next().unwrap_or("");
    let address = authority.rsplit('@').next().unwrap_or("");
    match address.rsplit_once(':') {
        // The colons of an IPv6 address stand in brackets.
        Some((host, port)) if !port.contains(']') => host,
        _ => address,
    }
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
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CallbackUrl(String);

/// Without the url, whose path may hold a secret.
impl fmt::Debug for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallbackUrl(***)")
    }
}

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
        for url in [
            "http://a",
            "https://a.b/c?d#e",
            "HTTPS://a.b",
            "Http://a:80/",
            "https://[::1]:8080/",
            "https://name@a.b/",
            "https://бар.ua/",
        ] {
            assert!(is_well_formed(url), "{url}");
        }
        for url in ["", "http://", "https:///a", "http://?a", "http://#", "ftp://a", "http://a b"] {
            assert!(!is_well_formed(url), "{url}");
        }
        for url in
            ["https://@", "https://@/a", "https://:80", "https://.", "https://[]", "https:a.b"]
        {
            assert!(!is_well_formed(url), "{url}");
        }
        assert!(!is_well_formed("http://a\u{7}"));
    }
}
