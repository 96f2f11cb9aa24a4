//! Where a fault is: the platform's names for the parts of a request as ours.
//!
//! | the platform writes | we say |
//! | --- | --- |
//! | `phones.17.number`, `phones[17].number`, `phones17number` | `phones[17].number` |
//! | `recipients.phones.17.number` | `phones[17].number` |
//! | `options.cards.0.media.url`, `rcs.cards.0.media.url` | `cards[0].media` |
//! | `options.cards.0.suggestions.1.postback_data` | `cards[0].suggestions[1].postback` |
//! | `alternative_channel.sms.text` | `sms.text` |
//! | `sender` | `agent` |
//! | `validity_seconds` | `validity` |

/// One step into a request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

/// The place of a fault as our own checks name it. A name that the table does not know stays as
/// it is.
///
/// ```
/// use bsg_rcs_wire::mapping::places::place;
///
/// assert_eq!(place("phones.17.number"), "phones[17].number");
/// assert_eq!(place("options.cards0suggestions1text"), "cards[0].suggestions[1].text");
/// ```
pub fn place(field: &str) -> String {
    let steps = steps(field);
    let mut place = String::new();
    for step in ours(&steps) {
        match step {
            Step::Index(index) => place.push_str(&format!("[{index}]")),
            Step::Name(name) => {
                if !place.is_empty() {
                    place.push('.');
                }
                place.push_str(name);
            }
        }
    }
    place
}

/// Which recipient of a request a fault is about, counted from 0.
pub fn recipient(field: &str) -> Option<usize> {
    match steps(field).as_slice() {
        [Step::Name("phones"), Step::Index(index), ..]
        | [Step::Name("recipients"), Step::Name("phones"), Step::Index(index), ..] => Some(*index),
        _ => None,
    }
}

/// Takes a field's path apart: at dots and brackets, and where digits begin or end.
fn steps(field: &str) -> Vec<Step<'_>> {
    let parts = field.split(['.', '[', ']']).flat_map(runs).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().map_or(Step::Name(part), Step::Index)).collect()
}

/// `cards0text` is `cards`, `0`, `text`.
fn runs(part: &str) -> impl Iterator<Item = &str> {
    let mut rest = part;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != first).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        rest = behind;
        Some(run)
    })
}

/// The steps in our words.
fn ours<'a>(steps: &[Step<'a>]) -> Vec<Step<'a>> {
    let inner = match steps {
        [Step::Name("options" | "rcs" | "alternative_channel"), inner @ ..] => inner,
        [Step::Name("recipients"), inner @ ..] if !inner.is_empty() => inner,
        all => all,
    };
    let mut ours = Vec::with_capacity(inner.len());
    for step in inner {
        match (step, ours.last()) {
            // A card's media is its url.
            (Step::Name("url"), Some(Step::Name("media"))) => {}
            (Step::Name("sender"), None) => ours.push(Step::Name("agent")),
            (Step::Name("validity_seconds"), _) => ours.push(Step::Name("validity")),
            (Step::Name("postback_data"), _) => ours.push(Step::Name("postback")),
            (step, _) => ours.push(step.clone()),
        }
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_names_become_ours() {
        for (field, expected, of) in [
            ("phones.17.number", "phones[17].number", Some(17)),
            ("phones[17].number", "phones[17].number", Some(17)),
            ("phones17number", "phones[17].number", Some(17)),
            ("recipients.phones[17].number", "phones[17].number", Some(17)),
            ("phones.0.reference_id", "phones[0].reference_id", Some(0)),
            ("messages0phone", "messages[0].phone", None),
            ("phone.number", "phone.number", None),
            ("phones", "phones", None),
            ("sender", "agent", None),
            ("rcs.sender", "agent", None),
            ("options.text", "text", None),
            ("options.cards.0.media.url", "cards[0].media", None),
            ("rcs.cards.2.title", "cards[2].title", None),
            (
                "options.cards[0].suggestions[1].postback_data",
                "cards[0].suggestions[1].postback",
                None,
            ),
            ("alternative_channel.sms.sender", "sms.sender", None),
            ("alternative_channel.sms.validity_seconds", "sms.validity", None),
            ("validity_seconds", "validity", None),
            ("something.new", "something.new", None),
            ("phones.99999999999999999999.number", "phones.99999999999999999999.number", None),
            ("", "", None),
        ] {
            assert_eq!((place(field).as_str(), recipient(field)), (expected, of), "{field}");
        }
    }
}
