//! How long a message may wait for its handset.

use core::fmt;
use core::time::Duration;

use crate::fault::Fault;
use crate::rules::{self, Rule};

/// A validity: 1 to 72 hours, or 30 to 86400 seconds. The platform has two fields for it; a
/// message uses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Validity(Span);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Span {
    Hours(u8),
    Seconds(u32),
}

impl Validity {
    /// What the platform takes when nothing is said: 72 hours.
    pub const DEFAULT: Self = Self(Span::Hours(72));

    /// Reads `24h`, `45m` or `90s`; minutes are sent as seconds.
    ///
    /// # Errors
    /// [`NotAValidity`] with the rule that is broken.
    pub fn parse(text: &str) -> Result<Self, NotAValidity> {
        let text = text.trim();
        let unit_at = text.len().saturating_sub(1);
        let (count, unit) = text.split_at_checked(unit_at).ok_or(NotAValidity::Form)?;
        if count.is_empty() || !count.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAValidity::Form);
        }
        // Digits alone fail only by being too many.
        let count = count.parse::<u64>().unwrap_or(u64::MAX);
        match unit {
            "h" => Self::hours(count),
            "m" => Self::seconds(count.saturating_mul(60)),
            "s" => Self::seconds(count),
            _ => Err(NotAValidity::Form),
        }
    }

    /// So many hours, 1 to 72.
    ///
    /// # Errors
    /// `VALIDITY-HOURS` for any other number.
    pub fn hours(count: u64) -> Result<Self, NotAValidity> {
        match u8::try_from(count) {
            Ok(hours @ 1..=72) => Ok(Self(Span::Hours(hours))),
            _ => Err(NotAValidity::Bounds(&rules::VALIDITY_HOURS, count)),
        }
    }

    /// So many seconds, 30 to 86400.
    ///
    /// # Errors
    /// `VALIDITY-SECONDS` for any other number.
    pub fn seconds(count: u64) -> Result<Self, NotAValidity> {
        match u32::try_from(count) {
            Ok(seconds @ 30..=86_400) => Ok(Self(Span::Seconds(seconds))),
            _ => Err(NotAValidity::Bounds(&rules::VALIDITY_SECONDS, count)),
        }
    }

    /// The hours, if it was given in hours: 1 to 72.
    pub const fn as_hours(self) -> Option<u8> {
        match self.0 {
            Span::Hours(hours) => Some(hours),
            Span::Seconds(_) => None,
        }
    }

    /// The seconds, if it was given in seconds or minutes: 30 to 86400.
    pub const fn as_seconds(self) -> Option<u32> {
        match self.0 {
            Span::Hours(_) => None,
            Span::Seconds(seconds) => Some(seconds),
        }
    }

    /// The validity as a span of time.
    pub fn duration(self) -> Duration {
        match self.0 {
            Span::Hours(hours) => Duration::from_secs(u64::from(hours).saturating_mul(3600)),
            Span::Seconds(seconds) => Duration::from_secs(seconds.into()),
        }
    }
}

/// As a message file has it: `24h`, `90s`.
impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Span::Hours(hours) => write!(f, "{hours}h"),
            Span::Seconds(seconds) => write!(f, "{seconds}s"),
        }
    }
}

/// Why a text is no validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAValidity {
    /// Not a whole number with its unit.
    #[error("{}", rules::VALIDITY_FORM.says)]
    Form,
    /// Beyond the bounds of this rule; the measure is in its unit.
    #[error("{rule}; here {1}", rule = .0.says)]
    Bounds(&'static Rule, u64),
}

impl NotAValidity {
    pub(crate) fn at(self, place: &str) -> Fault {
        match self {
            Self::Form => Fault::at(&rules::VALIDITY_FORM, place),
            Self::Bounds(rule, measured) => Fault::measured(rule, place, measured),
        }
    }
}
