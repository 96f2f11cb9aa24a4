//! What looks like a placeholder of a mail merge: `{{name}}`, `#NAME#`, `%firstname%`. A message is
//! sent as it is written, so one of these reaches every recipient as it stands.

/// What encloses the name of a field, and what may stand before the opening one to make it plain
/// text.
const ENCLOSING: [(&str, &str); 9] = [
    ("{{", "}}"),
    ("${", "}"),
    ("[[", "]]"),
    ("<<", ">>"),
    ("*|", "|*"),
    ("{", "}"),
    ("<", ">"),
    ("%", "%"),
    ("#", "#"),
];
/// The longest name of a field, in bytes.
const NAME_MAX: usize = 40;
/// The shortest one between signs that have a use of their own: `%D0%` is part of a url.
const NAME_MIN: usize = 3;

/// The first placeholder look-alike of a text.
pub(super) fn first(text: &str) -> Option<&str> {
    let starts = text.char_indices().map(|(at, _)| at);
    starts.into_iter().find_map(|at| placeholder(text.get(at..)?))
}

/// The placeholder that a text begins with.
fn placeholder(text: &str) -> Option<&str> {
    ENCLOSING.into_iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(open)?;
        let name = inner.get(..inner.find(close)?)?;
        let length = open.len().checked_add(name.len())?.checked_add(close.len())?;
        is_name(name, open).then(|| text.get(..length)).flatten()
    })
}

fn is_name(name: &str, open: &str) -> bool {
    let name = if open == "{{" { name.trim_matches(['{', ' ']) } else { name };
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    // Two braces are nothing else; a name of several words is possible there.
    let may_hold_space = open.len() > 1;
    let fits = |c: char| is_part(c) || (may_hold_space && c == ' ');
    let least = if open.len() > 1 { 1 } else { NAME_MIN };
    let begins = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    begins
        && (least..=NAME_MAX).contains(&name.len())
        && name.chars().all(fits)
        && !is_markup(name, open)
}

/// Whether a name between angle brackets is markup of a text, which is not a placeholder.
fn is_markup(name: &str, open: &str) -> bool {
    open == "<" && matches!(name, "strong" | "span" | "div" | "html" | "body")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_placeholder_is_found() {
        for (text, found) in [
            ("Hi {{name}}!", Some("{{name}}")),
            ("Hi {{ first name }}!", Some("{{ first name }}")),
            ("Hi {name}, hello", Some("{name}")),
            ("Hi ${name}", Some("${name}")),
            ("#NAME#, your order", Some("#NAME#")),
            ("Dear %firstname%", Some("%firstname%")),
            ("Dear *|FNAME|*", Some("*|FNAME|*")),
            ("Dear <<Vorname>>", Some("<<Vorname>>")),
            ("Dear <name>", Some("<name>")),
            ("Привіт, {{ім'я}} {{імя}}", Some("{{імя}}")),
            ("https://example.com/?c={{code}}", Some("{{code}}")),
            ("50% off, 20% more", None),
            ("50%off%", Some("%off%")),
            ("https://example.com/%D0%BF%D1%80", None),
            ("#sale #now", None),
            ("#1# {} {1} { a } <3 a < b > c", None),
            ("a {b} c", None),
            ("100 % of {what you like, and more}", None),
        ] {
            assert_eq!(first(text), found, "{text}");
        }
    }
}
