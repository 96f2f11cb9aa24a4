//! What is read of libphonenumber's metadata: a file in the package of rlibphonenumber, which
//! compiles it into itself but does not give it out.
#![allow(
    deprecated,
    reason = "the crate's own wrapper empties these fields; as read, they are whole"
)]

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use prost::Message;
use rlibphonenumber::{PhoneMetadata, PhoneMetadataCollection, PhoneNumberDesc};

/// A country, or a calling code of no country.
pub(super) struct Region {
    pub(super) code: u16,
    /// Its two letters, unless it is the world.
    pub(super) country: Option<String>,
    /// One bit a length of its national numbers.
    pub(super) lengths: u16,
    /// What stands before a number that is dialled abroad, as a pattern.
    pub(super) international_prefix: Option<String>,
    /// What stands before a national number that is dialled in the country, as a pattern.
    pub(super) national_prefix: Option<String>,
    /// What replaces that prefix if its last group was met: digits, and `$` with a group.
    pub(super) transform_rule: Option<String>,
    /// What all its national numbers look like, as a pattern.
    pub(super) general: Option<String>,
    /// The first digits that make a number its own, as a pattern, if it has such.
    pub(super) leading_digits: Option<String>,
    /// The patterns of its numbers.
    pub(super) patterns: Vec<String>,
    /// Of its mobile numbers.
    pub(super) mobile: Option<String>,
    /// Of its landlines.
    pub(super) fixed_line: Option<String>,
}

/// Every region, by calling code, the one that leads a shared code first, the others as they come.
pub(super) fn read(root: &Path) -> Result<Vec<Region>> {
    let path = package(root)?.join("src/generated/metadata/metadata.bin");
    let bytes = fs::read(&path).context("rlibphonenumber's metadata")?;
    let mut all = PhoneMetadataCollection::decode(bytes.as_slice())?.metadata;
    all.sort_by_key(|region| (region.country_code(), !region.main_country_for_code()));
    all.iter().map(region).collect()
}

/// The folder of the package.
fn package(root: &Path) -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(root).exec()?;
    let package = metadata.packages.into_iter().find(|package| package.name == "rlibphonenumber");
    let manifest = package.context("rlibphonenumber is not among the dependencies")?.manifest_path;
    Ok(manifest.parent().context("a manifest lies in a folder")?.into())
}

fn region(metadata: &PhoneMetadata) -> Result<Region> {
    let lengths = metadata.general_desc.iter().flat_map(|desc| &desc.possible_length);
    let lengths = lengths.filter_map(|length| 1_u16.checked_shl(u32::try_from(*length).ok()?));
    let kinds = [
        &metadata.fixed_line,
        &metadata.mobile,
        &metadata.toll_free,
        &metadata.premium_rate,
        &metadata.shared_cost,
        &metadata.personal_number,
        &metadata.voip,
        &metadata.pager,
        &metadata.uan,
        &metadata.voicemail,
    ];
    let pattern = |desc: &PhoneNumberDesc| desc.national_number_pattern.as_deref().map(bare);
    Ok(Region {
        code: u16::try_from(metadata.country_code())?,
        country: (metadata.id != "001").then(|| metadata.id.clone()),
        lengths: lengths.fold(0, |all, length| all | length),
        international_prefix: metadata.international_prefix.as_deref().map(bare),
        national_prefix: metadata.national_prefix_for_parsing.as_deref().map(bare),
        transform_rule: metadata.national_prefix_transform_rule.clone(),
        general: metadata.general_desc.as_ref().and_then(pattern),
        leading_digits: metadata.leading_digits.as_deref().map(bare),
        patterns: kinds.into_iter().flatten().filter_map(pattern).collect(),
        mobile: metadata.mobile.as_ref().and_then(pattern),
        fixed_line: metadata.fixed_line.as_ref().and_then(pattern),
    })
}

/// The pattern without the anchors that the metadata wraps it in.
fn bare(pattern: &str) -> String {
    let inner = pattern.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$"));
    inner.unwrap_or(pattern).to_owned()
}
