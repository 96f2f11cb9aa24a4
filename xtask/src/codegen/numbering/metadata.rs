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
    /// Whether a 0 before a national number is dropped in the international form.
    pub(super) drops_zero: bool,
    /// The first digits that make a number its own, as a pattern, if it has such.
    pub(super) leading_digits: Option<String>,
    /// The patterns of its numbers.
    pub(super) patterns: Vec<String>,
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
        drops_zero: metadata.national_prefix() == "0",
        leading_digits: metadata.leading_digits.as_deref().map(bare),
        patterns: kinds.into_iter().flatten().filter_map(pattern).collect(),
    })
}

/// The pattern without the anchors that the metadata wraps it in.
fn bare(pattern: &str) -> String {
    let inner = pattern.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$"));
    inner.unwrap_or(pattern).to_owned()
}
