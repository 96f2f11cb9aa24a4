//! The catalogue: every rule that a check may cite, with its id, severity, bounds and source.
//!
//! Ids are stable: scripts and reports rely on them. A hard limit refuses; a limit that only the
//! platform's prose states warns.

use alloc::format;
use alloc::string::String;
use core::fmt;

/// What a broken rule does to the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The value is not sent.
    Refuse,
    /// The value is sent; the caller is told.
    Warn,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refuse => "refuses",
            Self::Warn => "warns",
        })
    }
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
    /// Nobody says; an assumption of `docs/assumptions.md`.
    Assumed,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GeneralRules => "general rules",
            Self::Spec => "OpenAPI document",
            Self::Page => "platform documentation",
            Self::Ours => "bsg-rcs",
            Self::Assumed => "assumption",
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
    /// What it is about: the field, as a fault names it (`i` and `j` count from 0).
    pub place: &'static str,
    /// What it measures, if it measures.
    pub bounds: Option<Bounds>,
    /// The rule as a sentence without its full stop.
    pub says: &'static str,
    /// Where it comes from.
    pub source: Source,
}

macro_rules! catalogue {
    ($($name:ident = $id:literal, $severity:ident, $place:literal, $bounds:expr, $source:ident, $says:literal;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $says, ".")]
            pub static $name: Rule = Rule {
                id: $id,
                severity: Severity::$severity,
                place: $place,
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
    NUM_EMPTY = "NUM-EMPTY", Refuse, "phone", None, Ours, "a phone number is missing";
    NUM_CHAR = "NUM-CHAR", Refuse, "phone", None, Ours,
        "a phone number holds digits, a leading + or 00, and spaces, dots, dashes, slashes and parentheses between them";
    NUM_LEN = "NUM-LEN", Refuse, "phone", between(9, 15, "digits"), Spec,
        "a phone number has 9 to 15 digits, country code first";
    NUM_NATIONAL = "NUM-NATIONAL", Refuse, "phone", None, Spec,
        "a phone number begins with its country code: write it in the international form, without the leading 0, or name its country (--country)";
    NUM_AMBIGUOUS = "NUM-AMBIGUOUS", Refuse, "phone", None, Ours,
        "a phone number is either one of the default country or one of another: write it with a leading +";
    NUM_PLAUSIBLE = "NUM-PLAUSIBLE", Warn, "phone", None, Ours,
        "a phone number begins as numbers of its country do and is as long as they are";
    NUM_LANDLINE = "NUM-LANDLINE", Warn, "phone", None, Ours,
        "a message reaches mobile numbers only; this one is a landline";
    RCPT_ENCODING = "RCPT-ENCODING", Refuse, "recipients", None, Ours,
        "a recipient's number and label are text in the encoding of the file: save it as UTF-8, or name its encoding with --encoding";
    RCPT_COUNTRY = "RCPT-COUNTRY", Refuse, "phone", None, Ours,
        "a recipient's number belongs to one of the countries that the list is for (--countries)";
    RCPT_LABEL = "RCPT-LABEL", Refuse, "reference column", between(0, 64, "characters"), Ours,
        "a recipient's reference (a label) has at most 64 characters";
    REF_FORM = "REF-FORM", Refuse, "reference", between(1, 32, "characters"), Spec,
        "a reference has 1 to 32 ASCII letters and digits";
    BATCH_SIZE = "BATCH-SIZE", Refuse, "recipients", between(1, 5000, "recipients"), GeneralRules,
        "one request has 1 to 5000 recipients";
    BATCH_UNIQUE = "BATCH-UNIQUE", Refuse, "recipients", None, GeneralRules,
        "the recipients of one request are unique";

    AGENT_LEN = "AGENT-LEN", Refuse, "agent", between(1, 40, "characters"), Spec,
        "an agent's name has 1 to 40 characters";
    CONTENT_NONE = "CONTENT-NONE", Refuse, "text", None, Spec,
        "a message has a text or cards: write one of them";
    CONTENT_BOTH = "CONTENT-BOTH", Refuse, "text", None, Ours,
        "a message has either a text or cards, never both: remove one";
    RCS_TEXT_LEN = "RCS-TEXT-LEN", Refuse, "text", between(1, 160, "UTF-16 code units"), Spec,
        "a text message has 1 to 160 UTF-16 code units";
    CARD_COUNT = "CARD-COUNT", Refuse, "cards", between(1, 10, "cards"), Spec,
        "a message has 1 to 10 cards";
    CARD_COUNT_PROSE = "CARD-COUNT-PROSE", Warn, "cards", between(1, 5, "cards"), Spec,
        "the platform's prose allows at most 5 cards";
    CARD_EMPTY = "CARD-EMPTY", Refuse, "cards[i]", None, Spec, "a card has a text or media";
    CARD_TITLE_LEN = "CARD-TITLE-LEN", Refuse, "cards[i].title", between(0, 200, "UTF-16 code units"), Spec,
        "a card's title has at most 200 UTF-16 code units";
    CARD_TEXT_LEN = "CARD-TEXT-LEN", Refuse, "cards[i].text", between(1, 1000, "UTF-16 code units"), Spec,
        "a card's text has 1 to 1000 UTF-16 code units";
    BUTTON_COUNT = "BUTTON-COUNT", Refuse, "cards[i].suggestions", between(0, 4, "suggestions"), Spec,
        "a card has at most 4 suggestions";
    BUTTON_COUNT_PROSE = "BUTTON-COUNT-PROSE", Warn, "cards[i].suggestions", between(0, 2, "suggestions"), Spec,
        "the platform's prose allows at most 2 suggestions on a card";
    BUTTON_TEXT_LEN = "BUTTON-TEXT-LEN", Refuse, "cards[i].suggestions[j].text", between(1, 25, "UTF-16 code units"), Spec,
        "a suggestion's text has 1 to 25 UTF-16 code units";
    BUTTON_POSTBACK_LEN = "BUTTON-POSTBACK-LEN", Refuse, "cards[i].suggestions[j].postback", between(1, 25, "UTF-16 code units"), Spec,
        "a suggestion's postback has 1 to 25 UTF-16 code units";
    BUTTON_ACTION = "BUTTON-ACTION", Refuse, "cards[i].suggestions[j]", None, Spec,
        "a suggestion has either a url or a phone, one of the two";
    TEXT_PLACEHOLDER = "TEXT-PLACEHOLDER", Warn, "every text and url", None, Ours,
        "a text is sent as it is written, the same to all recipients: this looks like a placeholder";
    URL_LEN = "URL-LEN", Refuse, "every url", between(1, 1000, "characters"), Spec,
        "a url has at most 1000 characters";
    URL_FORM = "URL-FORM", Refuse, "every url", None, Spec,
        "a url begins with http:// or https://, names a host, and holds no spaces";
    MEDIA_TYPE = "MEDIA-TYPE", Warn, "cards[i].media", None, Spec,
        "media is jpeg, jpg, gif or png, or h263, m4v, mp4, mpeg, mpeg4 or webm; this url's ending is none of them";
    MEDIA_SIZE_PICTURE = "MEDIA-SIZE-PICTURE", Refuse, "cards[i].media", between(1, 2 << 20, "bytes"), Spec,
        "a picture has at most 2 MB, of 1048576 bytes each";
    MEDIA_SIZE_VIDEO = "MEDIA-SIZE-VIDEO", Refuse, "cards[i].media", between(1, 10 << 20, "bytes"), Spec,
        "a video has at most 10 MB, of 1048576 bytes each";
    UNSUB_FORM = "UNSUB-FORM", Warn, "text, cards[i].text, cards[i].suggestions[j].url", None, Spec,
        "an unsubscribe link is written `http://nosms.cc/XXXX`; another mention of that host unsubscribes nobody";
    BUTTON_CALL_UA = "BUTTON-CALL-UA", Refuse, "cards[i].suggestions[j].phone", None, Spec,
        "in messages to Ukraine a call button calls a Ukrainian number";
    CALLBACK_URL_LEN = "CALLBACK-URL-LEN", Refuse, "callback_url", between(1, 100, "characters"), Spec,
        "a callback url has at most 100 characters";
    START_FORM = "START-FORM", Refuse, "start_at", None, GeneralRules,
        "a start is written 2024-08-22 11:47:42";
    START_PAST = "START-PAST", Refuse, "start_at", None, Assumed,
        "a start does not lie in the past (A14)";
    START_LATE = "START-LATE", Refuse, "start_at", between(1, 30, "days, today counted"), Page,
        "a start lies before the end of the 30th day, today counted";
    VALIDITY_FORM = "VALIDITY-FORM", Refuse, "validity", None, Ours,
        "a validity is a whole number with its unit: 24h, 45m or 90s";
    VALIDITY_HOURS = "VALIDITY-HOURS", Refuse, "validity", between(1, 72, "hours"), Spec,
        "a validity in hours is 1h to 72h";
    VALIDITY_SECONDS = "VALIDITY-SECONDS", Refuse, "validity", between(30, 86_400, "seconds"), Spec,
        "a validity in seconds is 30s to 86400s";

    SMS_TEXT_EMPTY = "SMS-TEXT-EMPTY", Refuse, "sms.text", None, Spec, "an SMS has a text";
    SMS_TEXT_GSM7 = "SMS-TEXT-GSM7", Refuse, "sms.text", between(1, 765, "GSM 7-bit septets"), Page,
        "an SMS in the GSM 7-bit alphabet has at most 765 septets, 5 parts of 153";
    SMS_TEXT_UCS2 = "SMS-TEXT-UCS2", Refuse, "sms.text", between(1, 335, "UTF-16 code units"), Page,
        "an SMS in UCS-2 has at most 335 UTF-16 code units, 5 parts of 67";
    SMS_PARTS = "SMS-PARTS", Refuse, "sms.text", between(1, 5, "parts"), Page,
        "an SMS has at most 5 parts; a character of two units is not split between them";
    SMS_TEXT_FORCED = "SMS-TEXT-FORCED", Warn, "sms.text", None, Ours,
        "a character outside the GSM alphabet makes parts of 70 characters instead of 160, and more parts to pay";
    SMS_SENDER = "SMS-SENDER", Refuse, "sms.sender", None, Spec,
        "an SMS sender is 1 to 11 letters, digits, symbols or spaces of ASCII, or 1 to 15 digits";
    SMS_SENDER_NARROW = "SMS-SENDER-NARROW", Warn, "sms.sender", None, Spec,
        "parts of the platform take only 3 to 11 Latin letters or digits, or 3 to 15 digits, as an SMS sender";

    LIST_NAME_LEN = "LIST-NAME-LEN", Refuse, "name", between(3, 50, "characters"), Spec,
        "a contact list's name has 3 to 50 characters";
    LIST_DESCRIPTION_LEN = "LIST-DESCRIPTION-LEN", Refuse, "description", between(1, 255, "characters"), Spec,
        "a contact list's description has 1 to 255 characters";

    AGENT_ACTIVE = "AGENT-ACTIVE", Refuse, "agent", None, GeneralRules,
        "the agent is registered for the client and active";
    AGENT_COUNTRY = "AGENT-COUNTRY", Refuse, "phone", None, GeneralRules,
        "messages to countries that do not match the agent are not sent";
    STOP_LIST = "STOP-LIST", Refuse, "phone", None, GeneralRules,
        "a number on the RCS stop list is passed over, if the check was asked for";
    RCS_CAPABLE = "RCS-CAPABLE", Refuse, "phone", None, GeneralRules,
        "the recipient's number supports RCS";
    TEST_AGENT = "TEST-AGENT", Refuse, "agent", None, GeneralRules,
        "an account in test mode sends in the name of the test agent, and only such an account does";
    TEST_CONTACT = "TEST-CONTACT", Refuse, "phone", None, GeneralRules,
        "an account in test mode sends to verified contacts only";
    FUNDS = "FUNDS", Refuse, "account", None, GeneralRules,
        "own funds and credit cover the price";
}

/// The whole catalogue as a Markdown table, a row a rule: `docs/rules.md` is made of it.
pub fn table() -> String {
    let mut table = String::from(
        "| rule | broken, it | place | what it says | limit | from |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for rule in ALL {
        let limit = rule.bounds.map_or(String::new(), |bounds| {
            format!("{} to {} {}", bounds.min, bounds.max, bounds.unit)
        });
        let Rule { id, severity, place, says, source, .. } = rule;
        table.push_str(&format!("| {id} | {severity} | {place} | {says} | {limit} | {source} |\n"));
    }
    table
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
