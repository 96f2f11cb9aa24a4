//! The one way in which spans of time are written: `72h`, `15m`, `3s`, `500ms`, `2d`.

use std::time::Duration;

use serde::Deserialize;

/// A span of time that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Span(pub(crate) Duration);

/// What is said of a text that is none.
const HOW: &str = "write a time as 72h, 15m, 3s or 500ms";

impl TryFrom<String> for Span {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = text.split_at(digits);
        let millis: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(HOW),
        };
        let count: u64 = count.parse().map_err(|_| HOW)?;
        let millis = count.checked_mul(millis).ok_or("the time is too long")?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time() {
        for (text, seconds) in [("72h", 259_200), ("3s", 3), ("15m", 900), ("1d", 86_400)] {
            assert_eq!(Span::try_from(text.to_owned()), Ok(Span(Duration::from_secs(seconds))));
        }
        for text in ["", "3", "h", "-1s", "1.5h", "99999999999999999999h", "9999999999999999d"] {
            assert!(Span::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
