//! Contact lists of an account: a name, what it is for, and which contacts are on it.
//!
//! Membership is kept here and nowhere else: a contact's lists are those that hold it. Deleting a list keeps its
//! contacts.

use std::collections::{BTreeMap, BTreeSet};

use super::Engine;
use super::command::{Answer, Outcome, Refusal, RefusalKind};
use super::contacts::INVALID_CONTACT;
use super::record::AccountIx;
use super::time::VirtualTime;

/// What is said of a list that is not there.
const NO_LIST: &str = "Contact group is not found";

/// What is asked of contact lists.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDraft {
    /// Its name.
    pub name: String,
    /// What it is for; in a change, nothing leaves it as it is.
    pub description: Option<String>,
}

/// Which contacts go on or off which lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// Ids of the contacts.
    pub contacts: Vec<u64>,
    /// Ids of the lists.
    pub lists: Vec<u64>,
}

/// A contact list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactList {
    /// Its id.
    pub id: u64,
    /// Its name, which no other list of the account has.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created: VirtualTime,
    /// Ids of the contacts on it.
    pub members: BTreeSet<u64>,
}

/// The contact lists of an account.
#[derive(Debug, Default)]
pub struct ContactLists(BTreeMap<u64, ContactList>);

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

    /// Notes those that are not there, each at its place.
    pub(super) fn judge(&self, ids: &[u64], field: &str, refusal: &mut Refusal) {
        for (at, id) in ids.iter().enumerate() {
            if !self.0.contains_key(id) {
                refusal.headline(format!("{field}[{at}]"), NO_LIST);
            }
        }
    }

    /// Puts a contact on exactly these lists.
    pub(super) fn put_on(&mut self, contact: u64, lists: &[u64]) {
        for list in self.0.values_mut() {
            if lists.contains(&list.id) {
                list.members.insert(contact);
            } else {
                list.members.remove(&contact);
            }
        }
    }

    fn is_taken(&self, name: &str, but_by: Option<u64>) -> bool {
        self.all().any(|list| list.name == name && Some(list.id) != but_by)
    }
}

impl Engine {
    pub(super) fn lists(&mut self, account: AccountIx, command: ListCommand) -> Answer {
        match command {
            ListCommand::Make(draft) => self.make_list(account, draft),
            ListCommand::Change(id, draft) => self.change_list(account, id, draft),
            ListCommand::Delete(id) => {
                let lists = &mut self.books.get_mut(account).lists;
                lists.0.remove(&id).map(|_| Outcome::Done).ok_or_else(no_list)
            }
            ListCommand::Attach(members) => self.change_members(account, &members, |list, id| {
                list.members.insert(id);
            }),
            ListCommand::Detach(members) => self.change_members(account, &members, |list, id| {
                list.members.remove(&id);
            }),
        }
    }

    fn make_list(&mut self, account: AccountIx, draft: ListDraft) -> Answer {
        let lists = &mut self.books.get_mut(account).lists;
        refuse_taken(lists, &draft.name, None)?;
        let ListDraft { name, description } = draft;
        let (id, created) = (self.ids.fresh(), self.now);
        let list = ContactList { id, name, description, created, members: BTreeSet::new() };
        lists.0.insert(id, list);
        Ok(Outcome::List(id))
    }

    fn change_list(&mut self, account: AccountIx, id: u64, draft: ListDraft) -> Answer {
        let lists = &mut self.books.get_mut(account).lists;
        lists.get(id).ok_or_else(no_list)?;
        refuse_taken(lists, &draft.name, Some(id))?;
        let list = lists.0.get_mut(&id).ok_or_else(no_list)?;
        list.name = draft.name;
        list.description = draft.description.or(list.description.take());
        Ok(Outcome::List(id))
    }

    fn change_members(
        &mut self,
        account: AccountIx,
        members: &Members,
        change: impl Fn(&mut ContactList, u64),
    ) -> Answer {
        let account = self.books.get_mut(account);
        let mut refusal = Refusal::invalid();
        account.lists.judge(&members.lists, "groups", &mut refusal);
        for (at, id) in members.contacts.iter().enumerate() {
            if account.contacts.get(*id).is_none() {
                refusal.headline(format!("contacts[{at}]"), INVALID_CONTACT);
            }
        }
        refusal.unless_empty()?;
        for id in &members.lists {
            let Some(list) = account.lists.0.get_mut(id) else { continue };
            for contact in &members.contacts {
                change(list, *contact);
            }
        }
        Ok(Outcome::Done)
    }
}

fn refuse_taken(lists: &ContactLists, name: &str, but_by: Option<u64>) -> Result<(), Refusal> {
    let mut refusal = Refusal::invalid();
    if lists.is_taken(name, but_by) {
        refusal.headline("name", "Contact group is already exists");
    }
    refusal.unless_empty()
}

fn no_list() -> Refusal {
    Refusal::because(RefusalKind::NotFound, NO_LIST)
}
