//! Texts: civil dates, secrets, and strings that may come as something else.

use core::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A civil date-time as it came: usually `yyyy-mm-dd hh:mm:ss` without a zone, at times with a `T`, a fraction
/// or an offset. Which zone it means nobody says, so it stays text until the mapping reads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CivilText(pub String);

impl CivilText {
    /// The text, as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for CivilText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for CivilText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any_text(deserializer).map(Self)
    }
}

impl Serialize for CivilText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A token or an API key: written to the wire, never to a log. Its `Debug` prints `***`.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself; what takes it must not print it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The text of any JSON value: a string's content, or the JSON of whatever else came.
pub(super) fn plain_text(raw: Box<RawValue>) -> String {
    let mut text = Box::<str>::from(raw).into_string();
    if !text.starts_with('"') {
        return text;
    }
    if text.contains('\\') {
        return serde_json::from_str(&text).unwrap_or(text);
    }
    // Without an escape, what stands between the quotes is the content.
    text.pop();
    text.remove(0);
    text
}

/// Reads any JSON value as text: a string as its content, all else as the JSON it came as.
///
/// # Errors
///
/// Those of the deserializer: only what is not JSON at all.
pub fn any_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(plain_text)
}

/// [`any_text`] for a field that may be missing or null.
///
/// # Errors
///
/// Those of the deserializer: only what is not JSON at all.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Option::<Box<RawValue>>::deserialize(deserializer)?;
    Ok(raw.map(plain_text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_stay_as_they_came() {
        for text in [
            "2024-08-22 11:47:42",
            "2025-04-10T09:00:00",
            "2025-04-10T09:00:00.123456+00:00",
            "0000-00-00 00:00:00",
            "",
        ] {
            let json = format!("\"{text}\"");
            let date: CivilText = serde_json::from_str(&json).unwrap();
            assert_eq!(date.as_str(), text);
            assert_eq!(serde_json::to_string(&date).unwrap(), json);
        }
    }

    #[test]
    fn secrets_are_written_and_not_printed() {
        let key = Secret::new("live_abc");
        assert_eq!(format!("{key:?}"), "***");
        assert_eq!(serde_json::to_string(&key).unwrap(), r#""live_abc""#);
        assert_eq!(key.expose(), "live_abc");
    }

    #[test]
    fn other_shapes_become_their_json() {
        for (json, expected) in [
            (r#""RCS""#, Some("RCS")),
            ("12", Some("12")),
            ("false", Some("false")),
            ("[1]", Some("[1]")),
            ("null", None),
        ] {
            let mut deserializer = serde_json::Deserializer::from_str(json);
            assert_eq!(text(&mut deserializer).unwrap().as_deref(), expected, "{json}");
        }
    }
}
