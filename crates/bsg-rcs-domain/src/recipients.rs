//! The intake of recipients: each line normalised, refused with its rule, or found doubled.
//!
//! A stream: the intake remembers the numbers that it kept and their lines, never the lines' text.
//! That takes 20 to 39 bytes a recipient (a table of 17-byte entries, half to seven eighths full),
//! and for a moment half as much again while the table grows; [`Intake::memory`] measures it.

use alloc::string::String;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use crate::country::Country;
use crate::msisdn::{Msisdn, NotANumber};
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
}

/// What the intake says of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A number seen for the first time.
    Kept(Recipient),
    /// A number that was kept already; the first occurrence wins.
    Duplicate {
        /// The line that it was kept from, counted from 1.
        first_line: u64,
    },
    /// Not a recipient.
    Refused(Refusal),
}

/// Why a line is no recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The number cannot be read.
    #[error(transparent)]
    Number(#[from] NotANumber),
    /// The label is longer than 64 characters.
    #[error("{says}; here {0}", says = rules::RCPT_LABEL.says)]
    Label(usize),
}

impl Refusal {
    /// The rule that is broken.
    pub const fn rule(&self) -> &'static Rule {
        match self {
            Self::Number(why) => why.rule(),
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
/// assert!(matches!(intake.take(1, "+380 66 123 12 31", None), Verdict::Kept(_)));
/// assert_eq!(intake.take(2, "00380661231231", None), Verdict::Duplicate { first_line: 1 });
/// assert!(matches!(intake.take(3, "0661231231", None), Verdict::Refused(_)));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Intake {
    default: Option<Country>,
    first_lines: HashMap<Msisdn, u64>,
    counts: Counts,
}

impl Intake {
    /// An intake that reads national numbers (with a single 0 in front) as numbers of `default`;
    /// without it they are refused.
    pub fn with_default_country(default: Option<Country>) -> Self {
        Self { default, ..Self::default() }
    }

    /// Judges the number (and label) written on `line`.
    #[must_use]
    pub fn take(&mut self, line: u64, written: &str, label: Option<&str>) -> Verdict {
        self.counts.read = self.counts.read.saturating_add(1);
        let verdict = self.judge(line, written, label);
        let count = match verdict {
            Verdict::Kept(_) => &mut self.counts.kept,
            Verdict::Duplicate { .. } => &mut self.counts.duplicates,
            Verdict::Refused(_) => &mut self.counts.refused,
        };
        *count = count.saturating_add(1);
        verdict
    }

    /// What was taken in so far.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// How many bytes the intake keeps for all recipients together.
    pub fn memory(&self) -> usize {
        self.first_lines.allocation_size()
    }

    fn judge(&mut self, line: u64, written: &str, label: Option<&str>) -> Verdict {
        let number = match Msisdn::normalise_in(written, self.default) {
            Ok(number) => number,
            Err(why) => return Verdict::Refused(why.into()),
        };
        let label = label.filter(|label| !label.is_empty());
        let length = label.map_or(0, |label| label.chars().count());
        if length > LABEL_MAX {
            return Verdict::Refused(Refusal::Label(length));
        }
        match self.first_lines.entry(number) {
            Entry::Occupied(first) => Verdict::Duplicate { first_line: *first.get() },
            Entry::Vacant(room) => {
                room.insert(line);
                Verdict::Kept(Recipient { number, label: label.map(String::from) })
            }
        }
    }
}
