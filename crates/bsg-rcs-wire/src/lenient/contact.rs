//! What contacts hold: values by field, and the lists that they are on.

use std::collections::BTreeMap;

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::number::Id;
use super::text::plain_text;

/// The values of a contact's fields, by the field's id as it came.
///
/// Reads an object, an empty list, null, and a list of `{id, value}` as requests have it. Writes an object,
/// or the empty list that the platform writes for none. Its `Debug` counts the fields: values are personal.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FieldValues(pub BTreeMap<String, String>);

/// One item of the list form.
#[derive(serde::Deserialize)]
struct Item {
    id: Box<RawValue>,
    value: Box<RawValue>,
}

impl core::fmt::Debug for FieldValues {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} fields", self.0.len())
    }
}

impl<'de> Deserialize<'de> for FieldValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if let Ok(fields) = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(raw.get()) {
            let values = fields.into_iter().map(|(id, value)| (id, plain_text(value)));
            return Ok(Self(values.collect()));
        }
        let items = serde_json::from_str::<Vec<Box<RawValue>>>(raw.get()).unwrap_or_default();
        let items = items.iter().filter(|item| item.get().starts_with('{'));
        let items = items.filter_map(|item| serde_json::from_str::<Item>(item.get()).ok());
        Ok(Self(items.map(|item| (plain_text(item.id), plain_text(item.value))).collect()))
    }
}

impl Serialize for FieldValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serializer.collect_seq(core::iter::empty::<()>());
        }
        self.0.serialize(serializer)
    }
}

/// Reads a list of ids: numbers, strings of digits, or objects that have an `id`; the rest is left out.
///
/// # Errors
///
/// Those of the deserializer: only what is not JSON at all.
pub fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Id>>, D::Error> {
    #[derive(serde::Deserialize)]
    struct Owner {
        id: Id,
    }
    let items = super::list::<D, Box<RawValue>>(deserializer)?;
    let id = |item: &RawValue| {
        let plain = serde_json::from_str::<Id>(item.get()).ok();
        let owner = || serde_json::from_str::<Owner>(item.get()).ok().map(|owner| owner.id);
        plain.or_else(|| owner().filter(|_| item.get().starts_with('{')))
    };
    Ok(items.map(|items| items.iter().filter_map(|item| id(item)).collect()))
}

/// Reads a list of objects; a plain id stands for an object of which nothing else is known. The rest is left out.
///
/// # Errors
///
/// Those of the deserializer: only what is not JSON at all.
pub fn objects<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let items = super::list::<D, Box<RawValue>>(deserializer)?;
    let object = |item: &RawValue| {
        // A derived reader would take a list for an object, field by field.
        let is_object = item.get().starts_with('{');
        let whole = is_object.then(|| serde_json::from_str(item.get()).ok()).flatten();
        let id = || serde_json::from_str::<Id>(item.get()).ok();
        whole.or_else(|| serde_json::from_value(serde_json::json!({ "id": id()? })).ok())
    };
    Ok(items.map(|items| items.iter().filter_map(|item| object(item)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_in_many_shapes() {
        for (json, expected) in [
            ("[]", "[]"),
            ("null", "[]"),
            ("{}", "[]"),
            ("7", "[]"),
            (r#"{"12":"Ann","13":5,"14":null}"#, r#"{"12":"Ann","13":"5","14":"null"}"#),
            (
                r#"[{"id":12,"value":"Ann"},{"id":"13","value":"x"},{"odd":1}]"#,
                r#"{"12":"Ann","13":"x"}"#,
            ),
        ] {
            let fields: FieldValues = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&fields).unwrap(), expected, "{json}");
            assert!(!format!("{fields:?}").contains("Ann"));
        }
    }

    #[test]
    fn ids_come_plain_or_as_objects() {
        for (json, expected) in [
            (r#"[1,"2",{"id":3,"name":"x"},{"name":"y"},null]"#, Some(vec![Id(1), Id(2), Id(3)])),
            ("[]", Some(vec![])),
            ("null", None),
            ("7", Some(vec![Id(7)])),
        ] {
            let mut deserializer = serde_json::Deserializer::from_str(json);
            assert_eq!(ids(&mut deserializer).unwrap(), expected, "{json}");
        }
    }
    #[test]
    fn objects_may_be_their_ids_alone() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct List {
            id: Option<Id>,
            name: Option<String>,
        }
        let json = r#"[{"id":3,"name":"x"},"4",null,"word",{"name":"y"}]"#;
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let list = |id, name: Option<&str>| List { id, name: name.map(str::to_owned) };
        let expected =
            [list(Some(Id(3)), Some("x")), list(Some(Id(4)), None), list(None, Some("y"))];
        assert_eq!(objects(&mut deserializer).unwrap(), Some(expected.into()));
        let mut null = serde_json::Deserializer::from_str("null");
        assert_eq!(objects::<_, List>(&mut null).unwrap(), None);
    }
}
