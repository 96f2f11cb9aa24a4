//! Changes of contact lists. Deleting a list keeps its contacts.

use std::collections::BTreeSet;

use crate::api::account_data::{ListCommand, ListDraft, Members};
use crate::api::outcome::{Answer, Outcome, Refusal, RefusalKind};
use crate::model::contact_lists::{ContactList, ContactLists};
use crate::model::ids::AccountIx;
use crate::rules::contacts::INVALID_CONTACT;
use crate::state::Engine;

/// What is said of a list that is not there.
const NO_LIST: &str = "Contact group is not found";

impl ContactLists {
    /// Notes those that are not there, each at its place.
    pub(crate) fn judge(&self, ids: &[u64], field: &str, refusal: &mut Refusal) {
        for (at, id) in ids.iter().enumerate() {
            if !self.0.contains_key(id) {
                refusal.headline(format!("{field}[{at}]"), NO_LIST);
            }
        }
    }

    /// Makes a list the default one, or no longer; there is one at most.
    fn set_default(&mut self, id: u64, default: Option<bool>) {
        let Some(default) = default else { return };
        for list in self.0.values_mut() {
            list.default =
                (list.id == id && default) || (list.id != id && list.default && !default);
        }
    }

    fn is_taken(&self, name: &str, but_by: Option<u64>) -> bool {
        self.all().any(|list| list.name == name && Some(list.id) != but_by)
    }
}

impl Engine {
    pub(crate) fn lists(&mut self, account: AccountIx, command: ListCommand) -> Answer {
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
        let ListDraft { name, description, default } = draft;
        let (id, created, members) = (self.ids.fresh(), self.now, BTreeSet::new());
        lists.0.insert(id, ContactList { id, name, description, default: false, created, members });
        lists.set_default(id, default);
        Ok(Outcome::List(id))
    }

    fn change_list(&mut self, account: AccountIx, id: u64, draft: ListDraft) -> Answer {
        let lists = &mut self.books.get_mut(account).lists;
        lists.get(id).ok_or_else(no_list)?;
        refuse_taken(lists, &draft.name, Some(id))?;
        let list = lists.0.get_mut(&id).ok_or_else(no_list)?;
        list.name = draft.name;
        list.description = draft.description.or(list.description.take());
        lists.set_default(id, draft.default);
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
