//! Refusals: what a platform says when it does not do what it was asked for.

use core::fmt;

use crate::generated::RefusalBody;
use crate::lenient::text;
use crate::{Fault, answer, shown};

/// The most bytes of an unreadable body that are kept.
pub const RAW_BYTES: usize = 4096;

/// The most characters of one sentence that are shown.
const SHOWN: usize = 300;
/// The most faults that are shown.
const FAULTS_SHOWN: usize = 20;

/// An answer that is no success, as far as it can be understood.
///
/// Reading one never fails: which bodies come with 401, 404 or 5xx nobody documents (A1).
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status code.
    pub status: u16,
    /// The platform's sentence: `message`, or `errorDescription` of its older surfaces.
    pub message: Option<String>,
    /// What it found wrong, field by field.
    pub faults: Vec<Fault>,
    /// The code of the older surfaces' `error`; 0 is their success.
    pub code: Option<i64>,
    /// The body, up to [`RAW_BYTES`], when nothing above could be found in it; empty bodies are `None`.
    pub raw: Option<String>,
}

impl Refusal {
    /// Reads `{message, errors}`, `{error, errorDescription}`, or keeps the body as text.
    ///
    /// ```
    /// use bsg_rcs_wire::Refusal;
    ///
    /// let refusal = Refusal::read(422, br#"{"message": "Tariff was not found", "errors": []}"#);
    /// assert_eq!(refusal.to_string(), "422: Tariff was not found");
    /// ```
    pub fn read(status: u16, body: &[u8]) -> Self {
        let mut refusal = Self { status, message: None, faults: vec![], code: None, raw: None };
        // Two readers over the same bytes: a surface may mix its shapes, and neither minds the other's fields.
        if let Ok(current) = answer::object::<RefusalBody>("the refusal", body) {
            refusal.message = current.message;
            refusal.faults = current.errors.map(|faults| faults.0).unwrap_or_default();
        }
        if let Ok(older) = answer::object::<OlderBody>("the refusal", body) {
            refusal.code = older.error.as_deref().and_then(|error| error.trim().parse().ok());
            let word = older.error.filter(|_| refusal.code.is_none());
            refusal.message = refusal.message.or(older.description).or(word);
        }
        if refusal.message.is_none() && refusal.faults.is_empty() && refusal.code.is_none() {
            refusal.raw = bounded(body);
        }
        refusal
    }
}

/// The platform's words in one line, cut to a sane length. They may quote the request: what looks like a
/// phone number shows its ends only, because errors are printed and logged.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(message) = self.message.as_deref().or(self.raw.as_deref()) {
            write!(f, ": {}", shown(message, SHOWN))?;
        }
        if let Some(code) = self.code {
            write!(f, " (error {code})")?;
        }
        for fault in self.faults.iter().take(FAULTS_SHOWN) {
            match &fault.field {
                Some(field) => {
                    write!(f, "; {}: {}", shown(field, SHOWN), shown(&fault.sentence, SHOWN))?;
                }
                None => write!(f, "; {}", shown(&fault.sentence, SHOWN))?,
            }
        }
        match self.faults.len().checked_sub(FAULTS_SHOWN) {
            Some(more @ 1..) => write!(f, "; and {more} more"),
            _ => Ok(()),
        }
    }
}

/// As the words: they may quote a number.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({self})")
    }
}

/// The older surfaces' body; `error` is a code, as an integer or a string, or in the worst case a word.
#[derive(serde::Deserialize)]
struct OlderBody {
    #[serde(default, deserialize_with = "text")]
    error: Option<String>,
    #[serde(default, rename = "errorDescription", deserialize_with = "text")]
    description: Option<String>,
}

/// The beginning of a body as text, cut at a character's border.
fn bounded(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body.get(..RAW_BYTES).unwrap_or(body));
    let mut text = text.trim().to_owned();
    // Bytes that are no text are replaced by longer ones.
    while text.len() > RAW_BYTES {
        text.pop();
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_the_platforms_words_show_their_ends_only() {
        let refusal =
            Refusal::read(422, br#"{"message":"a 380661231231","errors":["380 66 123 12 31"]}"#);
        assert_eq!(refusal.to_string(), "422: a 380***31; 380***31");
        let debug = format!("{refusal:?} {:?}", refusal.faults);
        assert!(!debug.contains("66123") && !debug.contains("66 123"), "{debug}");
    }

    #[test]
    fn the_words_are_one_bounded_line() {
        let long = "x".repeat(2_000_000);
        let body =
            format!(r#"{{"message": "a\nb\u001b[2J {long}", "errors": {:?}}}"#, vec![&long; 50]);
        for refusal in [
            Refusal::read(422, body.as_bytes()),
            Refusal::read(502, format!("<html>\r\n\x1b]0;title\x07{long}").as_bytes()),
        ] {
            for words in [
                refusal.to_string(),
                format!("{refusal:?}"),
                format!("{:?}", refusal.faults.first()),
            ] {
                assert!(words.len() < 8000, "{}", words.len());
                assert!(!words.chars().any(char::is_control), "{words:?}");
            }
        }
    }
}
