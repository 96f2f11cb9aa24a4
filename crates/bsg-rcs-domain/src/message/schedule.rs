//! When a campaign starts: not in the past, and before the end of the 30th day, today counted.
//!
//! The platform names no zone, so today is what the caller hands in, in the zone that the
//! platform's times are in for that account.

use crate::fault::Fault;
use crate::rules::{self, Rule};
use crate::time::CivilDateTime;

const DAY: i64 = 86_400;
/// The days on which a campaign may start, today counted.
const DAYS: i64 = 30;

/// A start that the platform takes, as of the moment that it was checked at.
///
/// ```
/// use bsg_rcs_domain::CivilDateTime;
/// use bsg_rcs_domain::message::StartAt;
///
/// let now = CivilDateTime::parse("2026-08-01 12:00:00")?;
/// assert!(StartAt::parse("2026-08-30 23:59:59", now).is_ok());
/// let late = StartAt::parse("2026-08-31 00:00:00", now).unwrap_err();
/// assert_eq!(late.rule().id, "START-LATE");
/// # Ok::<(), bsg_rcs_domain::time::NotADateTime>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StartAt(CivilDateTime);

impl StartAt {
    /// Checks a start against the civil time of now.
    ///
    /// # Errors
    /// [`NotAStart::Past`] before `now`, [`NotAStart::Late`] beyond 23:59:59 of the 30th day,
    /// today counted.
    pub fn new(start: CivilDateTime, now: CivilDateTime) -> Result<Self, NotAStart> {
        let day = |at: CivilDateTime| at.epoch_seconds().div_euclid(DAY);
        let days = day(start).saturating_sub(day(now)).saturating_add(1);
        if start < now {
            Err(NotAStart::Past)
        } else if days > DAYS {
            Err(NotAStart::Late { days: days.unsigned_abs() })
        } else {
            Ok(Self(start))
        }
    }

    /// Judges a start by the present in UTC, and by how far the platform's clock is from UTC if
    /// that is known: seconds, east of UTC above zero.
    ///
    /// Without the offset a day is allowed on both sides, for then no zone on Earth makes a start
    /// that is refused here a good one.
    ///
    /// ```
    /// use bsg_rcs_domain::CivilDateTime;
    /// use bsg_rcs_domain::message::StartAt;
    ///
    /// let utc = CivilDateTime::parse("2026-08-01 12:00:00")?;
    /// let start = CivilDateTime::parse("2026-08-01 13:00:00")?;
    /// assert!(StartAt::judge(start, utc, None).is_ok());
    /// let past = StartAt::judge(start, utc, Some(2 * 3600)).unwrap_err();
    /// assert_eq!(past.rule().id, "START-PAST");
    /// # Ok::<(), bsg_rcs_domain::time::NotADateTime>(())
    /// ```
    ///
    /// # Errors
    /// [`NotAStart::Past`] and [`NotAStart::Late`], as those of [`StartAt::new`].
    pub fn judge(
        start: CivilDateTime,
        utc: CivilDateTime,
        platform_offset: Option<i32>,
    ) -> Result<Self, NotAStart> {
        let shifted = |seconds: i64| {
            let there = utc.epoch_seconds().saturating_add(seconds);
            // Beyond the years that can be written there is no better guess.
            CivilDateTime::from_epoch_seconds(there).unwrap_or(utc)
        };
        if let Some(offset) = platform_offset {
            return Self::new(start, shifted(offset.into()));
        }
        match Self::new(start, shifted(-DAY)) {
            Err(NotAStart::Late { .. }) => Self::new(start, shifted(DAY)),
            judged => judged,
        }
    }

    /// Reads a start and checks it.
    ///
    /// # Errors
    /// [`NotAStart::Form`] for what is no date-time, and those of [`StartAt::new`].
    pub fn parse(text: &str, now: CivilDateTime) -> Result<Self, NotAStart> {
        let start = CivilDateTime::parse(text).map_err(|_| NotAStart::Form)?;
        Self::new(start, now)
    }

    /// The moment.
    pub const fn get(self) -> CivilDateTime {
        self.0
    }
}

/// Why a campaign cannot start then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAStart {
    /// It is no date-time.
    #[error("{}", rules::START_FORM.says)]
    Form,
    /// It lies in the past.
    #[error("{}", rules::START_PAST.says)]
    Past,
    /// It lies beyond the 30th day.
    #[error("{says}; here day {days}", says = rules::START_LATE.says)]
    Late {
        /// The day, today being the first.
        days: u64,
    },
}

impl NotAStart {
    /// The rule that is broken.
    pub const fn rule(self) -> &'static Rule {
        match self {
            Self::Form => &rules::START_FORM,
            Self::Past => &rules::START_PAST,
            Self::Late { .. } => &rules::START_LATE,
        }
    }

    /// The same as a fault at `place`.
    pub fn at(self, place: &str) -> Fault {
        match self {
            Self::Late { days } => Fault::measured(&rules::START_LATE, place, days),
            other => Fault::at(other.rule(), place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_now_to_the_end_of_the_thirtieth_day() {
        for (now, start, expected) in [
            ("2026-08-01 12:00:00", "2026-08-01 12:00:00", Ok(())),
            ("2026-08-01 12:00:00", "2026-08-01 11:59:59", Err(NotAStart::Past)),
            ("2026-08-01 00:00:00", "2026-08-30 23:59:59", Ok(())),
            ("2026-08-01 23:59:59", "2026-08-30 23:59:59", Ok(())),
            ("2026-08-01 23:59:59", "2026-08-31 00:00:00", Err(NotAStart::Late { days: 31 })),
            ("1969-12-31 23:00:00", "1970-01-29 23:59:59", Ok(())),
            ("1969-12-31 23:00:00", "1970-01-30 00:00:00", Err(NotAStart::Late { days: 31 })),
            ("2026-08-01 12:00:00", "tomorrow", Err(NotAStart::Form)),
        ] {
            let read = StartAt::parse(start, CivilDateTime::parse(now).unwrap());
            assert_eq!(read.map(|_| ()), expected, "{now} {start}");
        }
        assert_eq!(NotAStart::Late { days: 31 }.at("start_at").measured, Some(31));
        assert_eq!(NotAStart::Past.at("start_at").rule.id, "START-PAST");
    }

    #[test]
    fn without_a_zone_a_day_is_allowed_on_both_sides() {
        let at = |text| CivilDateTime::parse(text).unwrap();
        let utc = at("2026-08-10 12:00:00");
        for (start, offset, expected) in [
            ("1999-01-01 00:00:00", None, Err(NotAStart::Past)),
            ("2026-08-09 11:59:59", None, Err(NotAStart::Past)),
            ("2026-08-09 12:00:00", None, Ok(())),
            ("2026-09-09 23:59:59", None, Ok(())),
            ("2026-09-10 00:00:00", None, Err(NotAStart::Late { days: 31 })),
            ("2026-08-10 14:59:59", Some(3 * 3600), Err(NotAStart::Past)),
            ("2026-08-10 15:00:00", Some(3 * 3600), Ok(())),
            ("2026-08-10 09:00:00", Some(-3 * 3600), Ok(())),
            ("2026-09-08 23:59:59", Some(0), Ok(())),
            ("2026-09-09 00:00:00", Some(0), Err(NotAStart::Late { days: 31 })),
        ] {
            let judged = StartAt::judge(at(start), utc, offset).map(|_| ());
            assert_eq!(judged, expected, "{start} {offset:?}");
        }
    }

    #[test]
    fn a_start_is_the_moment_that_was_read() {
        let now = CivilDateTime::parse("2026-08-01 12:00:00").unwrap();
        assert_eq!(StartAt::new(now, now).map(StartAt::get), Ok(now));
    }
}
