//! The fields that contacts of the account have, besides their number.

use bsg_rcs_domain::ContactFieldId;
use bsg_rcs_transport::http::Method;
use bsg_rcs_wire::generated::{self as wire, paths};
use bsg_rcs_wire::mapping::incoming::{self, ContactField, ContactFieldKind};
use bsg_rcs_wire::{Data, Id};

use crate::call::{Call, misread, path, unbuilt};
use crate::contacts::Contacts;
use crate::error::Error;
use crate::listing::{Listed, Page};

/// A field of contacts as it is made.
///
/// Bounds are checked by [`Contacts::create_field`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ContactFieldDraft {
    name: String,
    kind: ContactFieldKind,
    description: Option<String>,
    is_visible: Option<bool>,
}

impl ContactFieldDraft {
    /// A field with this name, 1 to 30 characters and unique in the account.
    pub fn new(name: impl Into<String>, kind: ContactFieldKind) -> Self {
        Self { name: name.into(), kind, description: None, is_visible: None }
    }

    /// What it is for, 1 to 255 characters.
    pub fn description(self, text: impl Into<String>) -> Self {
        Self { description: Some(text.into()), ..self }
    }

    /// Whether it is shown. The platform shows it unless told otherwise.
    pub fn visible(self, is_visible: bool) -> Self {
        Self { is_visible: Some(is_visible), ..self }
    }

    fn body(&self) -> Result<wire::ContactFieldDraft, Error> {
        judge(Some(&self.name), self.description.as_deref())?;
        Ok(wire::ContactFieldDraft {
            name: self.name.clone(),
            r#type: self.kind.into(),
            description: self.description.clone(),
            is_visible: self.is_visible,
        })
    }
}

/// What is changed about a field of contacts: at least one thing. What is not given stays as it is.
///
/// Bounds are checked by [`Contacts::change_field`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct ContactFieldChange {
    name: Option<String>,
    description: Option<String>,
    is_visible: Option<bool>,
}

impl ContactFieldChange {
    /// Another name, 1 to 30 characters and unique in the account.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Another description, 1 to 255 characters.
    pub fn description(self, text: impl Into<String>) -> Self {
        Self { description: Some(text.into()), ..self }
    }

    /// Whether it is shown.
    pub fn visible(self, is_visible: bool) -> Self {
        Self { is_visible: Some(is_visible), ..self }
    }

    fn body(&self) -> Result<wire::ContactFieldChange, Error> {
        if *self == Self::default() {
            return Err(unbuilt(&"a change of a contact field must change something"));
        }
        judge(self.name.as_deref(), self.description.as_deref())?;
        Ok(wire::ContactFieldChange {
            name: self.name.clone(),
            description: self.description.clone(),
            is_visible: self.is_visible,
        })
    }
}

impl Contacts<'_> {
    /// The most fields that one call deletes.
    pub const FIELDS_DELETE_MAX: usize = 30;
    /// The most characters of a field's name; the least is 1.
    pub const FIELD_NAME_MAX: usize = 30;
    /// The most characters of a field's description; the least is 1.
    pub const FIELD_DESCRIPTION_MAX: usize = 255;

    /// Every field that contacts of the account have (`GET /api/contacts/fields`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else; an item that
    /// cannot be read is an error too.
    pub async fn fields(self) -> Result<Vec<ContactField>, Error> {
        let list: Listed<wire::ContactField> =
            self.0.ask(&Call::get(paths::CONTACTS_FIELDS)).await?;
        Page::of(&list, incoming::contact_field).all_of_it()
    }

    /// Makes a field (`POST /api/contacts/fields`).
    ///
    /// # Errors
    /// [`Error`] if the name or the description is out of bounds, or the platform cannot be reached,
    /// refuses (there is one of this name), or answers something else.
    pub async fn create_field(self, field: &ContactFieldDraft) -> Result<ContactField, Error> {
        let call = Call::change(Method::POST, paths::CONTACTS_FIELDS).json(&field.body()?)?;
        read(self.0.ask(&call).await?)
    }

    /// Changes a field's name, description or visibility (`PATCH /api/contacts/fields/{id}`). What it
    /// holds stays what it was.
    ///
    /// # Errors
    /// [`Error`] if nothing is changed, the name or the description is out of bounds, or the platform
    /// cannot be reached, has no such field, refuses, or answers something else.
    pub async fn change_field(
        self,
        id: impl Into<ContactFieldId>,
        change: &ContactFieldChange,
    ) -> Result<ContactField, Error> {
        let address = path(paths::CONTACTS_FIELDS_ID, id.into());
        let call = Call::change(Method::PATCH, address).json(&change.body()?)?;
        read(self.0.ask(&call).await?)
    }

    /// Deletes fields, with the values that contacts have in them
    /// (`POST /api/contacts/fields/delete`), in calls of at most
    /// [`FIELDS_DELETE_MAX`](Self::FIELDS_DELETE_MAX) ids. Without ids nothing is asked of the
    /// platform.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, or refuses. What calls before that one deleted
    /// stays deleted.
    pub async fn delete_fields(self, ids: &[ContactFieldId]) -> Result<(), Error> {
        for some in ids.chunks(Self::FIELDS_DELETE_MAX) {
            let ids = some.iter().map(|id| Id(id.get())).collect();
            let body = wire::ContactFieldDeletion { ids };
            let call = Call::change(Method::POST, paths::CONTACTS_FIELDS_DELETE).json(&body)?;
            self.0.tell(&call).await?;
        }
        Ok(())
    }
}

/// Refuses a name or a description that the platform would refuse for its length.
fn judge(name: Option<&str>, description: Option<&str>) -> Result<(), Error> {
    let texts = [
        ("name", name, Contacts::FIELD_NAME_MAX),
        ("description", description, Contacts::FIELD_DESCRIPTION_MAX),
    ];
    for (what, text, most) in texts {
        let count = text.map(|text| text.chars().count());
        if let Some(count) = count.filter(|count| *count == 0 || *count > most) {
            let why =
                format!("a contact field's {what} must have 1 to {most} characters, found {count}");
            return Err(unbuilt(&why));
        }
    }
    Ok(())
}

fn read(answer: Data<wire::ContactField>) -> Result<ContactField, Error> {
    let field = answer.data.ok_or_else(|| misread(&"the contact field is missing"))?;
    Ok(incoming::contact_field(&field)?)
}
