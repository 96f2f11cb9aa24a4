//! Contact lists of the account. The platform's own word for them is groups.

use bsg_rcs_domain::{ContactId, ContactListDraft, ContactListId};
use bsg_rcs_transport::http::Method;
use bsg_rcs_wire::Data;
use bsg_rcs_wire::generated::{self as wire, paths};
use bsg_rcs_wire::mapping::incoming::{self, ContactList};
use bsg_rcs_wire::mapping::outgoing;

use crate::call::{Call, at_most, misread, path};
use crate::client::Client;
use crate::error::Error;
use crate::listing::{self, Listed, Listing, Page};

/// Calls about contact lists.
#[derive(Debug, Clone, Copy)]
pub struct ContactLists<'a>(pub(crate) &'a Client);

impl Client {
    /// Contact lists.
    pub fn contact_lists(&self) -> ContactLists<'_> {
        ContactLists(self)
    }
}

impl ContactLists<'_> {
    /// The most contacts that one call puts on lists, or takes off them.
    pub const CONTACTS_MAX: usize = 200;
    /// The most lists that one call changes.
    pub const LISTS_MAX: usize = 100;

    /// Makes a list (`POST /api/groups`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses (there is one of this name), or answers
    /// something else.
    pub async fn create(self, list: &ContactListDraft) -> Result<ContactList, Error> {
        let body = outgoing::contact_list(list);
        let call = Call::change(Method::POST, paths::GROUPS).json(&body)?;
        read(self.0.ask(&call).await?)
    }

    /// A list by its id (`GET /api/groups/{id}`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, has none, or answers something else.
    pub async fn get(self, id: impl Into<ContactListId>) -> Result<ContactList, Error> {
        read(self.0.ask(&Call::get(path(paths::GROUPS_ID, id.into()))).await?)
    }

    /// Gives a list another name or description (`PUT /api/groups/{id}`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn change(
        self,
        id: impl Into<ContactListId>,
        list: &ContactListDraft,
    ) -> Result<ContactList, Error> {
        let body = outgoing::contact_list(list);
        let call = Call::change(Method::PUT, path(paths::GROUPS_ID, id.into())).json(&body)?;
        read(self.0.ask(&call).await?)
    }

    /// Deletes a list; its contacts stay (`DELETE /api/groups/{id}`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, or has none.
    pub async fn delete(self, id: impl Into<ContactListId>) -> Result<(), Error> {
        self.0.tell(&Call::change(Method::DELETE, path(paths::GROUPS_ID, id.into()))).await
    }

    /// Puts each of the contacts on each of the lists (`POST /api/groups/attach`). Without contacts
    /// or lists nothing is asked of the platform.
    ///
    /// # Errors
    /// [`Error`] if there are more than [`CONTACTS_MAX`](Self::CONTACTS_MAX) contacts or
    /// [`LISTS_MAX`](Self::LISTS_MAX) lists, or the platform cannot be reached or refuses.
    pub async fn attach(
        self,
        contacts: &[ContactId],
        lists: &[ContactListId],
    ) -> Result<(), Error> {
        self.membership(paths::GROUPS_ATTACH, contacts, lists).await
    }

    /// Takes each of the contacts off each of the lists (`POST /api/groups/detach`).
    ///
    /// # Errors
    /// As [`attach`](Self::attach).
    pub async fn detach(
        self,
        contacts: &[ContactId],
        lists: &[ContactListId],
    ) -> Result<(), Error> {
        self.membership(paths::GROUPS_DETACH, contacts, lists).await
    }

    async fn membership(
        self,
        to: &str,
        contacts: &[ContactId],
        lists: &[ContactListId],
    ) -> Result<(), Error> {
        at_most("contacts", contacts.len(), Self::CONTACTS_MAX)?;
        at_most("lists", lists.len(), Self::LISTS_MAX)?;
        if contacts.is_empty() || lists.is_empty() {
            return Ok(());
        }
        let body = outgoing::list_members(contacts, lists);
        self.0.tell(&Call::change(Method::POST, to).json(&body)?).await
    }

    /// The lists with this name (`GET /api/groups/search`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn find(self, name: &str) -> Result<Vec<ContactList>, Error> {
        let call = Call::get(paths::GROUPS_SEARCH).search("name", "=", name);
        let page: Listed<wire::ContactList> = self.0.ask(&call).await?;
        Page::of(&page, incoming::contact_list).narrowed(|list| Some(list.name.as_deref()? == name))
    }

    /// One page of the lists (`GET /api/groups`). `limit` is brought
    /// within 15 to 500.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn page(self, offset: u64, limit: u32) -> Result<Page<ContactList>, Error> {
        let call = Call::get(paths::GROUPS).page(offset, limit);
        let page: Listed<wire::ContactList> = self.0.ask(&call).await?;
        Ok(Page::of(&page, incoming::contact_list))
    }

    /// All lists, page by page. It ends with the first error.
    pub fn all(self) -> Listing<ContactList> {
        let client = self.0.clone();
        let id = |list: &ContactList| Some(list.id.get());
        Listing::new(listing::every(listing::LIMIT, id, move |offset, limit| {
            let client = client.clone();
            async move { client.contact_lists().page(offset, limit).await }
        }))
    }
}

fn read(answer: Data<wire::ContactList>) -> Result<ContactList, Error> {
    let list = answer.data.ok_or_else(|| misread(&"the contact list is missing"))?;
    Ok(incoming::contact_list(&list)?)
}
