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
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(message) = self.message.as_deref().or(self.raw.as_deref()) {
            write!(f, ": {message}")?;
        }
        if let Some(code) = self.code {
            write!(f, " (error {code})")?;
        }
        for fault in &self.faults {
            match &fault.field {
                Some(field) => write!(f, "; {field}: {}", fault.sentence)?,
                None => write!(f, "; {}", fault.sentence)?,
            }
        }
        Ok(())
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
