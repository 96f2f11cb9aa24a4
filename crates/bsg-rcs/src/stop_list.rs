//! The stop list: numbers that are not to be messaged.

use bsg_rcs_domain::{Msisdn, StopListEntryId};
use bsg_rcs_transport::http::Method;
use bsg_rcs_wire::generated::{self as wire, paths, query};
use bsg_rcs_wire::mapping::incoming::{StopListEntry, stop_list_entry};
use bsg_rcs_wire::mapping::outgoing::{self, StoppedChannel};

use crate::call::{Call, at_most};
use crate::client::Client;
use crate::error::Error;
use crate::listing::{self, Listed, Listing, Page};

/// Calls about the stop list.
#[derive(Debug, Clone, Copy)]
pub struct StopList<'a>(pub(crate) &'a Client);

impl Client {
    /// The stop list: numbers that are not to be messaged.
    pub fn stop_list(&self) -> StopList<'_> {
        StopList(self)
    }
}

impl StopList<'_> {
    /// The most numbers that one call adds.
    pub const ADD_MAX: usize = 1000;
    /// The most entries that one call removes.
    pub const REMOVE_MAX: usize = 200;

    /// Puts numbers on the list, for these channels (`POST /api/stoplist/attach`). Without
    /// numbers or channels nothing is asked of the platform.
    ///
    /// # Errors
    /// [`Error`] if there are more than [`ADD_MAX`](Self::ADD_MAX) numbers, or the platform cannot
    /// be reached, refuses, or answers something else.
    pub async fn add(
        self,
        numbers: &[Msisdn],
        channels: &[StoppedChannel],
    ) -> Result<Vec<StopListEntry>, Error> {
        at_most("numbers", numbers.len(), Self::ADD_MAX)?;
        if numbers.is_empty() || channels.is_empty() {
            return Ok(Vec::new());
        }
        let body = outgoing::stop_list_attach(numbers, channels);
        let call = Call::change(Method::POST, paths::STOPLIST_ATTACH).json(&body)?;
        let answer: Listed<wire::StopListEntry> = self.0.ask(&call).await?;
        Page::of(&answer, stop_list_entry).all_of_it()
    }

    /// Takes entries off the list, for these channels (`POST /api/stoplist/detach`). Entries are
    /// named by their id: [`find`](Self::find) tells it.
    ///
    /// # Errors
    /// [`Error`] if there are more than [`REMOVE_MAX`](Self::REMOVE_MAX) entries, or the platform
    /// cannot be reached or refuses.
    pub async fn remove(
        self,
        entries: &[StopListEntryId],
        channels: &[StoppedChannel],
    ) -> Result<(), Error> {
        at_most("entries", entries.len(), Self::REMOVE_MAX)?;
        if entries.is_empty() || channels.is_empty() {
            return Ok(());
        }
        let body = outgoing::stop_list_detach(entries, channels);
        self.0.tell(&Call::change(Method::POST, paths::STOPLIST_DETACH).json(&body)?).await
    }

    /// The entries of a number (`GET /api/stoplist/search`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn find(self, number: Msisdn) -> Result<Vec<StopListEntry>, Error> {
        let call = Call::get(paths::STOPLIST_SEARCH).search("phone", "=", number.digits());
        let page: Listed<wire::StopListEntry> = self.0.ask(&call).await?;
        Page::of(&page, stop_list_entry).narrowed(|entry| Some(entry.number? == number))
    }

    /// One page of the list (`GET /api/stoplist`), of one channel or of all. `limit` is brought
    /// within 15 to 500.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn page(
        self,
        channel: Option<StoppedChannel>,
        offset: u64,
        limit: u32,
    ) -> Result<Page<StopListEntry>, Error> {
        let mut call = Call::get(paths::STOPLIST).page(offset, limit);
        if let Some(channel) = channel {
            call = call.query(query::TYPE, channel.as_str());
        }
        let page: Listed<wire::StopListEntry> = self.0.ask(&call).await?;
        Ok(Page::of(&page, stop_list_entry))
    }

    /// The whole list, page by page. It ends with the first error.
    pub fn all(self, channel: Option<StoppedChannel>) -> Listing<StopListEntry> {
        let client = self.0.clone();
        let id = |entry: &StopListEntry| Some(entry.id.get());
        Listing::new(listing::every(listing::LIMIT, id, move |offset, limit| {
            let client = client.clone();
            async move { client.stop_list().page(channel, offset, limit).await }
        }))
    }
}
