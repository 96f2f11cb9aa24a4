//! The intake of recipients: each line normalised, refused with its rule, or found doubled.
//!
//! A stream: the intake remembers the numbers that it kept, never the lines' text. That takes 9 to 14
//! bytes a recipient; [`Intake::memory`] measures it.

use alloc::string::String;

use crate::country::Country;
use crate::msisdn::{Msisdn, NotANumber, Plausibility, Reading};
use crate::number_set::{self, NumberSet};
use crate::rules::{self, Rule};

/// The most characters of a label (rule `RCPT-LABEL`).
const LABEL_MAX: usize = 64;

/// A recipient that passed: a number that occurs once, in the order of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Who is written to.
    pub number: Msisdn,
    /// The caller's label of at most 64 characters; reports carry it along, the platform never
    /// sees it.
    pub label: Option<String>,
    /// The country that the number belongs to, as [`Country::of`] tells it.
    pub country: Option<Country>,
    /// What is to be doubted of the number, by its digits and by how it was written.
    pub doubt: Plausibility,
}

/// What the intake says of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A number seen for the first time.
    Kept(Recipient),
    /// A number that was kept already, or another form of one that reaches the same handset; the
    /// first occurrence wins.
    Duplicate,
    /// Not a recipient.
    Refused(Refusal),
}

/// Why a line is no recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The number cannot be read.
    #[error(transparent)]
    Number(#[from] NotANumber),
    /// The number or the label is no text.
    #[error("{}", rules::RCPT_ENCODING.says)]
    Encoding,
    /// The number belongs to a country that the list is not for.
    #[error("{}", rules::RCPT_COUNTRY.says)]
    Country,
    /// The label is longer than 64 characters.
    #[error("{says}; here {0}", says = rules::RCPT_LABEL.says)]
    Label(usize),
}

impl Refusal {
    /// The rule that is broken.
    pub const fn rule(&self) -> &'static Rule {
        match self {
            Self::Number(why) => why.rule(),
            Self::Encoding => &rules::RCPT_ENCODING,
            Self::Country => &rules::RCPT_COUNTRY,
            Self::Label(_) => &rules::RCPT_LABEL,
        }
    }
}

/// How many lines came, and what became of them: always `read = kept + duplicates + refused`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Lines that were taken in.
    pub read: u64,
    /// Numbers seen for the first time.
    pub kept: u64,
    /// Numbers seen before.
    pub duplicates: u64,
    /// Lines that are no recipient.
    pub refused: u64,
}

/// Takes recipients in, line by line.
///
/// ```
/// use bsg_rcs_domain::recipients::{Intake, Verdict};
///
/// let mut intake = Intake::default();
/// assert!(matches!(intake.take("+380 66 123 12 31", None), Verdict::Kept(_)));
/// assert_eq!(intake.take("00380661231231", None), Verdict::Duplicate);
/// assert!(matches!(intake.take("0661231231", None), Verdict::Refused(_)));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Intake {
    default: Option<Country>,
    known: NumberSet,
    counts: Counts,
}

impl Intake {
    /// How many numbers are worth to be told of at once, to [`Intake::expect`].
    pub const FORESEEN: usize = number_set::TOGETHER;

    /// An intake that reads national numbers as numbers of `default`; without it they are refused.
    pub fn with_default_country(default: Option<Country>) -> Self {
        Self { default, ..Self::default() }
    }

    /// Judges the number (and label) of the next line.
    #[must_use]
    pub fn take(&mut self, written: &str, label: Option<&str>) -> Verdict {
        self.take_reading(Reading::of(written, self.default), label)
    }

    /// Judges what reading a number came to, as [`Intake::take`] does with a line.
    #[must_use]
    pub fn take_reading(
        &mut self,
        reading: Result<Reading, NotANumber>,
        label: Option<&str>,
    ) -> Verdict {
        let verdict = match reading {
            Ok(reading) => self.judge(reading, label),
            Err(why) => Verdict::Refused(why.into()),
        };
        self.count(verdict)
    }

    /// Counts a line that its reader refuses.
    #[must_use]
    pub fn refuse(&mut self, why: Refusal) -> Verdict {
        self.count(Verdict::Refused(why))
    }

    #[inline]
    fn count(&mut self, verdict: Verdict) -> Verdict {
        self.counts.read = self.counts.read.saturating_add(1);
        let count = match verdict {
            Verdict::Kept(_) => &mut self.counts.kept,
            Verdict::Duplicate => &mut self.counts.duplicates,
            Verdict::Refused(_) => &mut self.counts.refused,
        };
        *count = count.saturating_add(1);
        verdict
    }

    /// Judges a number that was read already, as [`Intake::take`] does with a line; nothing is to
    /// be doubted of how it was written ([`Reading::is_clear`]).
    #[must_use]
    #[inline]
    pub fn take_number(&mut self, number: Msisdn, label: Option<&str>) -> Verdict {
        let verdict = self.judge(Reading::clear(number), label);
        self.count(verdict)
    }

    /// Says that these numbers come soon: the first [`Intake::FORESEEN`] of them. It changes nothing but the time
    /// that a large intake takes.
    pub fn expect(&self, numbers: impl Iterator<Item = Msisdn>) {
        self.known.expect(numbers.map(Msisdn::handset));
    }

    /// What was taken in so far.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// How many bytes the intake keeps for all recipients together.
    pub fn memory(&self) -> usize {
        self.known.memory()
    }

    #[inline]
    fn judge(&mut self, reading: Reading, label: Option<&str>) -> Verdict {
        let label = label.filter(|label| !label.is_empty());
        // Bytes are at least as many as characters.
        let long = label.filter(|label| label.len() > LABEL_MAX);
        let length = long.map_or(0, |label| label.chars().count());
        if length > LABEL_MAX {
            return Verdict::Refused(Refusal::Label(length));
        }
        let number = reading.number;
        if self.known.insert(number.handset()) {
            let (country, doubt) = reading.looked_up();
            Verdict::Kept(Recipient { number, label: label.map(String::from), country, doubt })
        } else {
            Verdict::Duplicate
        }
    }
}
