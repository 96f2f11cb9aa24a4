//! Pages: a part of what was found, in one of the two envelopes that lists have.

use axum::Json;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::generated::{PageBounds, SearchEcho, query};
use bsg_rcs_wire::{Integer, Maybe, Meta, Page};
use serde::Serialize;

use super::query_params::QueryParams;

/// A part of what was found.
pub(super) struct Part<T> {
    data: Vec<T>,
    limit: usize,
    offset: usize,
    total: usize,
}

impl<T: Serialize> Part<T> {
    /// The page that is asked for, of so many without `page[limit]`; only what is on it is presented.
    pub(super) fn of<I>(
        found: Vec<I>,
        asked: &QueryParams,
        limit: usize,
        present: impl Fn(I) -> T,
    ) -> Self {
        let total = found.len();
        Self::cut(total, asked, limit, |offset, limit| {
            found.into_iter().skip(offset).take(limit).map(present).collect()
        })
    }

    /// The page that is asked for, of so many without `page[limit]`, cut by who knows how: given offset and limit.
    pub(super) fn cut(
        total: usize,
        asked: &QueryParams,
        limit: usize,
        cut: impl FnOnce(usize, usize) -> Vec<T>,
    ) -> Self {
        let limit = asked.size(query::PAGE_LIMIT).unwrap_or(limit);
        let offset = asked.size(query::PAGE_OFFSET).unwrap_or(0);
        Self { data: cut(offset, limit), limit, offset, total }
    }

    /// As campaigns, messages and searches are listed: `{"data": [...], "meta": {"page": {...}}}`.
    pub(super) fn with_meta(self, search: Option<SearchEcho>) -> Response {
        let bounds = PageBounds {
            limit: integer(self.limit),
            offset: integer(self.offset),
            total: integer(self.total),
        };
        let search = search.map_or(Maybe::Absent, Maybe::There);
        let meta = Meta { page: bounds.into(), search };
        Json(Page { data: self.data, meta: meta.into(), total: None }).into_response()
    }

    /// As everything else is listed: `{"data": [...], "total": n}`.
    pub(super) fn with_total(self) -> Response {
        let total = integer(self.total);
        Json(Page { data: self.data, meta: Maybe::Absent, total }).into_response()
    }
}

/// A count as the wire has it.
pub(super) fn integer(count: usize) -> Option<Integer> {
    Some(Integer(i64::try_from(count).unwrap_or(i64::MAX)))
}
