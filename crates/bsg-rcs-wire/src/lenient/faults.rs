//! The `errors` of a refusal, in all the shapes that it is seen in.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::shown;

/// The most characters that `Debug` shows of a field or a sentence.
const SHOWN: usize = 300;

/// One thing that the platform found wrong. Its words may quote a number, so `Debug` masks what looks like one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Fault {
    /// The field, as the platform names it (`messages0phone`, `phones.3.number`); `None` when it names none.
    pub field: Option<String>,
    /// What is wrong, in the platform's words.
    pub sentence: String,
}

impl core::fmt::Debug for Fault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let field = self.field.as_deref().map(|field| shown(field, SHOWN));
        f.debug_struct("Fault")
            .field("field", &field)
            .field("sentence", &shown(&self.sentence, SHOWN))
            .finish()
    }
}

/// Everything that the platform found wrong, in its order (fields in alphabetical order).
///
/// Reads a list of sentences, an object of field to sentence or sentences, nested ones with their names joined
/// by dots, a single sentence, `[]` and null. Writes a list of sentences, or an object as soon as one of the
/// faults names a field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(pub Vec<Fault>);

impl<'de> Deserialize<'de> for Faults {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let mut faults = Vec::new();
        match serde_json::from_str(raw.get()) {
            Ok(value) => gather(None, value, &mut faults),
            // Nested deeper than anyone reads: the whole is one sentence.
            Err(_) => faults.push(Fault { field: None, sentence: raw.get().to_owned() }),
        }
        Ok(Self(faults))
    }
}

/// Walks through one value of `errors`. The depth is bounded by the JSON reader's own limit.
fn gather(field: Option<&str>, value: Value, faults: &mut Vec<Fault>) {
    let sentence = match value {
        Value::Null => return,
        Value::Array(items) => {
            for item in items {
                gather(field, item, faults);
            }
            return;
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = field.map_or_else(|| name.clone(), |outer| format!("{outer}.{name}"));
                gather(Some(&path), value, faults);
            }
            return;
        }
        Value::String(sentence) => sentence,
        scalar @ (Value::Bool(_) | Value::Number(_)) => scalar.to_string(),
    };
    faults.push(Fault { field: field.map(str::to_owned), sentence });
}

impl Serialize for Faults {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.iter().all(|fault| fault.field.is_none()) {
            return serializer.collect_seq(self.0.iter().map(|fault| &fault.sentence));
        }
        let mut by_field = BTreeMap::<&str, Vec<&str>>::new();
        for fault in &self.0 {
            let field = fault.field.as_deref().unwrap_or_default();
            by_field.entry(field).or_default().push(&fault.sentence);
        }
        by_field.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: &[(Option<&str>, &str)]) {
        let faults: Faults = serde_json::from_str(json).unwrap();
        let read: Vec<_> =
            faults.0.iter().map(|f| (f.field.as_deref(), f.sentence.as_str())).collect();
        assert_eq!(read, expected, "{json}");
    }

    #[test]
    fn errors_come_in_many_shapes() {
        check("[]", &[]);
        check("null", &[]);
        check("{}", &[]);
        check(r#"["Tariff was not found"]"#, &[(None, "Tariff was not found")]);
        check(r#""Invalid contact id""#, &[(None, "Invalid contact id")]);
        check(
            r#"{"messages0phone":["Invalid phone number format","b"],"sender":"c"}"#,
            &[
                (Some("messages0phone"), "Invalid phone number format"),
                (Some("messages0phone"), "b"),
                (Some("sender"), "c"),
            ],
        );
        check(r#"[{"phone":["a"]},"b",7]"#, &[(Some("phone"), "a"), (None, "b"), (None, "7")]);
        check(r#"{"phones":{"3":{"number":["a"]}}}"#, &[(Some("phones.3.number"), "a")]);
        check(r#"{"a":null,"b":[]}"#, &[]);
    }

    #[test]
    fn a_bottomless_value_is_one_sentence() {
        let json = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        check(&json, &[(None, &json)]);
    }

    #[test]
    fn they_are_written_as_the_contract_has_them() {
        for json in ["[]", r#"["a","b"]"#, r#"{"phone":["a","b"],"sender":["c"]}"#] {
            let faults: Faults = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&faults).unwrap(), json);
        }
    }
}
