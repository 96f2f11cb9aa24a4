//! Changes of the contact book. An account in test mode keeps verified numbers only.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::account_data::{ContactCommand, ContactDraft};
use crate::api::addressee::Addressee;
use crate::api::outcome::{Answer, Outcome, Refusal, RefusalKind};
use crate::model::contact_book::Contact;
use crate::model::ids::AccountIx;
use crate::state::Engine;

/// What is said of a contact that is not there, where a request names several.
pub(crate) const INVALID_CONTACT: &str = "Invalid contact id";

impl Engine {
    pub(crate) fn contacts(&mut self, account: AccountIx, command: ContactCommand) -> Answer {
        match command {
            ContactCommand::Make(draft) => self.make_contact(account, draft),
            ContactCommand::Change(id, draft) => self.change_contact(account, id, draft),
            ContactCommand::Delete(id) => {
                self.books.get(account).contacts.get(id).ok_or_else(no_contact)?;
                self.forget_contact(account, id);
                Ok(Outcome::Done)
            }
            ContactCommand::DeleteMany { contacts, lists } => {
                self.delete_contacts(account, &contacts, &lists)
            }
        }
    }

    fn make_contact(&mut self, account: AccountIx, draft: ContactDraft) -> Answer {
        self.judge_contact(account, None, &draft)?;
        let (id, created) = (self.ids.fresh(), self.now);
        let fields = draft.fields.unwrap_or_default();
        let account = self.books.get_mut(account);
        account.contacts.put(Contact { id, phone: draft.phone, fields, created });
        account.lists.put_on(id, &draft.lists.unwrap_or_default());
        Ok(Outcome::Contact(id))
    }

    fn change_contact(&mut self, account: AccountIx, id: u64, draft: ContactDraft) -> Answer {
        self.books.get(account).contacts.get(id).ok_or_else(no_contact)?;
        self.judge_contact(account, Some(id), &draft)?;
        let account = self.books.get_mut(account);
        let mut contact = account.contacts.take(id).ok_or_else(no_contact)?;
        contact.phone = draft.phone;
        contact.fields = draft.fields.unwrap_or(contact.fields);
        account.contacts.put(contact);
        if let Some(lists) = draft.lists {
            account.lists.put_on(id, &lists);
        }
        Ok(Outcome::Contact(id))
    }

    /// Refuses a draft that the book cannot take, new or as the contact with this id.
    fn judge_contact(
        &self,
        account: AccountIx,
        id: Option<u64>,
        draft: &ContactDraft,
    ) -> Result<(), Refusal> {
        let mut refusal = Refusal::invalid();
        if self.is_unverified(account, draft.phone) {
            refusal.add("phone", "In test mode contacts have verified numbers only.");
        }
        let account = self.books.get(account);
        if account.contacts.of(draft.phone).is_some_and(|contact| Some(contact.id) != id) {
            refusal.headline("phone", "Phone number is already exist in contact book");
        }
        account.lists.judge(draft.lists.as_deref().unwrap_or_default(), "groups", &mut refusal);
        refusal.unless_empty()
    }

    fn delete_contacts(&mut self, account: AccountIx, contacts: &[u64], lists: &[u64]) -> Answer {
        let owner = self.books.get(account);
        let mut refusal = Refusal::invalid();
        if contacts.is_empty() && lists.is_empty() {
            refusal.add("contact_ids[]", "Name contacts or groups.");
        }
        if contacts.iter().any(|id| owner.contacts.get(*id).is_none()) {
            refusal.headline("contact_ids[]", INVALID_CONTACT);
        }
        owner.lists.judge(lists, "group_ids", &mut refusal);
        refusal.unless_empty()?;
        let mut doomed: BTreeSet<u64> = owner.lists.members_of(lists);
        doomed.extend(contacts);
        for id in doomed {
            self.forget_contact(account, id);
        }
        Ok(Outcome::Done)
    }

    fn forget_contact(&mut self, account: AccountIx, id: u64) {
        let account = self.books.get_mut(account);
        account.contacts.take(id);
        account.lists.put_on(id, &[]);
    }

    /// Keeps the numbers of a send as contacts, where they are not yet and may be.
    pub(crate) fn add_to_contact_book(&mut self, account: AccountIx, to: &[Addressee]) {
        for Addressee { number, .. } in to {
            let known = self.books.get(account).contacts.of(*number).is_some();
            if known || self.is_unverified(account, *number) {
                continue;
            }
            let (id, created) = (self.ids.fresh(), self.now);
            let contact = Contact { id, phone: *number, fields: BTreeMap::new(), created };
            self.books.get_mut(account).contacts.put(contact);
        }
    }
}

fn no_contact() -> Refusal {
    Refusal::because(RefusalKind::NotFound, "Contact is not found")
}
