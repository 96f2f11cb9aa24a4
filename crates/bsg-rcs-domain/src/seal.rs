//! Sealed references: an address that only its campaign's key can write.
//!
//! 32 characters of lower-case base 32 are 160 bits: 64 for the campaign, 32 for the recipient's
//! index, 64 for a SipHash-2-4 code over both and the phone number. A callback so finds its row
//! without an index, a resend carries the same reference, and who has not seen a reference cannot
//! invent one. It proves no more than that: what the report says is still the platform's word.

use alloc::string::String;
use core::fmt;
use core::hash::Hasher;

use siphasher::sip::SipHasher24;
use subtle::ConstantTimeEq;

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
        let mut bits: u128 = 0;
        for byte in text.bytes() {
            let digit = digit_of(byte).ok_or(NotACampaignId)?;
            bits = bits.checked_mul(32).ok_or(NotACampaignId)? | u128::from(digit);
        }
        let id = u64::try_from(bits >> 1).map_err(|_| NotACampaignId)?;
        let canonical = text.len() == Self::TEXT_LEN && bits & 1 == 0;
        if canonical { Ok(Self(id)) } else { Err(NotACampaignId) }
    }
}

impl fmt::Display for CampaignId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Twelve letters hold all but four of its bits, the last one those.
        let letters = (0..12).rev().map(|at| letter_at(self.0 >> 4, at));
        let last = letter_at(self.0 << 1, 0);
        let text: String = letters.chain([last]).map(char::from).collect();
        f.write_str(&text)
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
        let text = reference.as_str();
        if text.len() != ReferenceId::MAX_LEN {
            return None;
        }
        let (front, seal) = text.split_at_checked(19)?;
        let front = read_bits(front)?;
        let seal = read_bits(seal)?;
        // 19 characters are 95 bits: the last bit of the index stands in the 20th character.
        let address = (front << 1) | (seal >> 64);
        Some(Self {
            campaign: CampaignId(u64::try_from(address >> 32).ok()?),
            index: u32::try_from(address & u128::from(u32::MAX)).ok()?,
            seal: u64::try_from(seal & u128::from(u64::MAX)).ok()?,
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

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The letter of the five bits that stand `at` letters from the end.
#[expect(clippy::indexing_slicing, reason = "five bits index an alphabet of 32")]
fn letter_at(bits: u64, at: u32) -> u8 {
    let digit = bits >> at.saturating_mul(5).min(63) & 31;
    ALPHABET[usize::try_from(digit).unwrap_or(0) & 31]
}

fn digit_of(letter: u8) -> Option<u8> {
    match letter {
        b'a'..=b'z' => letter.checked_sub(b'a'),
        b'2'..=b'7' => letter.checked_sub(b'2').and_then(|digit| digit.checked_add(26)),
        _ => None,
    }
}

/// At most 25 letters fit.
fn read_bits(text: &str) -> Option<u128> {
    text.bytes().try_fold(0, |bits: u128, letter| {
        Some(bits.checked_mul(32)? | u128::from(digit_of(letter)?))
    })
}

fn write_address(address: Address) -> ReferenceId {
    let (campaign, index, seal) = (address.campaign.0, u64::from(address.index), address.seal);
    // 160 bits in four pieces of 40, each of which is eight letters.
    let pieces = [
        campaign >> 24,
        (campaign & 0xff_ffff) << 16 | index >> 16,
        (index & 0xffff) << 24 | seal >> 40,
        seal & 0xff_ffff_ffff,
    ];
    let mut bytes = [0; ReferenceId::MAX_LEN];
    for (letters, piece) in bytes.chunks_exact_mut(8).zip(pieces) {
        for (letter, at) in letters.iter_mut().zip((0..8).rev()) {
            *letter = letter_at(piece, at);
        }
    }
    ReferenceId::from_full(bytes)
}
