//! What makes an SMS dearer than its text needs: characters outside the GSM alphabet, and what may
//! be written for them.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Encoding, is_gsm7, measure};

/// A character that forces UCS-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forcing {
    /// The character.
    pub character: char,
    /// Where it stands first: the number of the character in the text, from 1.
    pub at: usize,
    /// How often it stands there.
    pub count: usize,
    /// What may be written for it in the GSM alphabet, if anything; empty if it may be left out.
    pub replacement: Option<&'static str>,
}

/// The characters of a text that force UCS-2, by where they stand first; none if the text is in the
/// GSM alphabet.
///
/// ```
/// use bsg_rcs_domain::sms;
///
/// let forcing = sms::forcing("It\u{2019}s here");
/// assert_eq!((forcing[0].at, forcing[0].replacement), (3, Some("'")));
/// ```
pub fn forcing(text: &str) -> Vec<Forcing> {
    let mut found: Vec<Forcing> = Vec::new();
    let outside = text.chars().enumerate().filter(|(_, character)| !is_gsm7(*character));
    for (before, character) in outside {
        match found.iter_mut().find(|forcing| forcing.character == character) {
            Some(forcing) => forcing.count = forcing.count.saturating_add(1),
            None => found.push(Forcing {
                character,
                at: before.saturating_add(1),
                count: 1,
                replacement: replacement(character),
            }),
        }
    }
    found
}

/// Whether a text takes more parts than it needs: few of its characters force UCS-2, or all can be
/// replaced, and without them it takes fewer.
pub fn is_needlessly_long(text: &str) -> bool {
    let measured = measure(text);
    if measured.encoding == Encoding::Gsm7 {
        return false;
    }
    let forcing = forcing(text);
    let can_all = forcing.iter().all(|forcing| forcing.replacement.is_some());
    let count: usize = forcing.iter().map(|forcing| forcing.count).sum();
    // One in ten: a text of another script is not meant to be without it.
    let are_few = count.saturating_mul(10) <= text.chars().count();
    (can_all || are_few) && measure(&replaced(text)).parts < measured.parts
}

/// The text with what can be replaced replaced, and without what cannot.
fn replaced(text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    for character in text.chars() {
        if is_gsm7(character) {
            replaced.push(character);
        } else {
            replaced.push_str(replacement(character).unwrap_or_default());
        }
    }
    replaced
}

/// What is written for a character in the GSM alphabet.
fn replacement(character: char) -> Option<&'static str> {
    /// Letters, and the one that stands for each of them.
    const LETTERS: [(&str, &str); 40] = [
        ("áâãāăą", "a"),
        ("ÁÀÂÃĀĂĄ", "A"),
        ("ćĉċčç", "c"),
        ("ĆĈĊČ", "C"),
        ("ďđ", "d"),
        ("ĎĐ", "D"),
        ("êëēĕėęě", "e"),
        ("ÈÊËĒĔĖĘĚ", "E"),
        ("ĝğġģ", "g"),
        ("ĜĞĠĢ", "G"),
        ("íîïĩīĭįı", "i"),
        ("ÌÍÎÏĨĪĬĮİ", "I"),
        ("ĵ", "j"),
        ("ķ", "k"),
        ("Ķ", "K"),
        ("ĺļľł", "l"),
        ("ĹĻĽŁ", "L"),
        ("ńņňŉ", "n"),
        ("ŃŅŇ", "N"),
        ("óôõōŏő", "o"),
        ("ÒÓÔÕŌŎŐ", "O"),
        ("ŕŗř", "r"),
        ("ŔŖŘ", "R"),
        ("śŝşšș", "s"),
        ("ŚŜŞŠȘ", "S"),
        ("ţťŧț", "t"),
        ("ŢŤŦȚ", "T"),
        ("úûũūŭůűų", "u"),
        ("ÙÚÛŨŪŬŮŰŲ", "U"),
        ("ŵ", "w"),
        ("Ŵ", "W"),
        ("ýÿŷ", "y"),
        ("ÝŶŸ", "Y"),
        ("źżž", "z"),
        ("ŹŻŽ", "Z"),
        ("œ", "oe"),
        ("Œ", "OE"),
        ("ẞ", "SS"),
        ("þ", "th"),
        ("Þ", "Th"),
    ];
    match character {
        '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some(" ")
        }
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => {
            Some("")
        }
        '\u{2018}'..='\u{201b}'
        | '\u{2032}'
        | '\u{2039}'
        | '\u{203a}'
        | '`'
        | '\u{b4}'
        | '\u{2bc}' => Some("'"),
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => Some("\""),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2022}' | '\u{b7}' => Some("-"),
        '\u{2026}' => Some("..."),
        '\u{d7}' => Some("x"),
        '\u{a9}' => Some("(c)"),
        '\u{ae}' => Some("(R)"),
        '\u{2122}' => Some("TM"),
        '\u{2028}' | '\u{2029}' | '\u{85}' => Some("\n"),
        _ => LETTERS.iter().find(|(letters, _)| letters.contains(character)).map(|(_, one)| *one),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn what_forces_ucs2_is_named_with_its_place_and_what_to_write() {
        let found = forcing("a\u{a0}b\u{2019}c\u{a0}\u{200c}😀");
        let found: Vec<_> =
            found.iter().map(|f| (f.character, f.at, f.count, f.replacement)).collect();
        assert_eq!(
            found,
            [
                ('\u{a0}', 2, 2, Some(" ")),
                ('\u{2019}', 4, 1, Some("'")),
                ('\u{200c}', 7, 1, Some("")),
                ('😀', 8, 1, None)
            ]
        );
        assert!(forcing("Plain text, 5 €\n").is_empty());
    }

    #[test]
    fn every_replacement_is_in_the_gsm_alphabet() {
        for character in '\0'..='\u{ffff}' {
            if let Some(replacement) = replacement(character) {
                assert!(replacement.chars().all(is_gsm7), "{character:?}");
            }
        }
    }

    /// P6: one character makes three parts of one.
    #[test]
    fn a_text_that_is_longer_than_it_need_be_is_told() {
        let plain = "a".repeat(149);
        for odd in ["\u{a0}", "\u{200c}", "\u{2019}", "\t", "ć", "😀"] {
            let text = plain.to_string() + odd;
            assert_eq!((measure(&plain).parts, measure(&text).parts), (1, 3), "{odd:?}");
            assert!(is_needlessly_long(&text), "{odd:?}");
        }
        // No part is saved; no other script is possible; nothing is odd.
        assert!(!is_needlessly_long("It\u{2019}s here"));
        assert!(!is_needlessly_long(&"Ваш заказ готов ".repeat(10)));
        assert!(!is_needlessly_long(&"Order ".repeat(50)));
    }
}
