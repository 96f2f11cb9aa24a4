//! JSON that can be gone through and written again without changing what it says.
//!
//! A number keeps its digits as they stand (money must not pass through a float, not even in a
//! test), and the fields of an object keep their order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deeper JSON is treated as plain text: going through it takes a stack frame for each level.
const DEEPEST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Text(String),
    /// A number, `true`, `false` or `null`, as it stands.
    Plain(String),
}

impl Json {
    /// Nothing when it is not JSON, or too deep.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        of(serde_json::from_slice(bytes).ok()?, DEEPEST)
    }

    /// Goes through every value that holds no others, with the name of the field that it stands in,
    /// directly or in a list.
    pub(super) fn each_leaf(&mut self, visit: &mut impl FnMut(&str, &mut Json)) {
        self.each_leaf_of("", visit);
    }

    fn each_leaf_of(&mut self, field: &str, visit: &mut impl FnMut(&str, &mut Json)) {
        match self {
            Self::Object(fields) => {
                fields.iter_mut().for_each(|(name, value)| value.each_leaf_of(name, visit));
            }
            Self::Array(values) => {
                values.iter_mut().for_each(|value| value.each_leaf_of(field, visit));
            }
            Self::Text(_) | Self::Plain(_) => visit(field, self),
        }
    }

    /// Goes through the value of every field of this name, the outermost ones only.
    pub(super) fn each_below(&mut self, field: &str, visit: &mut impl FnMut(&mut Json)) {
        match self {
            Self::Object(fields) => {
                for (name, value) in fields {
                    if name.eq_ignore_ascii_case(field) {
                        visit(value);
                    } else {
                        value.each_below(field, visit);
                    }
                }
            }
            Self::Array(values) => values.iter_mut().for_each(|it| it.each_below(field, visit)),
            Self::Text(_) | Self::Plain(_) => {}
        }
    }

    /// Goes through the name of every field.
    pub(super) fn each_name(&mut self, visit: &mut impl FnMut(&mut String)) {
        match self {
            Self::Object(fields) => {
                for (name, value) in fields {
                    visit(name);
                    value.each_name(visit);
                }
            }
            Self::Array(values) => values.iter_mut().for_each(|value| value.each_name(visit)),
            Self::Text(_) | Self::Plain(_) => {}
        }
    }

    /// Puts this in place of the whole value of each field of this name.
    pub(super) fn overwrite(&mut self, field: &str, value: &Json) {
        match self {
            Self::Object(fields) => {
                for (name, old) in fields {
                    if name == field {
                        old.clone_from(value);
                    } else {
                        old.overwrite(field, value);
                    }
                }
            }
            Self::Array(values) => values.iter_mut().for_each(|old| old.overwrite(field, value)),
            Self::Text(_) | Self::Plain(_) => {}
        }
    }

    /// The order of fields means nothing: puts them into the order of their names.
    pub(super) fn sort(&mut self) {
        match self {
            Self::Object(fields) => {
                fields.sort_by(|(one, _), (other, _)| one.cmp(other));
                fields.iter_mut().for_each(|(_, value)| value.sort());
            }
            Self::Array(values) => values.iter_mut().for_each(Self::sort),
            Self::Text(_) | Self::Plain(_) => {}
        }
    }
}

/// Without a space or a line's end.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(fields) => {
                f.write_str("{")?;
                for (position, (name, value)) in fields.iter().enumerate() {
                    let comma = if position == 0 { "" } else { "," };
                    write!(f, "{comma}{}:{value}", quoted(name))?;
                }
                f.write_str("}")
            }
            Self::Array(values) => {
                f.write_str("[")?;
                for (position, value) in values.iter().enumerate() {
                    let comma = if position == 0 { "" } else { "," };
                    write!(f, "{comma}{value}")?;
                }
                f.write_str("]")
            }
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Plain(token) => f.write_str(token),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn of(raw: &RawValue, levels: usize) -> Option<Json> {
    let levels = levels.checked_sub(1)?;
    let text = raw.get();
    match text.as_bytes().first()? {
        b'{' => {
            let Fields(fields) = serde_json::from_str(text).ok()?;
            let fields = fields.into_iter().map(|(name, raw)| Some((name, of(raw, levels)?)));
            Some(Json::Object(fields.collect::<Option<_>>()?))
        }
        b'[' => {
            let values: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Some(Json::Array(values.into_iter().map(|raw| of(raw, levels)).collect::<Option<_>>()?))
        }
        b'"' => Some(Json::Text(serde_json::from_str(text).ok()?)),
        _ => Some(Json::Plain(text.to_owned())),
    }
}

/// An object's fields in their order, repeated names included, each value not yet looked into.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(Json::read(text.as_bytes()).unwrap().to_string(), expected);
    }

    #[test]
    fn what_it_says_is_not_changed() {
        check(r#"{"b": 1.1000000, "a": -50.25e3}"#, r#"{"b":1.1000000,"a":-50.25e3}"#);
        check(" [1, true, null, \"\\u00fc\\n\\\"\"]\n", "[1,true,null,\"ü\\n\\\"\"]");
        check(r#"{"a":1,"a":[{}, []]}"#, r#"{"a":1,"a":[{},[]]}"#);
        check("18446744073709551616000", "18446744073709551616000");
    }

    #[test]
    fn what_is_no_json_or_too_deep_is_left_alone() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        for text in ["", "{", "hello", "{\"a\":}", &deep] {
            assert_eq!(Json::read(text.as_bytes()), None);
        }
    }
}
