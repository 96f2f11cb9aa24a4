//! Text of others as it may be shown: in one line, bounded, without phone numbers.

use core::fmt::Write as _;

/// The fewest digits of a phone number.
const NUMBER_DIGITS: usize = 9;
/// How many characters may stand between two digits of one number.
const GAP: usize = 2;

/// A text in which every phone number shows its first three and last two digits only.
///
/// Nine digits and more are one, with spaces, dots, dashes, slashes and brackets between them or
/// without. That other things look like it (a date with its time) is the smaller harm.
///
/// ```
/// assert_eq!(bsg_rcs_wire::masked("+380661231231 is stopped"), "+380***31 is stopped");
/// assert_eq!(bsg_rcs_wire::masked("380 66 123-12-31?"), "380***31?");
/// ```
pub fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from_digit) = rest.split_at(start);
        masked.push_str(before);
        let (run, behind) = from_digit.split_at(run_end(from_digit));
        let digits: Vec<char> = run.chars().filter(char::is_ascii_digit).collect();
        match digits.as_slice() {
            [a, b, c, .., y, z] if digits.len() >= NUMBER_DIGITS => {
                masked.extend([a, b, c]);
                masked.push_str("***");
                masked.extend([y, z]);
            }
            _ => masked.push_str(run),
        }
        rest = behind;
    }
    masked.push_str(rest);
    masked
}

/// Where the digits end that a text begins with, and what may stand between those of a number.
fn run_end(text: &str) -> usize {
    let mut end = 0;
    let mut gap = 0;
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() {
            (end, gap) = (at + c.len_utf8(), 0);
            continue;
        }
        gap += 1;
        let joins = c.is_whitespace() && c != '\n' || is_dash(c) || ".()/".contains(c);
        if gap > GAP || !joins {
            break;
        }
    }
    end
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// At most `most` characters of a text: numbers masked, and everything that would leave the line
/// or change its direction escaped. What is cut says how long it was.
///
/// ```
/// assert_eq!(bsg_rcs_wire::shown("no\n\x1b[31m", 80), r"no\n\u{1b}[31m");
/// assert_eq!(bsg_rcs_wire::shown("abcdef", 3), "abc... (6 characters)");
/// ```
pub fn shown(text: &str, most: usize) -> String {
    // A number that is cut in two is masked all the same: masking comes first, over no more than
    // could be shown.
    let within: String = text.chars().take(most.saturating_add(NUMBER_DIGITS * 4)).collect();
    let mut shown = String::new();
    for c in masked(&within).chars().take(most) {
        if c.is_control() || is_invisible(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    if text.chars().nth(most).is_some() {
        // Writing to a text cannot fail.
        let _ = write!(shown, "... ({} characters)", text.chars().count());
    }
    shown
}

/// Characters that turn or hide what stands beside them.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_show_their_ends_only_in_any_spacing() {
        for (text, expected) in [
            ("380661231231 is stopped", "380***31 is stopped"),
            ("+380661231231, 491701234567", "+380***31, 491***67"),
            ("380 66 123 12 31 is stopped", "380***31 is stopped"),
            ("+380 (66) 123-12-31.", "+380***31."),
            ("380\u{a0}66\u{2009}123\u{2011}12\u{2013}31", "380***31"),
            ("380/66/1231231", "380***31"),
            ("380661231231 380661231232", "380***32"),
            ("12345678 and 1234567890123456", "12345678 and 123***56"),
            ("phones.17.number", "phones.17.number"),
            ("5000 recipients, 3 parts of 153", "5000 recipients, 3 parts of 153"),
            ("", ""),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn what_is_shown_is_one_bounded_line() {
        assert_eq!(shown("a\r\nb\tc\u{202e}d", 80), r"a\r\nb\tc\u{202e}d");
        let cut = shown(&"ж".repeat(2_000_000), 100);
        assert_eq!(cut, format!("{}... (2000000 characters)", "ж".repeat(100)));
        // Neither end of a number is shown more by the cut.
        let text = format!("{} 380661231231", "x".repeat(7));
        assert_eq!(shown(&text, 11), format!("{} 380... (20 characters)", "x".repeat(7)));
        assert!(!shown(&text, 17).contains("661231"));
    }
}
