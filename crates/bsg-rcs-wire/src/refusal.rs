//! Refusals: what a platform says when it does not do what it was asked for.

use core::fmt;

use crate::generated::RefusalBody;
use crate::lenient::text;
use crate::{Fault, answer};

/// The most bytes of an unreadable body that are kept.
pub const RAW_BYTES: usize = 4096;

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

/// The platform's words in one line. They may quote the request: what looks like a phone number shows
/// its ends only, because errors are printed and logged.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(message) = self.message.as_deref().or(self.raw.as_deref()) {
            write!(f, ": {}", masked(message))?;
        }
        if let Some(code) = self.code {
            write!(f, " (error {code})")?;
        }
        for fault in &self.faults {
            match &fault.field {
                Some(field) => write!(f, "; {}: {}", masked(field), masked(&fault.sentence))?,
                None => write!(f, "; {}", masked(&fault.sentence))?,
            }
        }
        Ok(())
    }
}

/// As the words: they may quote a number.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({self})")
    }
}

/// Digits that stand together in a phone number.
const NUMBER_DIGITS: core::ops::RangeInclusive<usize> = 9..=15;

/// A text in which every number of as many digits as a phone number has shows its ends only.
///
/// ```
/// assert_eq!(bsg_rcs_wire::masked("+380661231231 is stopped"), "+380***31 is stopped");
/// ```
pub fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (number, behind) = digits.split_at(end);
        masked.push_str(before);
        match (number.get(..3), number.get(end.saturating_sub(2)..)) {
            (Some(head), Some(tail)) if NUMBER_DIGITS.contains(&end) => {
                masked.push_str(&format!("{head}***{tail}"));
            }
            _ => masked.push_str(number),
        }
        rest = behind;
    }
    masked.push_str(rest);
    masked
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
        for (text, expected) in [
            ("380661231231 is stopped", "380***31 is stopped"),
            ("+380661231231, 491701234567", "+380***31, 491***67"),
            ("12345678 and 1234567890123456", "12345678 and 1234567890123456"),
            ("phones.17.number", "phones.17.number"),
            ("", ""),
        ] {
            assert_eq!(masked(text), expected);
        }
        let refusal =
            Refusal::read(422, br#"{"message":"a 380661231231","errors":["380661231231"]}"#);
        assert_eq!(refusal.to_string(), "422: a 380***31; 380***31");
        assert!(!format!("{refusal:?} {:?}", refusal.faults).contains("380661231231"));
    }
}
