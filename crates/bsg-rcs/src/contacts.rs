//! Contacts of the account: numbers with fields, on contact lists.

use std::fmt;

use bsg_rcs_domain::{ContactFieldId, ContactId, ContactListId, Msisdn};
use bsg_rcs_transport::http::Method;
use bsg_rcs_wire::Data;
use bsg_rcs_wire::generated::{self as wire, paths, query};
use bsg_rcs_wire::mapping::incoming::{self, Contact};
use bsg_rcs_wire::mapping::outgoing;

use crate::call::{Call, misread, path};
use crate::client::Client;
use crate::error::Error;
use crate::listing::{self, Listed, Listing, Page};

/// The most ids of one call that names them in its address.
const DELETE_IDS: usize = 200;

/// Calls about contacts.
#[derive(Debug, Clone, Copy)]
pub struct Contacts<'a>(pub(crate) &'a Client);

impl Client {
    /// Contacts.
    pub fn contacts(&self) -> Contacts<'_> {
        Contacts(self)
    }
}

/// A contact as it is made or changed. What is not given stays as it is.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct ContactDraft {
    number: Msisdn,
    fields: Option<Vec<(ContactFieldId, String)>>,
    lists: Option<Vec<ContactListId>>,
}

impl ContactDraft {
    /// A contact with this number. In an account in test mode it must be a verified one.
    pub const fn new(number: Msisdn) -> Self {
        Self { number, fields: None, lists: None }
    }

    /// What a field holds, by the field's id in the account.
    pub fn field(mut self, id: impl Into<ContactFieldId>, value: impl Into<String>) -> Self {
        self.fields.get_or_insert_default().push((id.into(), value.into()));
        self
    }

    /// The contact lists that it is on, by their ids.
    pub fn lists(mut self, ids: impl IntoIterator<Item = ContactListId>) -> Self {
        self.lists = Some(ids.into_iter().collect());
        self
    }

    fn body(&self) -> wire::ContactDraft {
        outgoing::contact(self.number, self.fields.as_deref(), self.lists.as_deref())
    }
}

/// Without the fields, which hold names and the like.
impl fmt::Debug for ContactDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactDraft").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Contacts<'_> {
    /// Makes a contact (`POST /api/contacts`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses (it has a contact with this number), or
    /// answers something else.
    pub async fn create(self, contact: &ContactDraft) -> Result<Contact, Error> {
        let call = Call::change(Method::POST, paths::CONTACTS).json(&contact.body())?;
        read(self.0.ask(&call).await?)
    }

    /// A contact by its id (`GET /api/contacts/{id}`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, has none, or answers something else.
    pub async fn get(self, id: impl Into<ContactId>) -> Result<Contact, Error> {
        read(self.0.ask(&Call::get(path(paths::CONTACTS_ID, id.into()))).await?)
    }

    /// Changes a contact (`PUT /api/contacts/{id}`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn change(
        self,
        id: impl Into<ContactId>,
        contact: &ContactDraft,
    ) -> Result<Contact, Error> {
        let call =
            Call::change(Method::PUT, path(paths::CONTACTS_ID, id.into())).json(&contact.body())?;
        read(self.0.ask(&call).await?)
    }

    /// Deletes a contact (`DELETE /api/contacts/{id}`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, or has none.
    pub async fn delete(self, id: impl Into<ContactId>) -> Result<(), Error> {
        self.0.tell(&Call::change(Method::DELETE, path(paths::CONTACTS_ID, id.into()))).await
    }

    /// Deletes contacts by their ids, and all contacts of lists (`POST /api/contacts/delete`), in
    /// calls of at most 200 ids. With neither, nothing is asked of the platform.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, or refuses. What calls before that one deleted
    /// stays deleted.
    pub async fn delete_many(
        self,
        ids: &[ContactId],
        of_lists: &[ContactListId],
    ) -> Result<(), Error> {
        // Ids stand in the address, whose length is bounded.
        let contacts = ids.iter().map(|id| (query::CONTACT_IDS, id.get()));
        let lists = of_lists.iter().map(|id| (query::GROUP_IDS, id.get()));
        let all: Vec<_> = contacts.chain(lists).collect();
        for some in all.chunks(DELETE_IDS) {
            let call = Call::change(Method::POST, paths::CONTACTS_DELETE);
            self.0.tell(&some.iter().fold(call, |call, (name, id)| call.query(name, id))).await?;
        }
        Ok(())
    }

    /// The contacts with this number (`GET /api/contacts/search`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn find(self, number: Msisdn) -> Result<Vec<Contact>, Error> {
        let call = Call::get(paths::CONTACTS_SEARCH).search("phone", "=", number.digits());
        let page: Listed<wire::Contact> = self.0.ask(&call).await?;
        Page::of(&page, incoming::contact).narrowed(|contact| Some(contact.number? == number))
    }

    /// The contacts of which a field equals a value (`GET /api/contacts/search`), one page.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn find_by_field(
        self,
        field: impl Into<ContactFieldId>,
        value: &str,
        offset: u64,
        limit: u32,
    ) -> Result<Page<Contact>, Error> {
        let call = Call::get(paths::CONTACTS_SEARCH)
            .page(offset, limit)
            .query(query::SEARCH_FIELDS_0_FIELD, field.into())
            .query(query::SEARCH_FIELDS_0_OPERATOR, "=")
            .query(query::SEARCH_FIELDS_0_VALUE, value);
        let page: Listed<wire::Contact> = self.0.ask(&call).await?;
        Ok(Page::of(&page, incoming::contact))
    }

    /// One page of the contacts (`GET /api/contacts`): of these lists, or all. `limit` is brought
    /// within 15 to 500.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn page(
        self,
        of_lists: &[ContactListId],
        offset: u64,
        limit: u32,
    ) -> Result<Page<Contact>, Error> {
        let mut call = Call::get(paths::CONTACTS).page(offset, limit);
        for list in of_lists {
            call = call.query(query::GROUPS, list);
        }
        let page: Listed<wire::Contact> = self.0.ask(&call).await?;
        Ok(Page::of(&page, incoming::contact))
    }

    /// All contacts, of these lists or of the account, page by page. It ends with the first error.
    pub fn all(self, of_lists: &[ContactListId]) -> Listing<Contact> {
        let (client, of_lists) = (self.0.clone(), of_lists.to_vec());
        let id = |contact: &Contact| Some(contact.id.get());
        Listing::new(listing::every(listing::LIMIT, id, move |offset, limit| {
            let (client, of_lists) = (client.clone(), of_lists.clone());
            async move { client.contacts().page(&of_lists, offset, limit).await }
        }))
    }
}

fn read(answer: Data<wire::Contact>) -> Result<Contact, Error> {
    let contact = answer.data.ok_or_else(|| misread(&"the contact is missing"))?;
    Ok(incoming::contact(&contact)?)
}
