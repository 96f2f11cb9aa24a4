//! What it means that bytes could not be read, said without repeating them.

use serde_json::error::Category;

/// The longest reason that is kept, in bytes.
const REASON_BYTES: usize = 200;

/// Bytes that are not what they should be: which thing, why, and where.
///
/// The reason never quotes the bytes: they hold phone numbers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be read: {reason} (line {line}, column {column})")]
pub struct Misread {
    what: &'static str,
    reason: String,
    line: usize,
    column: usize,
}

impl Misread {
    /// The thing that was to be read: `the answer`, `the callback`.
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// Why it cannot be read, without a word of the bytes themselves.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Line and column, both from 1; (0, 0) when the fault is in the whole.
    pub fn place(&self) -> (usize, usize) {
        (self.line, self.column)
    }

    /// A fault of the whole.
    pub(crate) fn whole(what: &'static str, reason: &str) -> Self {
        Self { what, reason: reason.to_owned(), line: 0, column: 0 }
    }

    /// A fault that the JSON reader found.
    pub(crate) fn json(what: &'static str, error: &serde_json::Error) -> Self {
        let reason = match error.classify() {
            Category::Io => "the bytes could not be fetched".to_owned(),
            Category::Eof => "it ends in the middle".to_owned(),
            Category::Syntax => "it is not JSON".to_owned(),
            Category::Data => masked(&error.to_string()),
        };
        Self { what, reason, line: error.line(), column: error.column() }
    }
}

/// The reader's own sentence, without its place, quoted strings, and numbers of any length.
fn masked(sentence: &str) -> String {
    let sentence = sentence.rsplit_once(" at line ").map_or(sentence, |(before, _)| before);
    let mut kept = String::new();
    let mut quoted = false;
    let mut escaped = false;
    for c in sentence.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            if quoted {
                continue;
            }
        } else if c == '"' {
            quoted = true;
            kept.push_str("\"...");
            continue;
        }
        kept.push(if c.is_ascii_digit() { '#' } else { c });
        if kept.len() > REASON_BYTES {
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_bytes_is_repeated() {
        for (sentence, expected) in [
            (
                r#"invalid type: string "380\"66", expected a map at line 1 column 7"#,
                r#"invalid type: string "...", expected a map"#,
            ),
            (
                "invalid type: integer `380661231231`, expected a map at line 1 column 7",
                "invalid type: integer `############`, expected a map",
            ),
            ("missing field `data` at line 1 column 2", "missing field `data`"),
        ] {
            assert_eq!(masked(sentence), expected);
        }
    }

    #[test]
    fn a_reason_is_bounded() {
        assert!(masked(&"ü".repeat(1000)).len() < REASON_BYTES + 4);
    }
}
