//! The fields that contacts of an account can have, besides their number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactFieldKind {
    /// A text.
    Text,
    /// A date and time.
    Date,
    /// A number.
    Number,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactField {
    /// Its id.
    pub id: u64,
    /// Its name, which no other field of the account has.
    pub name: String,
    /// What it holds.
    pub kind: ContactFieldKind,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is shown.
    pub visible: bool,
}

/// The fields of an account.
#[derive(Debug, Default)]
pub struct ContactFields(pub(crate) BTreeMap<u64, ContactField>);

impl ContactFields {
    /// Every field, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &ContactField> {
        self.0.values()
    }

    /// The field with this id.
    pub fn get(&self, id: u64) -> Option<&ContactField> {
        self.0.get(&id)
    }
}
