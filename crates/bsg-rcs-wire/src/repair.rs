//! JSON that others spoil: texts in another encoding, and control characters that stand in texts as they
//! are.

use core::fmt::Write as _;

/// The bytes as JSON text: what is no UTF-8 is replaced, and control characters within strings are
/// escaped. What is wrong in any other way stays wrong.
pub(crate) fn mended(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut mended = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        let closes = c == '"' && !escaped;
        quoted ^= closes;
        escaped = quoted && c == '\\' && !escaped;
        if quoted && c.is_ascii_control() {
            // Writing to a text cannot fail.
            let _ = write!(mended, "\\u{:04x}", u32::from(c));
        } else {
            mended.push(c);
        }
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_mended_and_the_rest_is_left_alone() {
        for (bytes, expected) in [
            (&b"{\"a\": \"x\ty\"}"[..], r#"{"a": "x\u0009y"}"#),
            (b"{\"a\": \"x\r\ny\",\n\t\"b\": 1}", "{\"a\": \"x\\u000d\\u000ay\",\n\t\"b\": 1}"),
            (b"{\"a\": \"\xcd\xe5\xf2\"}", "{\"a\": \"\u{fffd}\u{fffd}\u{fffd}\"}"),
            (br#"{"a": "q\"\\", "b": "\u0041"}"#, r#"{"a": "q\"\\", "b": "\u0041"}"#),
            (b"{", "{"),
        ] {
            assert_eq!(mended(bytes), expected);
        }
    }
}
