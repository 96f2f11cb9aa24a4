//! Fates: the last two digits of a number decide what becomes of its messages.
//!
//! | ends in | way after `sending` |
//! | --- | --- |
//! | 91 | sent, delivered, read |
//! | 92 | sent; expires when its validity runs out |
//! | 93 | sent, undelivered |
//! | 94 | failed |
//! | 95 | not a service user |
//! | 96 | sent, unknown; its money is let go when its validity runs out |
//! | 97 | sent, then never a word; its money likewise |
//! | 98 | sent, delivered, read, first button clicked |
//! | 99 | sent, delivered, reported twice and backwards |
//! | else | sent, delivered |
//!
//! Two more come from elsewhere: a message that may not be sent at all fails, and a fallback SMS is delivered.
//!
//! A world may have rules of its own, which come before this table or stand without it: [`Fates`]. How long each step
//! takes is the world's too: [`crate::Delays`].

use bsg_rcs_domain::{MessageStatus, Msisdn};
use serde::{Deserialize, Serialize};

use crate::model::delays::Leg;

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It arrives.
    Delivered,
    /// It arrives and is opened.
    Read,
    /// It is not fetched in time.
    Expires,
    /// It cannot be delivered.
    Undelivered,
    /// It cannot be sent.
    Failed,
    /// The handset has no RCS.
    NoRcs,
    /// The platform never learns.
    Unknown,
    /// The platform never says.
    Silent,
    /// It arrives, is opened, and its first button is clicked.
    Clicks,
    /// It arrives; its reports come doubled and in the wrong order.
    Scrambled,
    /// It may not be sent: the agent's countries, a stopped number (A19), or a stopped campaign.
    Barred,
}

/// How long until a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// As long as this leg takes.
    Of(Leg),
    /// Until the message's validity runs out.
    Validity,
}

/// One step of a message's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Its status changes.
    To(MessageStatus),
    /// Its first button is clicked.
    Click,
    /// Its money is let go, without a report.
    LetGo,
}

use MessageStatus as Is;

const SENT: (Wait, Turn) = (Wait::Of(Leg::Sent), Turn::To(Is::Sent));
const ARRIVED: (Wait, Turn) = (Wait::Of(Leg::Delivered), Turn::To(Is::Delivered));
const OPENED: (Wait, Turn) = (Wait::Of(Leg::Read), Turn::To(Is::Read));

/// The fates that a rule can name, and their words.
const WORDS: [(Fate, &str); 10] = [
    (Fate::Delivered, "delivered"),
    (Fate::Read, "read"),
    (Fate::Expires, "expires"),
    (Fate::Undelivered, "undelivered"),
    (Fate::Failed, "failed"),
    (Fate::NoRcs, "no_rcs"),
    (Fate::Unknown, "unknown"),
    (Fate::Silent, "silent"),
    (Fate::Clicks, "clicks"),
    (Fate::Scrambled, "scrambled"),
];

impl Fate {
    /// The fate with this word, if a rule can name it: all but [`Fate::Barred`].
    pub fn from_word(word: &str) -> Option<Self> {
        WORDS.into_iter().find(|(_, name)| *name == word).map(|(fate, _)| fate)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(fate, _)| *fate == self).map_or("barred", |(_, word)| *word)
    }

    /// The words of all fates that a rule can name.
    pub fn words() -> impl Iterator<Item = &'static str> {
        WORDS.into_iter().map(|(_, word)| word)
    }

    /// The fate of a number by its last two digits.
    pub fn of(number: Msisdn) -> Self {
        match number.as_u64() % 100 {
            91 => Self::Read,
            92 => Self::Expires,
            93 => Self::Undelivered,
            94 => Self::Failed,
            95 => Self::NoRcs,
            96 => Self::Unknown,
            97 => Self::Silent,
            98 => Self::Clicks,
            99 => Self::Scrambled,
            _ => Self::Delivered,
        }
    }

    /// The steps after `sending` (or, if it is barred, after `accepted`).
    pub(crate) const fn way(self) -> &'static [(Wait, Turn)] {
        match self {
            Self::Delivered | Self::Scrambled => &[SENT, ARRIVED],
            Self::Read => &[SENT, ARRIVED, OPENED],
            Self::Expires => &[SENT, (Wait::Validity, Turn::To(Is::Expired))],
            Self::Undelivered => &[SENT, (Wait::Of(Leg::Undelivered), Turn::To(Is::Undelivered))],
            Self::Failed | Self::Barred => &[(Wait::Of(Leg::Failed), Turn::To(Is::Failed))],
            Self::NoRcs => &[(Wait::Of(Leg::NoRcs), Turn::To(Is::NotServiceUser))],
            Self::Unknown => &[
                SENT,
                (Wait::Of(Leg::Unknown), Turn::To(Is::Unknown)),
                (Wait::Validity, Turn::LetGo),
            ],
            Self::Silent => &[SENT, (Wait::Validity, Turn::LetGo)],
            Self::Clicks => &[SENT, ARRIVED, OPENED, (Wait::Of(Leg::Clicked), Turn::Click)],
        }
    }
}

/// Which number has which fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fates {
    /// The first rule whose pattern fits decides.
    pub rules: Vec<FateRule>,
    /// Whether the last two digits decide where no rule fits; else such a message is delivered.
    pub builtin: bool,
}

/// A rule for the numbers that its pattern fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FateRule {
    /// Which numbers.
    pub pattern: Pattern,
    /// What becomes of messages to them.
    pub fate: Fate,
}

/// No rules, and the last two digits decide.
impl Default for Fates {
    fn default() -> Self {
        Self { rules: Vec::new(), builtin: true }
    }
}

impl Fates {
    /// The fate of a number.
    pub fn of(&self, number: Msisdn) -> Fate {
        let rule = self.rules.iter().find(|rule| rule.pattern.fits(number));
        match rule {
            Some(rule) => rule.fate,
            None if self.builtin => Fate::of(number),
            None => Fate::Delivered,
        }
    }
}

/// Which numbers a rule is for: digits, `?` for any one digit, and one `*` for any digits or none.
/// `*77` are those that end in 77, `49*` those that begin with 49, `380661231231` is that one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    /// What stands before the star, or all of it.
    head: String,
    /// What stands behind the star, if there is one.
    tail: Option<String>,
}

/// Characters of a pattern at most: the digits of the longest number, and a star.
const PATTERN_MAX: usize = 16;

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`InvalidPattern`] if it is empty, longer than 16 characters, has a second star, or anything but digits, `?` and
    /// `*`.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let (head, tail) = match text.split_once('*') {
            Some((head, tail)) => (head, Some(tail)),
            None => (text, None),
        };
        let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'?');
        if text.is_empty()
            || text.len() > PATTERN_MAX
            || !is_plain(head)
            || !tail.is_none_or(is_plain)
        {
            return Err(InvalidPattern);
        }
        Ok(Self { head: head.to_owned(), tail: tail.map(str::to_owned) })
    }

    /// Whether a number is one of them.
    pub fn fits(&self, number: Msisdn) -> bool {
        let digits = number.as_u64().to_string();
        let (head, digits) = (self.head.as_bytes(), digits.as_bytes());
        let Some(tail) = self.tail.as_deref().map(str::as_bytes) else {
            return head.len() == digits.len() && agree(head, digits);
        };
        let behind = digits.len().checked_sub(tail.len()).filter(|at| *at >= head.len());
        let behind = behind.and_then(|at| digits.get(at..));
        behind.is_some_and(|behind| agree(head, digits) && agree(tail, behind))
    }
}

impl TryFrom<String> for Pattern {
    type Error = InvalidPattern;

    fn try_from(text: String) -> Result<Self, InvalidPattern> {
        Self::parse(&text)
    }
}

impl From<Pattern> for String {
    fn from(Pattern { head, tail }: Pattern) -> Self {
        tail.map_or_else(|| head.clone(), |tail| format!("{head}*{tail}"))
    }
}

/// Whether every character fits the digit at its place.
fn agree(pattern: &[u8], digits: &[u8]) -> bool {
    pattern.iter().zip(digits).all(|(wanted, digit)| *wanted == b'?' || wanted == digit)
}

/// The text is no pattern of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pattern has digits, ? for any one digit and at most one * for any digits, such as *77")]
pub struct InvalidPattern;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_a_whole_number_its_beginning_or_its_end() {
        let number = Msisdn::from_u64(380_661_231_277).unwrap();
        for (pattern, fits) in [
            ("380661231277", true),
            ("38066123127", false),
            ("3806612312777", false),
            ("*77", true),
            ("*78", false),
            ("380*", true),
            ("381*", false),
            ("380*77", true),
            ("*", true),
            ("???66???????", true),
            ("???66??????", false),
            ("*7?", true),
            ("380661231277*", true),
            ("380661231277*7", false),
        ] {
            assert_eq!(Pattern::parse(pattern).unwrap().fits(number), fits, "{pattern}");
        }
        for text in ["", "**", "+380*", "ending 77", "12345678901234567"] {
            assert_eq!(Pattern::parse(text), Err(InvalidPattern), "{text}");
        }
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_else_the_last_two_digits() {
        let number = |digits| Msisdn::from_u64(digits).unwrap();
        let rule = |pattern, fate| FateRule { pattern: Pattern::parse(pattern).unwrap(), fate };
        let mut fates = Fates::default();
        assert_eq!(fates.of(number(380_661_231_293)), Fate::Undelivered);
        fates.rules = vec![rule("*93", Fate::Read), rule("380*", Fate::Failed)];
        assert_eq!(fates.of(number(380_661_231_293)), Fate::Read);
        assert_eq!(fates.of(number(380_661_231_292)), Fate::Failed);
        assert_eq!(fates.of(number(491_701_231_292)), Fate::Expires);
        fates.builtin = false;
        assert_eq!(fates.of(number(491_701_231_292)), Fate::Delivered);
    }

    #[test]
    fn every_fate_that_a_rule_can_name_has_one_word() {
        for word in Fate::words() {
            let fate = Fate::from_word(word).unwrap();
            assert_eq!(WORDS.iter().filter(|(other, _)| *other == fate).count(), 1, "{word}");
        }
        assert_eq!(Fate::from_word("barred"), None);
    }
}
