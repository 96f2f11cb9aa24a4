//! The rows of the generated table: calling codes, the lengths of their numbers, and regions.

use super::Country;

/// One calling code.
pub(super) struct Plan {
    pub(super) code: u16,
    /// One bit a length of the national number, in digits.
    pub(super) lengths: u16,
    /// The root of the tree of its numbers' first digits: a leaf, or from `plan::BRANCH` on a branch.
    pub(super) tree: u16,
    /// The region that leads.
    pub(super) region: u16,
    /// The country that leads; none for codes of no country.
    pub(super) country: Option<Country>,
    /// Its stretch of the splits, empty if it is not shared.
    pub(super) splits: (u16, u16),
}

/// From which first seven national digits on a number belongs to which country.
pub(super) type Split = (u32, [u8; 2]);

/// Lengths of the national numbers that begin alike, one bit a length in digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lengths {
    pub(super) any: u16,
    pub(super) mobile: u16,
    pub(super) landline: u16,
}

/// A row of the generated table.
pub(super) const fn lengths(any: u16, mobile: u16, landline: u16) -> Lengths {
    Lengths { any, mobile, landline }
}

/// A row of the generated table.
pub(super) const fn plan(
    code: u16,
    lengths: u16,
    tree: u16,
    region: u16,
    country: &[u8; 2],
    split_from: u16,
    split_to: u16,
) -> Plan {
    let country = Some(Country(*country));
    Plan { code, lengths, tree, region, country, splits: (split_from, split_to) }
}

/// A row of a calling code that belongs to no country.
pub(super) const fn no_country(code: u16, lengths: u16, tree: u16, region: u16) -> Plan {
    Plan { code, lengths, tree, region, country: None, splits: (0, 0) }
}

/// What the table says of a country, or of a calling code of no country.
pub(crate) struct Region {
    /// Its calling code.
    pub(crate) code: u16,
    /// The program of its national numbers.
    pub(super) general: u16,
    /// The program of what is dialled before a number abroad.
    pub(super) abroad: u16,
    /// The program of what is dialled before a national number.
    pub(super) national: u16,
    /// What replaces the latter if its last group was met: digits, and that group.
    pub(super) rule: Option<(&'static [u8], usize)>,
}

/// A row of the generated table.
pub(super) const fn region(
    code: u16,
    general: u16,
    abroad: u16,
    national: u16,
    rule: Option<(&'static [u8], usize)>,
) -> Region {
    Region { code, general, abroad, national, rule }
}
