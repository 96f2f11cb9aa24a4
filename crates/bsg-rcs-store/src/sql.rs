//! For backends over SQL: what they all need and none must own, as pure functions. A backend reads
//! rows, asks here what becomes of them, and writes that.

mod counts;
mod growth;
mod report_set;

pub use counts::{CountChanges, Standing, TallyFold};
pub use growth::{Grown, GrownRow, Growth, RecipientKey, StoredReports};
pub use report_set::{add_report, read_reports};

use std::collections::BTreeMap;

use crate::rows::{Outcome, Settled};

/// What becomes of each recipient of a list of which some stand there twice: the later outcome,
/// and the latest words.
pub fn last_settled(settled: &[Settled]) -> BTreeMap<u32, (Outcome, Option<&str>)> {
    let mut last: BTreeMap<u32, (Outcome, Option<&str>)> = BTreeMap::new();
    for Settled { index, outcome, note } in settled {
        let before = last.get(index).and_then(|(_, note)| *note);
        last.insert(*index, (*outcome, note.as_deref().or(before)));
    }
    last
}
