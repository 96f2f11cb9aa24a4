//! Civil date-times: what the platform writes, which names no zone, and which we never guess.

use core::fmt;

use jiff::civil::DateTime;
use jiff::fmt::StdFmtWrite;
use jiff::fmt::temporal::DateTimePrinter;

const PRINTER: DateTimePrinter = DateTimePrinter::new().separator(b' ');

/// A date and a time of day without a zone, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDateTime(DateTime);

impl CivilDateTime {
    /// Reads `2024-08-22 11:47:42`, the same with a `T`, with fractions of a second (cut off), or
    /// with an offset, `Z` or a zone's letters behind it (passed over). The years are 0 to 9999.
    ///
    /// # Errors
    /// [`NotADateTime`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NotADateTime> {
        let text = text.trim();
        let civil =
            text.strip_suffix(['Z', 'z']).unwrap_or_else(|| without_offset(text)).trim_end();
        let parsed = civil.parse::<DateTime>().map_err(|_| NotADateTime)?;
        // A date alone is no date-time, and a year before 0 cannot be written as it is read.
        if !civil.contains(':') || parsed.year() < 0 {
            return Err(NotADateTime);
        }
        let second = parsed.with().subsec_nanosecond(0).build().map_err(|_| NotADateTime)?;
        Ok(Self(second))
    }

    /// Reads a time that a person wrote: `2024-08-22 11:47:42`, the same with a `T` or without the
    /// seconds. Nothing is passed over: an offset or `Z` would be lost.
    ///
    /// ```
    /// use bsg_rcs_domain::CivilDateTime;
    /// use bsg_rcs_domain::time::NotAWrittenTime;
    ///
    /// assert!(CivilDateTime::written("2026-03-29 09:00").is_ok());
    /// let offset = CivilDateTime::written("2026-03-29T09:00:00+03:00");
    /// assert_eq!(offset, Err(NotAWrittenTime::Offset));
    /// ```
    ///
    /// # Errors
    /// [`NotAWrittenTime`] that says what to write.
    pub fn written(text: &str) -> Result<Self, NotAWrittenTime> {
        let text = text.trim();
        let bare = text.strip_suffix(['Z', 'z']).unwrap_or_else(|| without_offset(text)).trim_end();
        let read = Self::parse(bare).map_err(|_| NotAWrittenTime::Form)?;
        if bare != text {
            Err(NotAWrittenTime::Offset)
        } else if text.contains(['.', ',', '[']) {
            Err(NotAWrittenTime::Form)
        } else {
            Ok(read)
        }
    }

    /// The date-time that is `seconds` after 1970-01-01 00:00:00; `None` beyond the years 0 to 9999.
    pub fn from_epoch_seconds(seconds: i64) -> Option<Self> {
        let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        let span = jiff::Span::new().try_seconds(seconds).ok()?;
        epoch.checked_add(span).ok().filter(|at| at.year() >= 0).map(Self)
    }

    /// The seconds from 1970-01-01 00:00:00 to here, as if both stood in one zone without
    /// daylight saving; fractions are cut off.
    pub fn epoch_seconds(self) -> i64 {
        let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
        self.0.duration_since(epoch).as_secs()
    }
}

/// As the platform writes it: `2024-08-22 11:47:42`.
impl fmt::Display for CivilDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        PRINTER.print_datetime(&self.0, StdFmtWrite(f)).map_err(|_| fmt::Error)
    }
}

/// The text is no date-time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a date-time is written 2024-08-22 11:47:42")]
pub struct NotADateTime;

/// A person wrote a time that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAWrittenTime {
    /// It is no date-time.
    #[error("a time is written 2024-08-22 11:47:42")]
    Form,
    /// It names a zone, and the platform's times have none.
    #[error(
        "the platform's times have no zone: write the time in the platform's own, such as 2024-08-22 11:47:42, without Z or +03:00"
    )]
    Offset,
}

/// The text without `+03:00`, `-0300`, `UTC` or their like behind its time of day.
fn without_offset(text: &str) -> &str {
    let Some(time_starts) = text.find(':') else { return text };
    let behind = text.get(time_starts..).unwrap_or("");
    match behind.find(|c: char| c == '+' || c == '-' || c.is_ascii_alphabetic()) {
        Some(at) => text.get(..time_starts.saturating_add(at)).unwrap_or(text),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn every_form_that_the_platform_uses() {
        for text in [
            "2025-04-10 09:00:00",
            "2025-04-10T09:00:00",
            "2025-04-10T09:00:00Z",
            "2025-04-10T09:00:00.000000+00:00",
            "2025-04-10T09:00:00+0300",
            "2025-04-10T09:00:00-03",
            " 2025-04-10 09:00:00 ",
            "2025-04-10 09:00:00 +03:00",
            "2025-04-10 09:00:00.000 -0300",
            "2025-04-10 09:00:00 Z",
            "2025-04-10 09:00:00 UTC",
        ] {
            let read = CivilDateTime::parse(text);
            assert_eq!(read.unwrap().to_string(), "2025-04-10 09:00:00", "{text}");
        }
        let cut = CivilDateTime::parse("2025-04-10T09:00:00.999999");
        assert_eq!(cut, CivilDateTime::parse("2025-04-10 09:00:00"));
        for text in [
            "",
            "2025-04-10",
            "09:00:00",
            "2025-13-10 09:00:00",
            "yesterday",
            "-000001-01-01 00:00:00",
        ] {
            assert_eq!(CivilDateTime::parse(text), Err(NotADateTime), "{text}");
        }
    }

    /// P3: what the reader of answers passes over would be lost.
    #[test]
    fn a_time_that_a_person_wrote_has_no_zone() {
        for text in
            ["2026-03-29 09:00:00", "2026-03-29T09:00:00", "2026-03-29 09:00", " 2026-03-29 09:00 "]
        {
            let read = CivilDateTime::written(text).unwrap().to_string();
            assert_eq!(read, "2026-03-29 09:00:00", "{text}");
        }
        for text in [
            "2026-03-29T09:00:00+03:00",
            "2026-03-29T09:00:00Z",
            "2026-03-29 09:00z",
            "2026-03-29 09:00:00-03",
            "2026-03-29 09:00:00 +0300",
        ] {
            assert_eq!(CivilDateTime::written(text), Err(NotAWrittenTime::Offset), "{text}");
        }
        for text in [
            "",
            "tomorrow",
            "2026-03-29",
            "09:00",
            "2026-02-30 09:00:00",
            "2026-03-29 09:00:00.5",
            "2026-03-29 09:00:00[Europe/Kyiv]",
            "2026-03-29 9am",
        ] {
            assert_eq!(CivilDateTime::written(text), Err(NotAWrittenTime::Form), "{text}");
        }
    }

    #[test]
    fn epoch_seconds_go_both_ways() {
        let at = CivilDateTime::parse("2024-08-22 11:47:42").unwrap();
        assert_eq!(at.epoch_seconds(), 1_724_327_262);
        assert_eq!(CivilDateTime::from_epoch_seconds(1_724_327_262), Some(at));
        assert_eq!(CivilDateTime::from_epoch_seconds(i64::MAX), None);
        assert_eq!(CivilDateTime::from_epoch_seconds(-63_000_000_000), None);
    }
}
