//! The bodies that change the stop list, contacts and contact lists.

use bsg_rcs_domain::{
    ContactFieldId, ContactId, ContactListDraft, ContactListId, Msisdn, StopListEntryId,
};

use super::phone;
use crate::generated as wire;
use crate::lenient::Id;

/// A channel that the stop list knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoppedChannel {
    /// RCS.
    Rcs,
    /// SMS, the alternative channel among them.
    Sms,
    /// Viber: another product, on the same list.
    Viber,
    /// WhatsApp: another product, on the same list.
    WhatsApp,
}

impl StoppedChannel {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rcs => "rcs",
            Self::Sms => "sms",
            Self::Viber => "viber",
            Self::WhatsApp => "whatsapp",
        }
    }
}

/// Numbers for the stop list, at most 1000.
pub fn stop_list_attach(numbers: &[Msisdn], channels: &[StoppedChannel]) -> wire::StopListAttach {
    wire::StopListAttach {
        phones: numbers.iter().copied().map(phone).collect(),
        types: types(channels),
    }
}

/// Entries that leave the stop list, at most 200.
pub fn stop_list_detach(
    ids: &[StopListEntryId],
    channels: &[StoppedChannel],
) -> wire::StopListDetach {
    wire::StopListDetach { ids: self::ids(ids), types: types(channels) }
}

/// A contact: its number, what its fields hold by the field's id, the lists that it is on. What is
/// `None` is left as it is.
pub fn contact(
    number: Msisdn,
    fields: Option<&[(ContactFieldId, String)]>,
    lists: Option<&[ContactListId]>,
) -> wire::ContactDraft {
    let field = |(id, value): &(ContactFieldId, String)| wire::FieldValue {
        id: Id(id.get()),
        value: value.clone(),
    };
    wire::ContactDraft {
        phone: phone(number),
        fields: fields.map(|fields| fields.iter().map(field).collect()),
        groups: lists.map(ids),
    }
}

/// A contact list.
pub fn contact_list(list: &ContactListDraft) -> wire::ContactListDraft {
    wire::ContactListDraft {
        name: list.name().to_owned(),
        description: list.description().map(str::to_owned),
        default: None,
    }
}

/// Which contacts (at most 200) go on, or off, which lists (at most 100).
pub fn list_members(contacts: &[ContactId], lists: &[ContactListId]) -> wire::ContactListMembers {
    wire::ContactListMembers { contacts: ids(contacts), groups: ids(lists) }
}

fn types(channels: &[StoppedChannel]) -> Vec<wire::Channel> {
    channels.iter().map(|channel| wire::Channel::from(channel.as_str())).collect()
}

fn ids<T: Copy + Into<u64>>(ids: &[T]) -> Vec<Id> {
    ids.iter().map(|id| Id((*id).into())).collect()
}
