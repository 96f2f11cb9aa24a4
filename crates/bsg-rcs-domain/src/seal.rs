//! Sealed references: an address that only its campaign's key can write.
//!
//! 32 characters of lower-case base 32 are 160 bits: 64 for the campaign, 32 for the recipient's
//! index, 64 for a SipHash-2-4 code over both and the phone number. A callback so finds its row
//! without an index, a resend carries the same reference, and who has not seen a reference cannot
//! invent one. It proves no more than that: what the report says is still the platform's word.

use core::fmt;
use core::hash::Hasher;

use siphasher::sip::SipHasher24;
use subtle::ConstantTimeEq;

use crate::base32::{bytes, letters};
use crate::msisdn::Msisdn;
use crate::reference::ReferenceId;

/// A campaign of ours: 64 random bits, written as 13 characters of lower-case base 32, of which
/// the first 12 also begin every reference of the campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CampaignId(pub u64);

impl CampaignId {
    const TEXT_LEN: usize = 13;

    /// Reads the 13 characters.
    ///
    /// # Errors
    /// [`NotACampaignId`] unless it is what [`CampaignId`] writes.
    pub fn parse(text: &str) -> Result<Self, NotACampaignId> {
        let bytes = bytes::<{ Self::TEXT_LEN }, 8>(text).ok_or(NotACampaignId)?;
        Ok(Self(u64::from_be_bytes(bytes)))
    }
}

impl fmt::Display for CampaignId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters: [u8; Self::TEXT_LEN] = letters(&self.0.to_be_bytes());
        f.write_str(core::str::from_utf8(&letters).unwrap_or(""))
    }
}

/// The text is no campaign id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a campaign id has 13 characters of a to z and 2 to 7; `campaign list` shows them")]
pub struct NotACampaignId;

/// The secret of one campaign, 128 random bits. Kept in the campaign's row, never in a log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SealKey([u8; 16]);

impl SealKey {
    /// A key from random bytes.
    pub const fn from_bytes(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// The bytes, to be stored.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// The reference of the campaign's recipient at `index`, counted from 0.
    pub fn mint(&self, campaign: CampaignId, index: u32, number: Msisdn) -> ReferenceId {
        let seal = self.code(campaign, index, number);
        write_address(Address { campaign, index, seal })
    }

    fn code(&self, campaign: CampaignId, index: u32, number: Msisdn) -> u64 {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        hasher.write(&campaign.0.to_be_bytes());
        hasher.write(&index.to_be_bytes());
        hasher.write(&number.as_u64().to_be_bytes());
        hasher.finish()
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(***)")
    }
}

/// What a reference claims, before its seal is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    campaign: CampaignId,
    index: u32,
    seal: u64,
}

impl Address {
    /// Reads the address that a reference claims; `None` if it is not of our form (32 characters
    /// of lower-case base 32).
    pub fn read(reference: &ReferenceId) -> Option<Self> {
        let bytes: [u8; 20] = bytes::<{ ReferenceId::MAX_LEN }, 20>(reference.as_str())?;
        let (campaign, rest) = bytes.split_first_chunk()?;
        let (index, seal) = rest.split_first_chunk()?;
        Some(Self {
            campaign: CampaignId(u64::from_be_bytes(*campaign)),
            index: u32::from_be_bytes(*index),
            seal: u64::from_be_bytes(seal.try_into().ok()?),
        })
    }

    /// The campaign that it claims to belong to: whose key to open it with.
    pub const fn campaign(&self) -> CampaignId {
        self.campaign
    }

    /// Checks the seal, in constant time, against the campaign's key and the number that the
    /// callback names; answers the recipient's index.
    ///
    /// # Errors
    /// [`BrokenSeal`] if campaign, index and number were not sealed together with this key.
    pub fn open(&self, key: &SealKey, number: Msisdn) -> Result<u32, BrokenSeal> {
        let expected = key.code(self.campaign, self.index, number);
        if bool::from(expected.ct_eq(&self.seal)) { Ok(self.index) } else { Err(BrokenSeal) }
    }
}

/// Campaign, index and number of a reference do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reference's seal does not fit its campaign, index and number")]
pub struct BrokenSeal;

fn write_address(address: Address) -> ReferenceId {
    let mut bytes = [0; 20];
    let (campaign, rest) = bytes.split_at_mut(8);
    let (index, seal) = rest.split_at_mut(4);
    campaign.copy_from_slice(&address.campaign.0.to_be_bytes());
    index.copy_from_slice(&address.index.to_be_bytes());
    seal.copy_from_slice(&address.seal.to_be_bytes());
    ReferenceId::from_random(bytes)
}
