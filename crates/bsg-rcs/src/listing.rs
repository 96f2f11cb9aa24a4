//! Lists: one page at a time, or all of it as a stream.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bsg_rcs_wire as wire;
use futures_util::{Stream, StreamExt, stream};

use crate::call::misread;
use crate::error::Error;

/// Items of a page, where nobody asks for another number.
pub(crate) const LIMIT: u32 = 100;

/// The answer to a listing: an item that is no object is still an item.
pub(crate) type Listed<W> = wire::Page<wire::Maybe<W>>;

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// How many there are in the whole list, if the platform says so.
    pub total: Option<u64>,
    /// The most items of a page, if the platform says so: it may be less than was asked for.
    pub limit: Option<u64>,
    /// How many items of this part cannot be read. They are not among the items.
    pub unreadable: usize,
}

impl<T> Page<T> {
    /// How many items there are on this page.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none on this page.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items of an answer, each mapped; those that cannot be are counted.
    pub(crate) fn of<W, E>(page: &Listed<W>, map: impl Fn(&W) -> Result<T, E>) -> Self {
        let items: Vec<T> = page.data.iter().filter_map(|item| map(item.get()?).ok()).collect();
        let unreadable = page.data.len() - items.len();
        Self { items, total: page.total(), limit: page.limit(), unreadable }
    }

    /// The items, all of which could be read: that one is not among them must be true.
    pub(crate) fn all_of_it(self) -> Result<Vec<T>, Error> {
        match self.unreadable {
            0 => Ok(self.items),
            count => Err(misread(&format!("{count} items of the list"))),
        }
    }

    /// The items of the answer to a search that were searched for. `is_it` says nothing of an item
    /// that cannot be compared.
    ///
    /// "There is none" must have been said: a part of a list that is not narrowed, and one with items
    /// that cannot be read or compared, do not say it.
    pub(crate) fn narrowed(self, is_it: impl Fn(&T) -> Option<bool>) -> Result<Vec<T>, Error> {
        let total_agrees = self.total.is_none_or(|total| total == self.count());
        let is_whole = total_agrees && self.is_last(0, u32::MAX);
        let verdicts: Vec<_> = self.items.iter().map(is_it).collect();
        let is_clear = self.unreadable == 0 && verdicts.iter().all(Option::is_some);
        let says_none = is_whole && is_clear;
        if !says_none && !verdicts.contains(&Some(true)) {
            return Err(misread(&"the list is not narrowed to what was searched for"));
        }
        let found = self.items.into_iter().zip(verdicts).filter(|(_, it)| *it == Some(true));
        Ok(found.map(|(item, _)| item).collect())
    }

    /// How many items the platform listed, the unreadable ones among them.
    pub(crate) fn count(&self) -> u64 {
        let count = self.items.len().saturating_add(self.unreadable);
        u64::try_from(count).unwrap_or(u64::MAX)
    }

    /// Whether this page, which begins at `offset` and was asked for `limit` items, ends the list.
    ///
    /// A full page never does: a total is often that of the page. A total that contradicts the
    /// items is passed over. A platform that says neither total nor limit may have a limit of its
    /// own: only an empty page ends its list.
    pub(crate) fn is_last(&self, offset: u64, limit: u32) -> bool {
        let count = self.count();
        let limit = self.limit.unwrap_or(u64::MAX).min(limit.into());
        if count == 0 || count >= limit {
            return count == 0;
        }
        match self.total {
            Some(total) => offset.saturating_add(count) == total,
            None => self.limit.is_some(),
        }
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// A list that is fetched page by page while it is read.
///
/// It is a [`Stream`], and can be read without one: [`next`](Self::next) gives one item after the
/// other, [`collect_all`](Self::collect_all) all of them. It ends with the first error. Items that
/// cannot be read are left out; if there were any, the last thing that it gives is an error that
/// counts them.
#[must_use = "a list is fetched while it is read"]
pub struct Listing<T>(Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>);

impl<T> Listing<T> {
    pub(crate) fn new(items: impl Stream<Item = Result<T, Error>> + Send + 'static) -> Self {
        Self(Box::pin(items))
    }

    /// The next item; `None` at the end.
    ///
    /// # Errors
    /// [`Error`] if a page cannot be fetched, or at the end if items could not be read.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        self.0.next().await
    }

    /// Every item that is left.
    ///
    /// # Errors
    /// As [`next`](Self::next); the items before the error are dropped.
    pub async fn collect_all(mut self) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        while let Some(item) = self.next().await {
            items.push(item?);
        }
        Ok(items)
    }
}

impl<T> Stream for Listing<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").finish_non_exhaustive()
    }
}

/// Where a walk stands.
struct Walk {
    offset: u64,
    /// The ids of the page before: a page that has no other is the same page.
    before: HashSet<u64>,
}

/// Every item of a list, page by page of `limit` items, by their ids. The stream ends with the first
/// error. Items that cannot be read are left out; if there were any, the stream ends with an error
/// that counts them.
pub(crate) fn every<'a, T, F, Fut>(
    limit: u32,
    id: fn(&T) -> Option<u64>,
    fetch: F,
) -> impl Stream<Item = Result<T, Error>> + 'a
where
    T: 'a,
    F: Fn(u64, u32) -> Fut + 'a,
    Fut: Future<Output = Result<Page<T>, Error>> + 'a,
{
    let pages = pages(limit, id, fetch).map(Some).chain(stream::once(std::future::ready(None)));
    let items = pages.scan(0_usize, |unreadable, page| {
        let items: Vec<_> = match page {
            Some(Ok(page)) => {
                *unreadable = unreadable.saturating_add(page.unreadable);
                page.items.into_iter().map(Ok).collect()
            }
            Some(Err(error)) => {
                *unreadable = 0;
                vec![Err(error)]
            }
            None if *unreadable == 0 => vec![],
            None => vec![Err(misread(&format!("{unreadable} items of the list")))],
        };
        std::future::ready(Some(stream::iter(items)))
    });
    items.flatten()
}

/// A list, page by page of `limit` items. The stream ends with the first error.
///
/// An item that the page before had too is left out: the list moved while it was read. A platform
/// that answers the same page again would be read for ever: that is an error.
pub(crate) fn pages<'a, T, F, Fut>(
    limit: u32,
    id: fn(&T) -> Option<u64>,
    fetch: F,
) -> impl Stream<Item = Result<Page<T>, Error>> + 'a
where
    T: 'a,
    F: Fn(u64, u32) -> Fut + 'a,
    Fut: Future<Output = Result<Page<T>, Error>> + 'a,
{
    let start = Some(Walk { offset: 0, before: HashSet::new() });
    stream::unfold((start, fetch), move |(walk, fetch)| async move {
        let walk = walk?;
        let mut page = match fetch(walk.offset, limit).await {
            Ok(page) => page,
            Err(error) => return Some((Err(error), (None, fetch))),
        };
        let offset = walk.offset.saturating_add(page.count());
        let is_last = page.is_last(walk.offset, limit);
        let ids: HashSet<u64> = page.items.iter().filter_map(id).collect();
        let had_items = !page.items.is_empty();
        page.items.retain(|item| id(item).is_none_or(|id| !walk.before.contains(&id)));
        if had_items && page.items.is_empty() {
            return Some((Err(misread(&"the list answers the same page again")), (None, fetch)));
        }
        let next = (!is_last).then_some(Walk { offset, before: ids });
        Some((Ok(page), (next, fetch)))
    })
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    async fn walked(
        limit: u32,
        fetch: impl Fn(u64, u32) -> Result<Page<u64>, Error>,
    ) -> Vec<Result<u64, String>> {
        every(limit, |id| Some(*id), |offset, limit| std::future::ready(fetch(offset, limit)))
            .map(|item| item.map_err(|error| error.to_string()))
            .collect()
            .await
    }

    #[tokio::test]
    async fn every_item_comes_once_whether_or_not_the_total_is_said() {
        for said in [true, false] {
            for total in [0, 1, 9, 10, 11, 20, 25] {
                let list: Vec<u64> = (0..total).collect();
                let items = walked(10, |offset, limit| {
                    let rest = list.iter().copied().skip(usize::try_from(offset).unwrap());
                    let items = rest.take(usize::try_from(limit).unwrap()).collect();
                    Ok(Page { items, total: said.then_some(total), limit: None, unreadable: 0 })
                });
                let expected: Vec<_> = list.iter().copied().map(Ok).collect();
                assert_eq!(items.await, expected, "{total}, total said: {said}");
            }
        }
    }

    #[tokio::test]
    async fn a_list_that_passes_over_the_offset_ends_with_an_error() {
        let same = |_, _| Ok(Page { items: vec![1, 2], total: None, limit: None, unreadable: 0 });
        let items = walked(2, same).await;
        assert_eq!(items.len(), 3);
        assert!(items.last().is_some_and(Result::is_err));
    }

    #[tokio::test]
    async fn a_total_that_is_never_reached_ends_the_walk_with_the_first_empty_page() {
        let items = walked(2, |offset, _| {
            let items = if offset == 0 { vec![1, 2] } else { vec![] };
            Ok(Page { items, total: Some(100), limit: None, unreadable: 0 })
        });
        assert_eq!(items.await, vec![Ok(1), Ok(2)]);
    }

    #[tokio::test]
    async fn a_total_that_contradicts_the_items_ends_nothing() {
        // None at all, that of the page, and one that is too small.
        for said in [0, 500, 7] {
            let list: Vec<u64> = (0..1200).collect();
            let items = walked(500, |offset, limit| {
                let rest = list.iter().copied().skip(usize::try_from(offset).unwrap());
                let items = rest.take(usize::try_from(limit).unwrap()).collect();
                Ok(Page { items, total: Some(said), limit: None, unreadable: 0 })
            });
            assert_eq!(items.await.len(), 1200, "{said}");
        }
    }

    #[tokio::test]
    async fn a_platform_that_caps_its_pages_is_read_to_the_end() {
        let list: Vec<u64> = (0..120).collect();
        for says_limit in [true, false] {
            for says_total in [true, false] {
                let items = walked(500, |offset, _| {
                    let rest = list.iter().copied().skip(usize::try_from(offset).unwrap());
                    let (total, limit) = (says_total.then_some(120), says_limit.then_some(50));
                    Ok(Page { items: rest.take(50).collect(), total, limit, unreadable: 0 })
                });
                assert_eq!(items.await.len(), 120, "{says_limit} {says_total}");
            }
        }
    }

    #[tokio::test]
    async fn an_item_that_moved_to_the_next_page_comes_once() {
        let items = walked(2, |offset, _| {
            let items = match offset {
                0 => vec![1, 2],
                2 => vec![2, 3],
                _ => vec![],
            };
            Ok(Page { items, total: None, limit: None, unreadable: 0 })
        });
        assert_eq!(items.await, vec![Ok(1), Ok(2), Ok(3)]);
    }

    #[tokio::test]
    async fn unreadable_items_are_told_of_at_the_end() {
        let items = walked(2, |offset, _| match offset {
            0 => Ok(Page { items: vec![1], total: Some(3), limit: None, unreadable: 1 }),
            _ => Ok(Page { items: vec![3], total: Some(3), limit: None, unreadable: 0 }),
        });
        let items = items.await;
        assert_eq!(items[..2], [Ok(1), Ok(3)]);
        let words = "the platform's answer cannot be read: 1 items of the list";
        assert_eq!(items[2..], [Err(words.to_owned())]);
    }

    #[tokio::test]
    async fn an_error_is_the_end() {
        let items = walked(2, |offset, _| match offset {
            0 => Ok(Page { items: vec![1, 2], total: None, limit: None, unreadable: 0 }),
            _ => Err(misread(&"no")),
        });
        assert_eq!(items.await.len(), 3);
    }
}
