//! How searches compare: `like`, `=`, `>=`, `>`, `<`, `<=` over numbers, times and texts.
//!
//! This is our reading; it is not documented. `like` finds a part, in any case. A time is compared as precisely as
//! the value is written, so that `<= 2026-01-05` holds the whole day. A value that is no number matches no number.

use crate::model::time::VirtualTime;

/// How a field is compared with the value that is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// A part of it.
    Like,
    /// All of it.
    Equal,
    /// The same or more.
    AtLeast,
    /// More.
    More,
    /// Less.
    Less,
    /// The same or less.
    AtMost,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// An id or a phone number.
    Number(u64),
    /// A moment.
    Time(VirtualTime),
    /// A text.
    Text(&'a str),
}

impl Operator {
    /// The operator that a request writes so.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "like" => Self::Like,
            "=" => Self::Equal,
            ">=" => Self::AtLeast,
            ">" => Self::More,
            "<" => Self::Less,
            "<=" => Self::AtMost,
            _ => return None,
        })
    }

    /// As a request writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Like => "like",
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::More => ">",
            Self::Less => "<",
            Self::AtMost => "<=",
        }
    }

    /// Whether a field that holds this is found by this value.
    pub fn finds(self, held: FieldValue<'_>, value: &str) -> bool {
        match held {
            FieldValue::Number(number) if self == Self::Like => {
                self.text(&number.to_string(), value)
            }
            FieldValue::Number(number) => {
                value.parse::<u64>().is_ok_and(|value| self.agrees(number.cmp(&value)))
            }
            FieldValue::Time(at) => {
                let written = at.to_string();
                let value = value.replace('T', " ");
                let length = value.len().min(written.len());
                let as_precise = written.get(..length).unwrap_or(&written);
                self.text(if self == Self::Like { &written } else { as_precise }, &value)
            }
            FieldValue::Text(text) => self.text(text, value),
        }
    }

    fn text(self, held: &str, value: &str) -> bool {
        match self {
            Self::Like => held.to_lowercase().contains(&value.to_lowercase()),
            _ => self.agrees(held.cmp(value)),
        }
    }

    fn agrees(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Like | Self::Equal => order.is_eq(),
            Self::AtLeast => order.is_ge(),
            Self::More => order.is_gt(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
        }
    }
}
