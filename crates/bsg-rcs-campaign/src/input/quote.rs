//! Foreign text in our sentences: cut to a length that a person reads, and what is not seen made
//! visible.

use std::fmt::Write;

/// Characters of a foreign text that a sentence quotes.
const SHOWN: usize = 60;
/// Characters of a whole sentence.
const SENTENCE: usize = 300;
/// Columns that a sentence lists.
const COLUMNS: usize = 20;

/// A text from a file or an argument as a sentence may hold it: control and format characters
/// escaped, and no longer than a line of a terminal. What is cut is said with its length.
///
/// ```
/// use bsg_rcs_campaign::input::quote::shown;
///
/// assert_eq!(shown("\u{200b}phone"), "\\u{200b}phone");
/// assert!(shown(&"x".repeat(900)).ends_with("... (900 characters)"));
/// ```
pub fn shown(text: &str) -> String {
    cut(text, SHOWN)
}

/// A sentence of a library that may quote foreign text, treated as [`shown`] treats one.
pub fn sentence(text: &str) -> String {
    cut(text, SENTENCE)
}

fn cut(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for character in text.chars().take(most) {
        // A debug string escapes what is not printed; of the rest it must leave quotes alone.
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            character => shown.extend(character.escape_debug()),
        }
    }
    if text.len() > most {
        let length = text.chars().count();
        if length > most {
            // Writing to a string does not fail.
            let _ = write!(shown, "... ({length} characters)");
        }
    }
    shown
}

/// The names of columns as a sentence lists them.
pub(super) fn columns<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let count = names.len();
    let names = names.take(COLUMNS).map(|name| match name.trim() {
        "" => "(no name)".to_owned(),
        name => shown(name),
    });
    let listed = names.collect::<Vec<_>>().join(", ");
    match count.saturating_sub(COLUMNS) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_escaped() {
        for (text, expected) in [
            ("Müller, \"Анна\" \\o/", "Müller, \"Анна\" \\o/"),
            ("a\u{200b}b\u{202e}c", "a\\u{200b}b\\u{202e}c"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\tb\nc\0", "a\\tb\\nc\\0"),
            ("a\u{a0}b", "a\\u{a0}b"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn a_long_list_of_columns_is_cut() {
        let names: Vec<String> = (0..300).map(|at| format!("c{at}")).collect();
        let listed = columns(names.iter().map(String::as_str));
        assert!(
            listed.starts_with("c0, c1, ") && listed.ends_with(", c19 and 280 more"),
            "{listed}"
        );
        assert_eq!(columns(["", " a"].into_iter()), "(no name), a");
    }
}
