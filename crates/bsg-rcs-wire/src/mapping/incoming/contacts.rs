//! The stop list, contacts and contact lists.

use std::collections::BTreeMap;

use bsg_rcs_domain::{CivilDateTime, ContactId, ContactListId, Msisdn, StopListEntryId};

use super::{Unmappable, civil, count, number};
use crate::generated as wire;
use crate::lenient::{Flag, Id};

/// A number on the stop list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StopListEntry {
    /// What it is taken off the list by.
    pub id: StopListEntryId,
    /// The number; `None` if the platform keeps one that is none.
    pub number: Option<Msisdn>,
    /// Since when.
    pub created_at: Option<CivilDateTime>,
    /// Whether RCS to it is stopped; `None` if that is not said, or cannot be read.
    pub rcs: Option<bool>,
    /// Whether SMS to it are stopped; `None` as above.
    pub sms: Option<bool>,
    /// Whether Viber messages to it are stopped; `None` as above.
    pub viber: Option<bool>,
}

/// A contact of the account.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// The platform's id.
    pub id: ContactId,
    /// The number; `None` if the platform keeps one that is none.
    pub number: Option<Msisdn>,
    /// What its fields hold, by the field's id.
    pub fields: BTreeMap<String, String>,
    /// Ids of the contact lists that it is on.
    pub lists: Vec<ContactListId>,
    /// Since when.
    pub created_at: Option<CivilDateTime>,
    /// What the last look-up of the number in its network said.
    pub hlr_status: Option<String>,
}

/// Without the fields, which hold names and the like.
impl core::fmt::Debug for Contact {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Contact")
            .field("id", &self.id)
            .field("number", &self.number)
            .field("lists", &self.lists)
            .finish_non_exhaustive()
    }
}

/// A contact list of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContactList {
    /// The platform's id.
    pub id: ContactListId,
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is the account's default list; `None` if that is not said, or cannot be read.
    pub is_default: Option<bool>,
    /// Since when.
    pub created_at: Option<CivilDateTime>,
    /// Contacts on it; searches do not say it.
    pub contacts: Option<u64>,
    /// Contacts on it that are on the stop list; searches do not say it.
    pub stopped: Option<u64>,
}

/// An entry of the stop list.
///
/// # Errors
/// [`Unmappable`] without an id.
pub fn stop_list_entry(wire: &wire::StopListEntry) -> Result<StopListEntry, Unmappable> {
    Ok(StopListEntry {
        id: id("the stop list's entry", wire.id)?,
        number: number(wire.phone),
        created_at: civil(wire.created_at.as_ref()),
        rcs: wire.rcs_stoplist.and_then(Flag::get),
        sms: wire.sms_stoplist.and_then(Flag::get),
        viber: wire.viber_stoplist.and_then(Flag::get),
    })
}

/// A contact.
///
/// # Errors
/// [`Unmappable`] without an id.
pub fn contact(wire: &wire::Contact) -> Result<Contact, Unmappable> {
    let lists = wire.groups.iter().flatten().filter_map(|list| list.id).map(|id| id.0.into());
    Ok(Contact {
        id: id("the contact", wire.id)?,
        number: number(wire.phone),
        fields: wire.fields.clone().unwrap_or_default().0,
        lists: lists.collect(),
        created_at: civil(wire.created_at.as_ref()),
        hlr_status: wire.hlr_status.clone(),
    })
}

/// A contact list.
///
/// # Errors
/// [`Unmappable`] without an id.
pub fn contact_list(wire: &wire::ContactList) -> Result<ContactList, Unmappable> {
    Ok(ContactList {
        id: id("the contact list", wire.id)?,
        name: wire.name.clone(),
        description: wire.description.clone(),
        is_default: wire.default.or(wire.is_default).and_then(Flag::get),
        created_at: civil(wire.created_at.as_ref()),
        contacts: count(wire.items),
        stopped: count(wire.stop_list_count),
    })
}

fn id<T: From<u64>>(what: &'static str, id: Option<Id>) -> Result<T, Unmappable> {
    id.map(|id| id.0.into()).ok_or(Unmappable { what, field: "id" })
}
