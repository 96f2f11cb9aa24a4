//! Contact lists of an account: a name, what it is for, and which contacts are on it.
//!
//! Membership is kept here and nowhere else: a contact's lists are those that hold it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::time::VirtualTime;

/// A contact list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactList {
    /// Its id.
    pub id: u64,
    /// Its name, which no other list of the account has.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is the account's default list.
    pub default: bool,
    /// When it was made.
    pub created: VirtualTime,
    /// Ids of the contacts on it.
    pub members: BTreeSet<u64>,
}

/// The contact lists of an account.
#[derive(Debug, Default)]
pub struct ContactLists(pub(crate) BTreeMap<u64, ContactList>);

impl ContactLists {
    /// Every list, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &ContactList> {
        self.0.values()
    }

    /// The list with this id.
    pub fn get(&self, id: u64) -> Option<&ContactList> {
        self.0.get(&id)
    }

    /// Ids of the lists that a contact is on.
    pub fn of(&self, contact: u64) -> impl Iterator<Item = u64> {
        self.all().filter(move |list| list.members.contains(&contact)).map(|list| list.id)
    }

    /// Ids of the contacts that are on one of these lists.
    pub fn members_of(&self, lists: &[u64]) -> BTreeSet<u64> {
        lists
            .iter()
            .filter_map(|id| self.get(*id))
            .flat_map(|list| &list.members)
            .copied()
            .collect()
    }

    /// Puts a contact on exactly these lists.
    pub(crate) fn put_on(&mut self, contact: u64, lists: &[u64]) {
        for list in self.0.values_mut() {
            if lists.contains(&list.id) {
                list.members.insert(contact);
            } else {
                list.members.remove(&contact);
            }
        }
    }
}
