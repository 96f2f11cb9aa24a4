//! The SMS of a message, measured: it is paid by the part.

use bsg_rcs_domain::sms::{self, Encoding};
use serde::Serialize;

/// Characters that force UCS-2 and are listed in words.
const LISTED: usize = 10;

/// An SMS, measured.
#[derive(Debug, Serialize)]
pub(crate) struct MeasuredSms {
    /// `GSM 7-bit` or `UCS-2`.
    encoding: &'static str,
    /// What each recipient costs, in parts.
    parts: usize,
    /// Septets, or UTF-16 code units.
    units: usize,
    /// What forces UCS-2.
    forcing: Vec<ForcingShown>,
}

#[derive(Debug, Serialize)]
struct ForcingShown {
    character: String,
    /// As `U+2019`.
    code: String,
    /// The number of the character in the text, from 1.
    at: usize,
    count: usize,
    /// What may be written for it; empty if it may be left out, null if there is nothing.
    replacement: Option<&'static str>,
}

impl MeasuredSms {
    /// Measures a text.
    pub(crate) fn of(text: &str) -> Self {
        let measured = sms::measure(text);
        let forcing = sms::forcing(text).into_iter().map(|forcing| ForcingShown {
            character: forcing.character.escape_debug().to_string(),
            code: format!("U+{:04X}", u32::from(forcing.character)),
            at: forcing.at,
            count: forcing.count,
            replacement: forcing.replacement,
        });
        Self {
            encoding: match measured.encoding {
                Encoding::Gsm7 => "GSM 7-bit",
                Encoding::Ucs2 => "UCS-2",
            },
            parts: measured.parts,
            units: measured.units,
            forcing: forcing.collect(),
        }
    }

    /// The same in words.
    pub(crate) fn words(&self) -> String {
        let Self { encoding, parts, units, forcing } = self;
        let unit = if forcing.is_empty() { "septets" } else { "UTF-16 code units" };
        let part = if *parts == 1 { "part" } else { "parts" };
        let mut words = format!("SMS: {parts} {part} in {encoding}, {units} {unit}");
        if !forcing.is_empty() {
            let listed = forcing.iter().take(LISTED).map(ForcingShown::words);
            words.push_str("\nUCS-2 is forced by: ");
            words.push_str(&listed.collect::<Vec<_>>().join(", "));
            if let Some(more) = forcing.len().checked_sub(LISTED).filter(|more| *more > 0) {
                words.push_str(&format!(" and {more} more"));
            }
        }
        words.lines().map(super::indented_more).collect::<Vec<_>>().join("\n")
    }
}

impl ForcingShown {
    fn words(&self) -> String {
        let Self { character, code, at, .. } = self;
        let shown = if character.starts_with("\\u") { code } else { character };
        format!("{shown} at {at}")
    }
}
