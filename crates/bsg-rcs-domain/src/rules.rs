//! The catalogue: every rule that a check may cite, with its id, severity, bounds and source.
//!
//! Ids are stable: scripts and reports rely on them. A hard limit refuses; a limit that only the
//! platform's prose states warns.

use core::fmt;

/// What a broken rule does to the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The value is not sent.
    Refuse,
    /// The value is sent; the caller is told.
    Warn,
}

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The platform's general rules for the RCS API.
    GeneralRules,
    /// The platform's OpenAPI document.
    Spec,
    /// Another page of the platform's documentation.
    Page,
    /// Ours: what the platform leaves to its callers.
    Ours,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GeneralRules => "general rules",
            Self::Spec => "OpenAPI document",
            Self::Page => "platform documentation",
            Self::Ours => "bsg-rcs",
        })
    }
}

/// The least and the greatest measure that a rule allows, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The least measure allowed.
    pub min: u64,
    /// The greatest measure allowed.
    pub max: u64,
    /// What is counted.
    pub unit: &'static str,
}

impl Bounds {
    /// Whether `measured` lies within.
    pub const fn hold(&self, measured: u64) -> bool {
        self.min <= measured && measured <= self.max
    }
}

/// One rule of the catalogue.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The stable id, `RCS-TEXT-LEN`.
    pub id: &'static str,
    /// What breaking it does.
    pub severity: Severity,
    /// What it measures, if it measures.
    pub bounds: Option<Bounds>,
    /// The rule as a sentence without its full stop.
    pub says: &'static str,
    /// Where it comes from.
    pub source: Source,
}

macro_rules! catalogue {
    ($($name:ident = $id:literal, $severity:ident, $bounds:expr, $source:ident, $says:literal;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $says, ".")]
            pub static $name: Rule = Rule {
                id: $id,
                severity: Severity::$severity,
                bounds: $bounds,
                says: $says,
                source: Source::$source,
            };
        )*
        /// Every rule, in the order of the catalogue.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

const fn between(min: u64, max: u64, unit: &'static str) -> Option<Bounds> {
    Some(Bounds { min, max, unit })
}

catalogue! {
    NUM_EMPTY = "NUM-EMPTY", Refuse, None, Ours, "a phone number is missing";
    NUM_CHAR = "NUM-CHAR", Refuse, None, Ours,
        "a phone number holds digits, a leading + or 00, spaces, dots, dashes, parentheses and nothing else";
    NUM_LEN = "NUM-LEN", Refuse, between(9, 15, "digits"), Spec,
        "a phone number has 9 to 15 digits, country code first";
    NUM_NATIONAL = "NUM-NATIONAL", Refuse, None, Spec,
        "a phone number begins with its country code: write it in the international form, without the leading 0";
    RCPT_LABEL = "RCPT-LABEL", Refuse, between(0, 64, "characters"), Ours,
        "a recipient's reference (a label) has at most 64 characters";
    REF_FORM = "REF-FORM", Refuse, between(1, 32, "characters"), Spec,
        "a reference has 1 to 32 ASCII letters and digits";
    BATCH_SIZE = "BATCH-SIZE", Refuse, between(1, 5000, "recipients"), GeneralRules,
        "one request has 1 to 5000 recipients";
    BATCH_UNIQUE = "BATCH-UNIQUE", Refuse, None, GeneralRules,
        "the recipients of one request are unique";

    AGENT_LEN = "AGENT-LEN", Refuse, between(1, 40, "characters"), Spec,
        "an agent's name has 1 to 40 characters";
    CONTENT_NONE = "CONTENT-NONE", Refuse, None, Spec,
        "a message has a text or cards: write one of them";
    CONTENT_BOTH = "CONTENT-BOTH", Refuse, None, Ours,
        "a message has either a text or cards, never both: remove one";
    RCS_TEXT_LEN = "RCS-TEXT-LEN", Refuse, between(1, 160, "UTF-16 code units"), Spec,
        "a text message has 1 to 160 UTF-16 code units";
    CARD_COUNT = "CARD-COUNT", Refuse, between(1, 10, "cards"), Spec,
        "a message has 1 to 10 cards";
    CARD_COUNT_PROSE = "CARD-COUNT-PROSE", Warn, between(1, 5, "cards"), Spec,
        "the platform's prose allows at most 5 cards";
    CARD_EMPTY = "CARD-EMPTY", Refuse, None, Spec, "a card has a text or media";
    CARD_TITLE_LEN = "CARD-TITLE-LEN", Refuse, between(0, 200, "UTF-16 code units"), Spec,
        "a card's title has at most 200 UTF-16 code units";
    CARD_TEXT_LEN = "CARD-TEXT-LEN", Refuse, between(1, 1000, "UTF-16 code units"), Spec,
        "a card's text has 1 to 1000 UTF-16 code units";
    BUTTON_COUNT = "BUTTON-COUNT", Refuse, between(0, 4, "suggestions"), Spec,
        "a card has at most 4 suggestions";
    BUTTON_COUNT_PROSE = "BUTTON-COUNT-PROSE", Warn, between(0, 2, "suggestions"), Spec,
        "the platform's prose allows at most 2 suggestions on a card";
    BUTTON_TEXT_LEN = "BUTTON-TEXT-LEN", Refuse, between(1, 25, "UTF-16 code units"), Spec,
        "a suggestion's text has 1 to 25 UTF-16 code units";
    BUTTON_POSTBACK_LEN = "BUTTON-POSTBACK-LEN", Refuse, between(1, 25, "UTF-16 code units"), Spec,
        "a suggestion's postback has 1 to 25 UTF-16 code units";
    BUTTON_ACTION = "BUTTON-ACTION", Refuse, None, Spec,
        "a suggestion has either a url or a phone, one of the two";
    URL_LEN = "URL-LEN", Refuse, between(1, 1000, "characters"), Spec,
        "a url has at most 1000 characters";
    URL_FORM = "URL-FORM", Refuse, None, Spec,
        "a url begins with http:// or https://, names a host, and holds no spaces";
    MEDIA_TYPE = "MEDIA-TYPE", Warn, None, Spec,
        "media is jpeg, jpg, gif or png, or h263, m4v, mp4, mpeg, mpeg4 or webm; this url's ending is none of them";
    VALIDITY_FORM = "VALIDITY-FORM", Refuse, None, Ours,
        "a validity is a whole number with its unit: 24h, 45m or 90s";
    VALIDITY_HOURS = "VALIDITY-HOURS", Refuse, between(1, 72, "hours"), Spec,
        "a validity in hours is 1h to 72h";
    VALIDITY_SECONDS = "VALIDITY-SECONDS", Refuse, between(30, 86_400, "seconds"), Spec,
        "a validity in seconds is 30s to 86400s";

    SMS_TEXT_EMPTY = "SMS-TEXT-EMPTY", Refuse, None, Spec, "an SMS has a text";
    SMS_TEXT_GSM7 = "SMS-TEXT-GSM7", Refuse, between(1, 765, "GSM 7-bit septets"), Page,
        "an SMS in the GSM 7-bit alphabet has at most 765 septets, 5 parts of 153";
    SMS_TEXT_UCS2 = "SMS-TEXT-UCS2", Refuse, between(1, 335, "UTF-16 code units"), Page,
        "an SMS in UCS-2 has at most 335 UTF-16 code units, 5 parts of 67";
    SMS_SENDER = "SMS-SENDER", Refuse, None, Spec,
        "an SMS sender is 1 to 11 letters, digits, symbols or spaces of ASCII, or 1 to 15 digits";
    SMS_SENDER_NARROW = "SMS-SENDER-NARROW", Warn, None, Spec,
        "parts of the platform take only 3 to 11 Latin letters or digits, or 3 to 15 digits, as an SMS sender";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut ids: alloc::vec::Vec<&str> = ALL.iter().map(|rule| rule.id).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for id in ids {
            assert!(id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-'));
        }
    }
}
