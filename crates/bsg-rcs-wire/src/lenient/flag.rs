//! Yes and no, in every way that they are written.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::text::plain_text;

/// A yes or no: `true`, `1`, `"1"`, `"true"`, `"yes"`, `"on"` in any case, and their opposites.
///
/// What is neither is kept as such: which of the two is the safe one to take it for, only the reader of
/// a field knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Something that is neither.
    Unreadable,
}

impl Flag {
    /// Yes or no, if it says one of them.
    pub const fn get(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::Unreadable => None,
        }
    }
}

impl From<bool> for Flag {
    fn from(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = plain_text(Box::<RawValue>::deserialize(deserializer)?);
        let is_one_of =
            |words: &[&str]| words.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
        Ok(if is_one_of(&["true", "1", "yes", "on", "y"]) {
            Self::Yes
        } else if is_one_of(&["false", "0", "no", "off", "n"]) {
            Self::No
        } else {
            Self::Unreadable
        })
    }
}

/// An unreadable flag goes out as null.
impl Serialize for Flag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_yes_and_no() {
        for (json, expected) in [
            ("true", Some(true)),
            ("1", Some(true)),
            (r#""1""#, Some(true)),
            (r#"" TRUE ""#, Some(true)),
            (r#""yes""#, Some(true)),
            ("false", Some(false)),
            ("0", Some(false)),
            (r#""False""#, Some(false)),
            ("2", None),
            ("1.0", None),
            (r#""""#, None),
            (r#""maybe""#, None),
            ("[]", None),
            (r#"{"is": true}"#, None),
        ] {
            assert_eq!(serde_json::from_str::<Flag>(json).unwrap().get(), expected, "{json}");
        }
    }
}
