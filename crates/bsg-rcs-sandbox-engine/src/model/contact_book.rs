//! The contact book of an account: numbers with what is known of them. A number is in the book once.

use std::collections::BTreeMap;

use bsg_rcs_domain::Msisdn;

use crate::model::time::VirtualTime;

/// A contact.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: u64,
    /// Its number.
    pub phone: Msisdn,
    /// Values by the field's id.
    pub fields: BTreeMap<u64, String>,
    /// When it was made.
    pub created: VirtualTime,
}

/// The values of fields are personal: how many there are is all that is shown.
impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contact")
            .field("id", &self.id)
            .field("phone", &self.phone)
            .field("fields", &self.fields.len())
            .field("created", &self.created)
            .finish()
    }
}

/// The contact book of an account.
#[derive(Debug, Default)]
pub struct ContactBook {
    by_id: BTreeMap<u64, Contact>,
    by_phone: BTreeMap<Msisdn, u64>,
}

impl ContactBook {
    /// Every contact, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Contact> {
        self.by_id.values()
    }

    /// The contact with this id.
    pub fn get(&self, id: u64) -> Option<&Contact> {
        self.by_id.get(&id)
    }

    /// The contact with this number.
    pub fn of(&self, phone: Msisdn) -> Option<&Contact> {
        self.get(*self.by_phone.get(&phone)?)
    }

    pub(crate) fn forget_field(&mut self, field: u64) {
        for contact in self.by_id.values_mut() {
            contact.fields.remove(&field);
        }
    }

    pub(crate) fn put(&mut self, contact: Contact) {
        self.by_phone.insert(contact.phone, contact.id);
        self.by_id.insert(contact.id, contact);
    }

    pub(crate) fn take(&mut self, id: u64) -> Option<Contact> {
        let contact = self.by_id.remove(&id)?;
        self.by_phone.remove(&contact.phone);
        Some(contact)
    }
}
