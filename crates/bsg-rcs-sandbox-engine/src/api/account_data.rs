//! What the engine is asked to do with an account's stop list, contact book and contact lists.

use std::collections::{BTreeMap, BTreeSet};

use bsg_rcs_domain::Msisdn;
use serde::{Deserialize, Serialize};

use crate::model::channel::AnyChannel;
use crate::model::contact_fields::ContactFieldKind;
use crate::model::written;

/// What is asked of a stop list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StopListCommand {
    /// Stop these channels for these numbers.
    Attach {
        /// The numbers.
        #[serde(with = "written::numbers")]
        phones: Vec<Msisdn>,
        /// The channels.
        channels: BTreeSet<AnyChannel>,
    },
    /// Open these channels again.
    Detach {
        /// Ids of the entries.
        ids: Vec<u64>,
        /// The channels.
        channels: BTreeSet<AnyChannel>,
    },
}

/// What is asked of a contact book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ContactCommand {
    /// Make a contact.
    Make(ContactDraft),
    /// Change the one with this id.
    Change(u64, ContactDraft),
    /// Delete the one with this id.
    Delete(u64),
    /// Delete these, and those on these lists. The lists stay.
    DeleteMany {
        /// Ids of the contacts.
        contacts: Vec<u64>,
        /// Ids of the lists.
        lists: Vec<u64>,
    },
}

/// A contact as it is made or changed. What a change does not name stays as it is; what it names is replaced whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactDraft {
    /// Its number.
    #[serde(with = "written::number")]
    pub phone: Msisdn,
    /// Values by the field's id.
    pub fields: Option<BTreeMap<u64, String>>,
    /// Ids of the lists that it is on.
    pub lists: Option<Vec<u64>>,
}

/// The values of fields are personal: how many there are is all that is shown.
impl std::fmt::Debug for ContactDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContactDraft")
            .field("phone", &self.phone)
            .field("fields", &self.fields.as_ref().map(BTreeMap::len))
            .field("lists", &self.lists)
            .finish()
    }
}

/// What is asked of contact lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ListCommand {
    /// Make one.
    Make(ListDraft),
    /// Change the one with this id.
    Change(u64, ListDraft),
    /// Delete the one with this id.
    Delete(u64),
    /// Put contacts on lists.
    Attach(Members),
    /// Take contacts off lists.
    Detach(Members),
}

/// A list as it is made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListDraft {
    /// Its name.
    pub name: String,
    /// What it is for; in a change, nothing leaves it as it is.
    pub description: Option<String>,
    /// Whether it is the account's default list; in a change, nothing leaves it as it is.
    pub default: Option<bool>,
}

/// Which contacts go on or off which lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Members {
    /// Ids of the contacts.
    pub contacts: Vec<u64>,
    /// Ids of the lists.
    pub lists: Vec<u64>,
}

/// What is asked of the fields that contacts have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ContactFieldCommand {
    /// Make one.
    Make {
        /// Its name, which no other field of the account has.
        name: String,
        /// What it holds.
        kind: ContactFieldKind,
        /// What it is for.
        description: Option<String>,
        /// Whether it is shown.
        visible: bool,
    },
    /// Change the one with this id; what is not named stays as it is.
    Change {
        /// Its id.
        id: u64,
        /// Its name.
        name: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// Whether it is shown.
        visible: Option<bool>,
    },
    /// Delete these, with the values that contacts have in them.
    Delete(Vec<u64>),
}

/// What is asked of statistics jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StatJobCommand {
    /// Make one of these messages; what is not the account's is left out.
    Make(Vec<u64>),
    /// Delete the one with this key.
    Delete(u64),
}
