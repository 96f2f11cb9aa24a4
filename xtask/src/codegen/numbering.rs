//! The table of countries by number, from the metadata of rlibphonenumber: which calling codes
//! there are, how long their national numbers may be, where a shared code is split, and what
//! people write before a national number that is no part of it.

mod beginnings;
mod division;
mod metadata;
mod pattern;
mod program;
mod table;

use std::path::Path;

use anyhow::{Result, ensure};
use beginnings::Beginnings;
use division::{Claim, Division};
use metadata::Region;

/// A calling code.
struct Plan {
    code: u16,
    /// One bit a length of the national number, in digits.
    lengths: u16,
    /// The tree of its numbers' first digits.
    tree: u16,
    /// Which of the regions is asked for national prefixes: the one that leads.
    region: usize,
    /// The country that leads; none for codes of no country.
    country: Option<String>,
    /// From which seven digits on, in ascending order, numbers belong to which country; empty if
    /// all belong to the one that leads.
    splits: Vec<(u32, String)>,
}

/// The text of the generated file.
pub(super) fn file(root: &Path) -> Result<String> {
    let regions = metadata::read(root)?;
    let mut beginnings = Beginnings::default();
    let mut plans: Vec<Plan> = Vec::new();
    let mut region = 0;
    for sharing in regions.chunk_by(|one, other| one.code == other.code) {
        let tree = beginnings.add(sharing)?;
        plans.push(plan(sharing, tree, region)?);
        region += sharing.len();
    }
    ensure!(plans.len() < 255, "an index of a byte does not hold {} calling codes", plans.len());
    table::file(&plans, &regions, &beginnings)
}

/// The plan of a code that these regions share, the leading one first.
fn plan(sharing: &[Region], tree: u16, region: usize) -> Result<Plan> {
    let leader = &sharing[0];
    let splits = if sharing.len() > 1 {
        let claims = sharing.iter().map(Claim::new).collect::<Result<Vec<_>>>()?;
        Division::new(claims).all()
    } else {
        Vec::new()
    };
    Ok(Plan {
        code: leader.code,
        lengths: sharing.iter().fold(0, |lengths, region| lengths | region.lengths),
        tree,
        region,
        country: leader.country.clone(),
        splits,
    })
}
