//! Things that may be there, may be empty in several ways, or may be of a shape that nobody foresaw.

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;

/// A nested object of an answer: there, absent (`null`, `[]` or missing), or odd.
///
/// The platform writes an empty `alternative_channels` as `null` in one place and as `[]` in another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Maybe<T> {
    /// The object, read.
    There(T),
    /// Null, an empty list, an empty string, or no such field.
    #[default]
    Absent,
    /// Something that is not the object of the contract, as its JSON text.
    Odd(String),
}

impl<T> Maybe<T> {
    /// The object, if it is there.
    pub fn get(&self) -> Option<&T> {
        match self {
            Maybe::There(value) => Some(value),
            Maybe::Absent | Maybe::Odd(_) => None,
        }
    }

    /// The object, if it is there.
    pub fn into_option(self) -> Option<T> {
        match self {
            Maybe::There(value) => Some(value),
            Maybe::Absent | Maybe::Odd(_) => None,
        }
    }

    /// Whether there is nothing at all.
    pub fn is_absent(&self) -> bool {
        matches!(self, Maybe::Absent)
    }
}

impl<T> From<T> for Maybe<T> {
    fn from(value: T) -> Self {
        Maybe::There(value)
    }
}

/// Whether a JSON text is one of the ways to write nothing.
fn is_nothing(json: &str) -> bool {
    json == "null"
        || json == "\"\""
        || json
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .is_some_and(|inside| inside.trim().is_empty())
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let json = raw.get();
        if is_nothing(json) {
            return Ok(Maybe::Absent);
        }
        // A derived reader would take a list for an object, field by field: only objects are tried.
        let read = json.starts_with('{').then(|| serde_json::from_str(json).ok()).flatten();
        Ok(read.map_or_else(|| Maybe::Odd(json.to_owned()), Maybe::There))
    }
}

impl<T: Serialize> Serialize for Maybe<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Maybe::There(value) => value.serialize(serializer),
            Maybe::Absent => serializer.serialize_none(),
            Maybe::Odd(json) => {
                RawValue::from_string(json.clone()).map_err(S::Error::custom)?.serialize(serializer)
            }
        }
    }
}

/// Reads an informative field: `null`, `[]`, `""` and shapes that nobody foresaw are all as good as missing.
///
/// # Errors
///
/// Those of the deserializer: only what is not JSON at all.
pub fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(if is_nothing(raw.get()) { None } else { serde_json::from_str(raw.get()).ok() })
}

/// Reads an informative list: a single item counts as a list of one, items that cannot be read are left out.
///
/// # Errors
///
/// Those of the deserializer: only what is not JSON at all.
pub fn list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let json = raw.get();
    if json == "null" {
        return Ok(None);
    }
    if let Ok(items) = serde_json::from_str::<Vec<Box<RawValue>>>(json) {
        let read = items.iter().filter_map(|item| serde_json::from_str(item.get()).ok());
        return Ok(Some(read.collect()));
    }
    Ok(serde_json::from_str(json).ok().map(|item| vec![item]))
}

#[cfg(test)]
mod tests {
    use super::super::{Id, Integer};
    use super::*;

    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Sms {
        parts: Integer,
    }

    #[test]
    fn an_object_may_be_empty_in_several_ways() {
        for (json, expected) in [
            (r#"{"parts":2}"#, Maybe::There(Sms { parts: Integer(2) })),
            ("null", Maybe::Absent),
            ("[]", Maybe::Absent),
            ("[ \n ]", Maybe::Absent),
            (r#""""#, Maybe::Absent),
            ("[2]", Maybe::Odd("[2]".into())),
            (r#"{"parts":{}}"#, Maybe::Odd(r#"{"parts":{}}"#.into())),
            ("7", Maybe::Odd("7".into())),
        ] {
            assert_eq!(serde_json::from_str::<Maybe<Sms>>(json).unwrap(), expected, "{json}");
        }
    }

    #[test]
    fn odd_things_go_out_as_they_came() {
        for json in [r#"{"parts":2}"#, "null", "[2]", "7"] {
            let maybe: Maybe<Sms> = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&maybe).unwrap(), json);
        }
    }

    #[test]
    fn numbers_that_cannot_be_read_are_missing() {
        for (json, expected) in
            [("7", Some(7)), (r#""7""#, Some(7)), ("null", None), ("[]", None), ("{}", None)]
        {
            let mut deserializer = serde_json::Deserializer::from_str(json);
            let read: Option<Id> = optional(&mut deserializer).unwrap();
            assert_eq!(read.map(|id| id.0), expected, "{json}");
        }
    }

    #[test]
    fn lists_take_single_items_and_leave_out_odd_ones() {
        for (json, expected) in [
            (r#"[1,"2"]"#, Some(vec![Id(1), Id(2)])),
            ("[1,{},2]", Some(vec![Id(1), Id(2)])),
            (r#""9""#, Some(vec![Id(9)])),
            ("[]", Some(vec![])),
            ("null", None),
            ("{}", None),
        ] {
            let mut deserializer = serde_json::Deserializer::from_str(json);
            assert_eq!(list::<_, Id>(&mut deserializer).unwrap(), expected, "{json}");
        }
    }
}
