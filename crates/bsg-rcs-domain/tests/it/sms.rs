//! SMS parts: joined they are the text, each within bounds, nothing split; and the alphabet of
//! 3GPP TS 23.038, table by table.

use bsg_rcs_domain::sms::{Encoding, measure, split};
use proptest::prelude::*;

/// The default alphabet of 3GPP TS 23.038 (6.2.1), septet by septet from 0x00; the escape at 0x1b
/// stands for nothing by itself.
const DEFAULT: [[char; 16]; 8] = [
    ['@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å'],
    ['Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É'],
    [' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/'],
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?'],
    ['¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O'],
    ['P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§'],
    ['¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o'],
    ['p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à'],
];

/// Its extension table (6.2.1.1): form feed, and nine more.
const EXTENSION: [char; 10] = ['\u{c}', '^', '{', '}', '\\', '[', '~', ']', '|', '€'];

#[test]
fn every_character_of_the_default_alphabet_takes_one_septet() {
    for character in DEFAULT.into_iter().flatten().filter(|c| *c != '\u{1b}') {
        let measured = measure(&character.to_string());
        assert_eq!((measured.encoding, measured.units), (Encoding::Gsm7, 1), "{character:?}");
    }
}

#[test]
fn every_character_of_the_extension_takes_two() {
    for character in EXTENSION {
        let measured = measure(&character.to_string());
        assert_eq!((measured.encoding, measured.units), (Encoding::Gsm7, 2), "{character:?}");
    }
}

#[test]
fn every_other_character_forces_ucs2() {
    let known: Vec<char> = DEFAULT.into_iter().flatten().chain(EXTENSION).collect();
    let others = ('\0'..='\u{2fff}').filter(|c| *c == '\u{1b}' || !known.contains(c));
    for character in others {
        let measured = measure(&character.to_string());
        assert_eq!(measured.encoding, Encoding::Ucs2, "{character:?}");
        assert!(measured.outside_gsm7.iter().eq([&character]));
    }
}

#[test]
fn a_part_ends_before_what_does_not_fit() {
    for (text, lengths) in [
        ("a".repeat(160), vec![160]),
        ("a".repeat(161), vec![153, 8]),
        ("a".repeat(152) + "€" + &"a".repeat(7), vec![152, 8]),
        ("ж".repeat(66) + "😀" + &"ж".repeat(3), vec![66, 4]),
        (String::new(), vec![]),
    ] {
        let cut: Vec<usize> = split(&text).iter().map(|part| part.chars().count()).collect();
        assert_eq!(cut, lengths, "{text}");
    }
}

/// Texts that are long enough to be cut, of characters of every weight.
fn text() -> impl Strategy<Value = String> {
    let gsm = "[a-z€\\[\\]ä \n]{0,700}";
    let mixed = "[a-zж€😀ä]{0,400}";
    prop_oneof![gsm, mixed, any::<String>()]
}

proptest! {
    #[test]
    fn the_parts_joined_are_the_text(text in text()) {
        prop_assert_eq!(split(&text).concat(), text);
    }

    #[test]
    fn no_part_is_empty_or_beyond_its_bounds(text in text()) {
        let measured = measure(&text);
        let parts = split(&text);
        prop_assert_eq!(parts.len(), measured.parts);
        let most = if parts.len() == 1 { measured.encoding.single() } else { measured.encoding.concatenated() };
        for part in parts {
            let units = match measured.encoding {
                Encoding::Gsm7 => measure(part).units,
                Encoding::Ucs2 => part.encode_utf16().count(),
            };
            prop_assert!((1..=most).contains(&units), "{units} units");
        }
    }

    #[test]
    fn no_part_could_take_the_next_character(text in text()) {
        let measured = measure(&text);
        let parts = split(&text);
        let weigh = |text: &str| match measured.encoding {
            Encoding::Gsm7 => measure(text).units,
            Encoding::Ucs2 => text.encode_utf16().count(),
        };
        for pair in parts.windows(2) {
            let next: String = pair[1].chars().take(1).collect();
            prop_assert!(weigh(pair[0]) + weigh(&next) > measured.encoding.concatenated());
        }
    }
}
