//! The contact book of an account: numbers with what is known of them.
//!
//! A number is in the book once. An account in test mode keeps verified numbers only. Which lists a contact is on is
//! kept by the lists.

use std::collections::{BTreeMap, BTreeSet};

use bsg_rcs_domain::Msisdn;

use super::Engine;
use super::command::{Addressee, Answer, Outcome, Refusal, RefusalKind};
use super::record::AccountIx;
use super::time::VirtualTime;

/// What is said of a contact that is not there, where a request names several.
pub(super) const INVALID_CONTACT: &str = "Invalid contact id";

/// What is asked of a contact book.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Clone, PartialEq, Eq)]
pub struct ContactDraft {
    /// Its number.
    pub phone: Msisdn,
    /// Values by the field's id.
    pub fields: Option<BTreeMap<u64, String>>,
    /// Ids of the lists that it is on.
    pub lists: Option<Vec<u64>>,
}

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
impl std::fmt::Debug for ContactDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContactDraft")
            .field("phone", &self.phone)
            .field("fields", &self.fields.as_ref().map(BTreeMap::len))
            .field("lists", &self.lists)
            .finish()
    }
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
pub struct Contacts {
    by_id: BTreeMap<u64, Contact>,
    by_phone: BTreeMap<Msisdn, u64>,
}

impl Contacts {
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

    fn put(&mut self, contact: Contact) {
        self.by_phone.insert(contact.phone, contact.id);
        self.by_id.insert(contact.id, contact);
    }

    fn take(&mut self, id: u64) -> Option<Contact> {
        let contact = self.by_id.remove(&id)?;
        self.by_phone.remove(&contact.phone);
        Some(contact)
    }
}

impl Engine {
    pub(super) fn contacts(&mut self, account: AccountIx, command: ContactCommand) -> Answer {
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

    /// Refuses a draft that the book cannot take, made by nobody or as the contact with this id.
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
    pub(super) fn add_to_contact_book(&mut self, account: AccountIx, to: &[Addressee]) {
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
