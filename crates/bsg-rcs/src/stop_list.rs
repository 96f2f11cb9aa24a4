//! The stop list: numbers that are not to be messaged.

use bsg_rcs_domain::Msisdn;
use bsg_rcs_transport::http::Method;
use bsg_rcs_wire::generated::{self as wire, paths, query};
use bsg_rcs_wire::mapping::incoming::{StopListEntry, stop_list_entry};
use bsg_rcs_wire::mapping::outgoing::{self, StoppedChannel};
use bsg_rcs_wire::{Data, Page as WirePage};
use futures_util::Stream;

use crate::call::{Call, at_most, misread};
use crate::client::Client;
use crate::error::Error;
use crate::listing::{self, Page};

/// Calls about the stop list.
#[derive(Debug, Clone, Copy)]
pub struct StopList<'a>(pub(crate) &'a Client);

impl<'a> StopList<'a> {
    /// The most numbers that one call adds.
    pub const ADD_MAX: usize = 1000;
    /// The most entries that one call removes.
    pub const REMOVE_MAX: usize = 200;

    /// Puts numbers on the list, for these channels (`POST /api/stoplist/attach`).
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
        let body = outgoing::stop_list_attach(numbers, channels);
        let call = Call::change(Method::POST, paths::STOPLIST_ATTACH).json(&body)?;
        let answer: Data<Vec<wire::StopListEntry>> = self.0.ask(&call).await?;
        let entries = answer.data.ok_or_else(|| misread(&"the entries are missing"))?;
        Ok(entries.iter().map(stop_list_entry).collect::<Result<_, _>>()?)
    }

    /// Takes entries off the list, for these channels (`POST /api/stoplist/detach`). Entries are
    /// named by their id: [`find`](Self::find) tells it.
    ///
    /// # Errors
    /// [`Error`] if there are more than [`REMOVE_MAX`](Self::REMOVE_MAX) entries, or the platform
    /// cannot be reached or refuses.
    pub async fn remove(self, entries: &[u64], channels: &[StoppedChannel]) -> Result<(), Error> {
        at_most("entries", entries.len(), Self::REMOVE_MAX)?;
        let body = outgoing::stop_list_detach(entries, channels);
        self.0.tell(&Call::change(Method::POST, paths::STOPLIST_DETACH).json(&body)?).await
    }

    /// The entries of a number (`GET /api/stoplist/search`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn find(self, number: Msisdn) -> Result<Vec<StopListEntry>, Error> {
        let call = Call::get(paths::STOPLIST_SEARCH).search("phone", "=", number.digits());
        let page: WirePage<wire::StopListEntry> = self.0.ask(&call).await?;
        let mut found = Page::of(&page, stop_list_entry)?.items;
        // A platform that passes over the search answers the list from its beginning.
        found.retain(|entry| entry.number == Some(number));
        Ok(found)
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
        let page: WirePage<wire::StopListEntry> = self.0.ask(&call).await?;
        Page::of(&page, stop_list_entry)
    }

    /// The whole list, page by page. It ends with the first error.
    pub fn all(
        self,
        channel: Option<StoppedChannel>,
    ) -> impl Stream<Item = Result<StopListEntry, Error>> + Send + 'a {
        listing::every(listing::LIMIT, move |offset, limit| self.page(channel, offset, limit))
    }
}
