//! Batches: the recipients of one request, at most 5000, each once.

use alloc::vec::Vec;
use core::num::NonZeroU16;
use core::ops::Range;

use hashbrown::HashSet;

use crate::msisdn::Msisdn;
use crate::reference::ReferenceId;
use crate::rules;

/// The most recipients that one request may have: 5000 on the platform; tests may set fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchCap(NonZeroU16);

impl BatchCap {
    /// What the platform allows.
    pub const PLATFORM: Self = match NonZeroU16::new(5000) {
        Some(cap) => Self(cap),
        None => panic!("5000 is not zero"),
    };

    /// A smaller cap.
    ///
    /// # Errors
    /// `None` unless it is 1 to 5000.
    pub fn new(cap: u16) -> Option<Self> {
        NonZeroU16::new(cap).map(Self).filter(|cap| *cap <= Self::PLATFORM)
    }

    /// The cap as a number of recipients.
    pub const fn get(self) -> u16 {
        self.0.get()
    }

    /// The index ranges of the batches that hold `recipients`, in order: each full but the last.
    pub fn ranges(self, recipients: u32) -> impl Iterator<Item = Range<u32>> {
        let cap = u32::from(self.get());
        (0..recipients.div_ceil(cap)).map(move |batch| {
            let start = batch.saturating_mul(cap);
            start..start.saturating_add(cap).min(recipients)
        })
    }
}

/// One recipient of one request: a number and the reference that finds its message again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressee {
    /// Who is written to.
    pub number: Msisdn,
    /// What the message is called.
    pub reference: ReferenceId,
}

/// The recipients of one request: at least one, at most the cap, no number and no reference twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch(Vec<Addressee>);

impl Batch {
    /// A batch of these recipients, their order kept.
    ///
    /// # Errors
    /// [`NotABatch`] if there are none, more than `cap`, or a number or reference stands twice.
    pub fn new(addressees: Vec<Addressee>, cap: BatchCap) -> Result<Self, NotABatch> {
        if addressees.is_empty() || addressees.len() > usize::from(cap.get()) {
            return Err(NotABatch::Size { recipients: addressees.len(), cap: cap.get() });
        }
        let mut numbers = HashSet::with_capacity(addressees.len());
        let mut references = HashSet::with_capacity(addressees.len());
        for (at, addressee) in addressees.iter().enumerate() {
            if !numbers.insert(addressee.number) || !references.insert(addressee.reference) {
                return Err(NotABatch::Twice { at });
            }
        }
        Ok(Self(addressees))
    }

    /// The recipients, in order.
    pub fn addressees(&self) -> &[Addressee] {
        &self.0
    }

    /// How many there are: 1 to 5000.
    #[expect(clippy::len_without_is_empty, reason = "a batch is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Why recipients do not make a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotABatch {
    /// None, or more than the cap.
    #[error("a batch has 1 to {cap} recipients, here {recipients} ({})", rules::BATCH_SIZE.id)]
    Size {
        /// How many there are.
        recipients: usize,
        /// How many there may be.
        cap: u16,
    },
    /// A number or a reference stands twice.
    #[error("recipients[{at}] stands in the batch already ({})", rules::BATCH_UNIQUE.id)]
    Twice {
        /// The index of the second occurrence, counted from 0.
        at: usize,
    },
}
