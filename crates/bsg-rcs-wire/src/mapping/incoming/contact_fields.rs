//! The fields that contacts of an account can have.

use bsg_rcs_domain::ContactFieldId;

use super::Unmappable;
use crate::generated as wire;
use crate::lenient::Flag;

/// What a field of contacts holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ContactFieldKind {
    /// A text.
    Text,
    /// A date.
    Date,
    /// A number.
    Number,
}

impl From<ContactFieldKind> for wire::ContactFieldType {
    fn from(kind: ContactFieldKind) -> Self {
        match kind {
            ContactFieldKind::Text => Self::Text,
            ContactFieldKind::Date => Self::Date,
            ContactFieldKind::Number => Self::Number,
        }
    }
}

/// A field that contacts of the account have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContactField {
    /// The platform's id.
    pub id: ContactFieldId,
    /// Its name, unique in the account.
    pub name: Option<String>,
    /// What it holds, or the word that we do not know.
    pub kind: Result<ContactFieldKind, String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is shown; `None` if that is not said, or cannot be read.
    pub is_visible: Option<bool>,
}

/// A field of contacts.
///
/// # Errors
/// [`Unmappable`] without an id.
pub fn contact_field(wire: &wire::ContactField) -> Result<ContactField, Unmappable> {
    let missing = Unmappable { what: "the contact field", field: "id" };
    Ok(ContactField {
        id: ContactFieldId::new(wire.id.ok_or(missing)?.0),
        name: wire.name.clone(),
        kind: kind(wire.r#type.as_ref()),
        description: wire.description.clone(),
        is_visible: wire.is_visible.and_then(Flag::get),
    })
}

fn kind(word: Option<&wire::ContactFieldType>) -> Result<ContactFieldKind, String> {
    match word {
        Some(wire::ContactFieldType::Text) => Ok(ContactFieldKind::Text),
        Some(wire::ContactFieldType::Date) => Ok(ContactFieldKind::Date),
        Some(wire::ContactFieldType::Number) => Ok(ContactFieldKind::Number),
        Some(wire::ContactFieldType::Other(word)) => Err(word.clone()),
        None => Err(String::new()),
    }
}
