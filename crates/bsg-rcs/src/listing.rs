//! Lists: one page at a time, or all of it as a stream.

use std::future::Future;

use bsg_rcs_wire as wire;
use futures_util::{Stream, StreamExt, stream};

use crate::call::misread;
use crate::error::Error;

/// Items of a page, where nobody asks for another number.
pub(crate) const LIMIT: u32 = 100;

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// How many there are in the whole list, if the platform says so.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// The items of an answer, each mapped.
    pub(crate) fn of<W, E: Into<Error>>(
        page: &wire::Page<W>,
        map: impl Fn(&W) -> Result<T, E>,
    ) -> Result<Self, Error> {
        let items = page.data.iter().map(|item| map(item).map_err(Into::into));
        Ok(Self { items: items.collect::<Result<_, _>>()?, total: page.total() })
    }

    /// Whether a page that begins at `offset` and asked for `limit` items is the last one.
    pub(crate) fn is_last(&self, offset: u64, limit: u32) -> bool {
        let count = u64::try_from(self.items.len()).unwrap_or(u64::MAX);
        match self.total {
            Some(total) => count == 0 || offset.saturating_add(count) >= total,
            None => count < u64::from(limit),
        }
    }
}

/// Where a stream stands.
struct Walk<T> {
    offset: u64,
    /// The first item of the page before: a page that begins with it again is the same page.
    before: Option<T>,
}

/// Every item of a list, page by page of `limit` items. The stream ends with the first error.
///
/// A platform that answers the same page again would be read for ever: that is an error.
pub(crate) fn every<'a, T, F, Fut>(
    limit: u32,
    fetch: F,
) -> impl Stream<Item = Result<T, Error>> + 'a
where
    T: Clone + PartialEq + 'a,
    F: Fn(u64, u32) -> Fut + 'a,
    Fut: Future<Output = Result<Page<T>, Error>> + 'a,
{
    let start = Some(Walk { offset: 0, before: None });
    let pages = stream::unfold((start, fetch), move |(walk, fetch)| async move {
        let walk = walk?;
        let page = match fetch(walk.offset, limit).await {
            Ok(page)
                if page.items.first().is_some_and(|item| Some(item) == walk.before.as_ref()) =>
            {
                Err(misread(&"the list answers the same page again"))
            }
            page => page,
        };
        Some(match page {
            Ok(page) => {
                let last = page.is_last(walk.offset, limit);
                let count = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
                let before = page.items.first().cloned();
                let next = Walk { offset: walk.offset.saturating_add(count), before };
                (page.items.into_iter().map(Ok).collect(), ((!last).then_some(next), fetch))
            }
            Err(error) => (vec![Err(error)], (None, fetch)),
        })
    });
    pages.flat_map(stream::iter)
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    async fn walked(
        limit: u32,
        fetch: impl Fn(u64, u32) -> Result<Page<u64>, Error>,
    ) -> Vec<Result<u64, String>> {
        every(limit, |offset, limit| std::future::ready(fetch(offset, limit)))
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
                    Ok(Page { items, total: said.then_some(total) })
                });
                let expected: Vec<_> = list.iter().copied().map(Ok).collect();
                assert_eq!(items.await, expected, "{total}, total said: {said}");
            }
        }
    }

    #[tokio::test]
    async fn a_list_that_passes_over_the_offset_ends_with_an_error() {
        let same = |_, _| Ok(Page { items: vec![1, 2], total: None });
        let items = walked(2, same).await;
        assert_eq!(items.len(), 3);
        assert!(items.last().is_some_and(Result::is_err));
    }

    #[tokio::test]
    async fn a_total_that_is_never_reached_ends_the_walk_with_the_first_empty_page() {
        let items = walked(2, |offset, _| {
            let items = if offset == 0 { vec![1, 2] } else { vec![] };
            Ok(Page { items, total: Some(100) })
        });
        assert_eq!(items.await, vec![Ok(1), Ok(2)]);
    }

    #[tokio::test]
    async fn an_error_is_the_end() {
        let items = walked(2, |offset, _| match offset {
            0 => Ok(Page { items: vec![1, 2], total: None }),
            _ => Err(misread(&"no")),
        });
        assert_eq!(items.await.len(), 3);
    }
}
