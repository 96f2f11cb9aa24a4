//! How a list is cut: which field is the number, how numbers are read, and blocks of rows that were
//! cut together.

use std::sync::Arc;

use bsg_rcs_domain::msisdn::Reading;
use bsg_rcs_domain::recipients::Refusal;
use bsg_rcs_domain::{Country, Msisdn};

use super::refused::RefusedRows;

/// How a list is cut into fields.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub(super) delimiter: u8,
    pub(super) has_header: bool,
    /// Which field is the number, from 0.
    pub(super) number: usize,
    /// Which is the label.
    pub(super) label: Option<usize>,
    pub(super) numbers: Numbers,
}

/// How the numbers of a list are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    /// Whose numbers those are that are written without a mark.
    pub(super) country: Option<Country>,
    /// The countries that numbers may belong to; all if it is empty.
    pub(super) countries: Arc<[Country]>,
    /// Where refused rows are written.
    pub(super) refused: Option<Arc<RefusedRows>>,
}

impl Numbers {
    /// Reads the number of a row.
    pub(super) fn read(&self, written: &str) -> Result<Reading, Refusal> {
        let reading = Reading::of(written, self.country)?;
        if self.takes(reading.number) { Ok(reading) } else { Err(Refusal::Country) }
    }

    /// The number that was written, if nothing of it is to be doubted or refused.
    pub(super) fn clear(&self, written: &str) -> Option<Msisdn> {
        let reading = Reading::of(written, self.country).ok()?;
        (reading.is_clear() && self.takes(reading.number)).then_some(reading.number)
    }

    fn takes(&self, number: Msisdn) -> bool {
        self.countries.is_empty()
            || Country::of(number).is_some_and(|country| self.countries.contains(&country))
    }
}

/// Where a field stands in a block's text.
pub(super) type Place = (u32, u32);

/// Rows that were read together.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) text: String,
    pub(super) rows: Vec<Stands>,
    /// Rows of which the number or the label is no text, in ascending order.
    pub(super) unreadable: Vec<usize>,
}

/// Where a row stands in its block's text. Its number is read by the thread already, if it can be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stands {
    pub(super) line: u64,
    pub(super) number: Option<Msisdn>,
    pub(super) written: Place,
    pub(super) label: Place,
}

impl Block {
    #[inline]
    pub(super) fn at(&self, place: Place) -> &str {
        part(&self.text, place)
    }

    /// Adds a text; where it stands.
    pub(super) fn push(&mut self, text: &str) -> Place {
        let from = self.text.len();
        self.text.push_str(text);
        (short(from), short(self.text.len()))
    }
}

/// The text at a place.
#[inline]
pub(super) fn part(text: &str, (from, to): Place) -> &str {
    text.get(index(from)..index(to)).unwrap_or_default()
}

/// A place's beginning or end as an index.
#[inline]
pub(super) fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// A place in a block. A block is some megabytes at most.
#[inline]
pub(super) fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
