//! SMS parts: how an alternative-channel text is cut, for it is paid by the part.
//!
//! In the GSM 7-bit alphabet one part holds 160 septets and each of several 153; in UCS-2 it is 70
//! and 67 UTF-16 units. A character of the extension table takes two septets, which no part
//! splits; likewise a surrogate pair.

mod forcing;

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

pub use forcing::{Forcing, forcing, is_needlessly_long};

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Seven bits a character, ten-odd characters with an escape.
    Gsm7,
    /// UTF-16, because a character is not in the GSM alphabet.
    Ucs2,
}

impl Encoding {
    /// Units that a text of one part holds.
    pub const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units that each of several parts holds.
    pub const fn concatenated(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// What a character takes, in units.
    fn weight(self, character: char) -> usize {
        match self {
            Self::Gsm7 if EXTENSION.contains(character) => 2,
            Self::Gsm7 => 1,
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// The basic table of 3GPP TS 23.038, without the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension table: two septets each.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// A text measured as an SMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// How it is written.
    pub encoding: Encoding,
    /// Its length in septets or UTF-16 units.
    pub units: usize,
    /// How many parts it takes; 0 for an empty text.
    pub parts: usize,
    /// The characters that force UCS-2.
    pub outside_gsm7: BTreeSet<char>,
}

/// Whether a character is in the GSM alphabet or its extension.
fn is_gsm7(character: char) -> bool {
    BASIC.contains(character) || EXTENSION.contains(character)
}

/// Measures a text.
pub fn measure(text: &str) -> Measured {
    Measured { parts: split(text).len(), ..measure_units(text) }
}

/// Everything but the parts.
fn measure_units(text: &str) -> Measured {
    let outside_gsm7: BTreeSet<char> = text.chars().filter(|&c| !is_gsm7(c)).collect();
    let encoding = if outside_gsm7.is_empty() { Encoding::Gsm7 } else { Encoding::Ucs2 };
    let units = text.chars().fold(0, |sum: usize, c| sum.saturating_add(encoding.weight(c)));
    Measured { encoding, units, parts: 0, outside_gsm7 }
}

/// Cuts a text into the parts that it is sent in; an empty text has none. Joined, they are the
/// text; none of them splits an escape or a surrogate pair.
///
/// ```
/// use bsg_rcs_domain::sms;
///
/// let text = "a".repeat(152) + "€" + &"b".repeat(20);
/// // The euro sign takes two septets, and the first part has room for one.
/// assert_eq!(sms::split(&text).iter().map(|part| part.len()).collect::<Vec<_>>(), [152, 23]);
/// ```
pub fn split(text: &str) -> Vec<&str> {
    let Measured { encoding, units, .. } = measure_units(text);
    if units <= encoding.single() {
        return if text.is_empty() { Vec::new() } else { Vec::from([text]) };
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (part, behind) = rest.split_at_checked(room(rest, encoding)).unwrap_or((rest, ""));
        parts.push(part);
        rest = behind;
    }
    parts
}

/// How many bytes of a text, whole characters, fit into one of several parts.
fn room(text: &str, encoding: Encoding) -> usize {
    let mut filled: usize = 0;
    let overflowing = text.char_indices().find(|(_, character)| {
        filled = filled.saturating_add(encoding.weight(*character));
        filled > encoding.concatenated()
    });
    overflowing.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn parts_by_length_and_alphabet() {
        for (character, count, encoding, parts) in [
            ('a', 0, Encoding::Gsm7, 0),
            ('a', 160, Encoding::Gsm7, 1),
            ('a', 161, Encoding::Gsm7, 2),
            ('a', 306, Encoding::Gsm7, 2),
            ('a', 307, Encoding::Gsm7, 3),
            ('€', 80, Encoding::Gsm7, 1),
            // 76 escapes fill a part but one septet, which none of them may use alone.
            ('€', 152, Encoding::Gsm7, 2),
            ('€', 153, Encoding::Gsm7, 3),
            ('ж', 70, Encoding::Ucs2, 1),
            ('ж', 71, Encoding::Ucs2, 2),
            ('😀', 35, Encoding::Ucs2, 1),
            ('😀', 66, Encoding::Ucs2, 2),
            ('😀', 67, Encoding::Ucs2, 3),
        ] {
            let text: String = core::iter::repeat_n(character, count).collect();
            let measured = measure(&text);
            assert_eq!(
                (measured.encoding, measured.parts),
                (encoding, parts),
                "{character} x {count}"
            );
        }
    }

    #[test]
    fn the_characters_that_force_ucs2_are_named() {
        let measured = measure("Grüße — жёлтый");
        assert!(measured.outside_gsm7.contains(&'—') && measured.outside_gsm7.contains(&'ж'));
        assert!(!measured.outside_gsm7.contains(&'ü') && !measured.outside_gsm7.contains(&'ß'));
    }

    #[test]
    fn the_alphabet_has_its_127_characters_and_ten_more() {
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENSION.chars().count(), 10);
    }
}
