//! Virtual time: what the engine lives by. It is handed in and never read from a clock.

use std::time::Duration;

use bsg_rcs_domain::CivilDateTime;

/// A moment of virtual time, in milliseconds since 1970-01-01 00:00:00 of the platform's own, nameless zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VirtualTime(i64);

/// 9999-12-31 23:59:59, after which there are no civil date-times.
const LAST: i64 = 253_402_300_799_000;
/// One day.
const DAY: i64 = 86_400_000;

impl VirtualTime {
    /// The moment with this count of milliseconds, kept between the years 1970 and 9999.
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(0, LAST))
    }

    /// The moment that a civil date-time names.
    pub fn from_civil(civil: CivilDateTime) -> Self {
        Self::from_millis(civil.epoch_seconds().saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The moment that is `by` later, or the last one.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        let millis = i64::try_from(by.as_millis()).unwrap_or(LAST);
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// The moment that is `by` later, unless there is none.
    pub fn checked_plus(self, by: Duration) -> Option<Self> {
        let millis = i64::try_from(by.as_millis()).ok()?;
        self.0.checked_add(millis).filter(|millis| *millis <= LAST).map(Self)
    }

    /// The moment that is `by` earlier, or the first one.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        let millis = i64::try_from(by.as_millis()).unwrap_or(LAST);
        Self::from_millis(self.0.saturating_sub(millis))
    }

    /// How long after `earlier` this is; nothing if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The first moment of the day `days` later.
    #[must_use]
    pub fn midnight_after(self, days: i64) -> Self {
        let today = self.0.div_euclid(DAY);
        Self::from_millis(today.saturating_add(days).saturating_mul(DAY))
    }

    /// The civil date-time, to the second.
    pub fn civil(self) -> Option<CivilDateTime> {
        CivilDateTime::from_epoch_seconds(self.0.div_euclid(1000))
    }
}

/// As the platform writes it: `2024-08-22 11:47:42`.
impl std::fmt::Display for VirtualTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.civil() {
            Some(civil) => civil.fmt(f),
            None => Ok(()),
        }
    }
}
