//! The table of countries by number, from the metadata of rlibphonenumber: which calling codes
//! there are, how long their national numbers may be, and where a shared code is split.

mod division;
mod metadata;
mod pattern;
mod table;

use std::path::Path;

use anyhow::{Result, ensure};
use division::{Claim, Division};
use metadata::Region;

/// A calling code.
struct Plan {
    code: u16,
    /// One bit a length of the national number, in digits.
    lengths: u16,
    /// Whether a 0 before a national number is dropped in the international form.
    drops_zero: bool,
    /// The country that leads; none for codes of no country.
    country: Option<String>,
    /// From which seven digits on, in ascending order, numbers belong to which country; empty if
    /// all belong to the one that leads.
    splits: Vec<(u32, String)>,
}

/// The text of the generated file.
pub(super) fn file(root: &Path) -> Result<String> {
    let regions = metadata::read(root)?;
    let mut plans: Vec<Plan> = Vec::new();
    for sharing in regions.chunk_by(|one, other| one.code == other.code) {
        plans.push(plan(sharing)?);
    }
    ensure!(plans.len() < 255, "an index of a byte does not hold {} calling codes", plans.len());
    table::file(&plans, &regions)
}

/// The plan of a code that these regions share, the leading one first.
fn plan(sharing: &[Region]) -> Result<Plan> {
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
        drops_zero: sharing.iter().any(|region| region.drops_zero),
        country: leader.country.clone(),
        splits,
    })
}
