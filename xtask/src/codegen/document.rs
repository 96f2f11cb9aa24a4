//! An OpenAPI document, as far as the generator understands it.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use anyhow::Result;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// What the generator takes from a document.
pub(super) struct Document {
    /// The named schemas, in the document's order.
    pub(super) schemas: Vec<(String, Schema)>,
    /// The paths, in the document's order.
    pub(super) paths: Vec<(String, Value)>,
    /// What the platform posts to us, in the document's order.
    pub(super) webhooks: Vec<(String, Value)>,
    /// The schemas that we write: request bodies and all that they hold.
    pub(super) requests: BTreeSet<String>,
}

impl Document {
    /// Reads a document.
    pub(super) fn read(json: &str) -> Result<Self> {
        let Raw { paths, webhooks, components } = serde_json::from_str(json)?;
        let Ordered(schemas) = components.schemas;
        let mut document =
            Self { schemas, paths: paths.0, webhooks: webhooks.0, requests: BTreeSet::new() };
        let bodies: Vec<_> = document.paths.iter().flat_map(|(_, path)| bodies(path)).collect();
        for body in bodies {
            document.mark_request(&body);
        }
        Ok(document)
    }

    /// The schema of this name.
    pub(super) fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.iter().find(|(known, _)| known == name).map(|(_, schema)| schema)
    }

    /// Marks a schema as written by us, and all that it refers to.
    fn mark_request(&mut self, name: &str) {
        if !self.requests.insert(name.to_owned()) {
            return;
        }
        let inner = self.schema(name).map(Schema::references).unwrap_or_default();
        for name in inner {
            self.mark_request(&name);
        }
    }
}

/// The names of the schemas of a path's request bodies.
fn bodies(path: &Value) -> Vec<String> {
    let operations = path.as_object().into_iter().flat_map(|operations| operations.values());
    operations
        .filter_map(|operation| {
            operation.pointer("/requestBody/content/application~1json/schema/$ref")?.as_str()
        })
        .map(last_segment)
        .collect()
}

/// `#/components/schemas/Card` names `Card`.
fn last_segment(reference: &str) -> String {
    reference.rsplit('/').next().unwrap_or(reference).to_owned()
}

/// One schema, or a field's.
#[derive(Deserialize)]
pub(super) struct Schema {
    #[serde(default)]
    pub(super) description: String,
    #[serde(default, rename = "type")]
    kind: Kind,
    #[serde(default)]
    pub(super) format: String,
    #[serde(default)]
    pub(super) properties: Ordered<Schema>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    #[serde(default)]
    pub(super) items: Option<Box<Schema>>,
    #[serde(default, rename = "anyOf")]
    any_of: Vec<Schema>,
    #[serde(default, rename = "$ref")]
    reference: Option<String>,
    #[serde(default, rename = "enum")]
    pub(super) words: Vec<String>,
    #[serde(default, rename = "x-open")]
    pub(super) open: bool,
    #[serde(default)]
    minimum: Option<i64>,
}

impl Schema {
    /// The name of the schema that this one refers to.
    pub(super) fn refers_to(&self) -> Option<String> {
        // What may also be null is written as a choice between a reference and null.
        let choice = || self.any_of.iter().find_map(|choice| choice.reference.as_deref());
        self.reference.as_deref().or_else(choice).map(last_segment)
    }

    /// Whether a value can be of this JSON type.
    pub(super) fn can_be(&self, kind: &str) -> bool {
        match &self.kind {
            Kind::One(one) => one == kind,
            Kind::Several(several) => several.iter().any(|one| one == kind),
        }
    }

    /// Whether the numbers of this schema have no sign.
    pub(super) fn is_unsigned(&self) -> bool {
        self.minimum.is_some_and(|minimum| minimum >= 0)
    }

    /// All schemas that this one names.
    fn references(&self) -> Vec<String> {
        let inner = self.properties.0.iter().map(|(_, schema)| schema).chain(self.items.as_deref());
        self.refers_to().into_iter().chain(inner.flat_map(Schema::references)).collect()
    }
}

/// A JSON type, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kind {
    One(String),
    Several(Vec<String>),
}

impl Default for Kind {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

#[derive(Deserialize)]
struct Raw {
    paths: Ordered<Value>,
    webhooks: Ordered<Value>,
    components: Components,
}

#[derive(Deserialize)]
struct Components {
    schemas: Ordered<Schema>,
}

/// A JSON object whose order counts: generated fields stand as the document has them.
pub(super) struct Ordered<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// Collects the entries of an object in their order.
struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Ordered<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Ordered(entries))
    }
}
