//! Everything that a report needs, as it was at one moment.

use super::batch::BatchSums;
use super::callback::ButtonRow;
use super::campaign::{CampaignRow, Timestamp};
use super::recipient::TallyRow;

/// Recipients with contradicting reports that a snapshot names at most.
pub const CONTRADICTED_MAX: u32 = 100;

/// Unknown status words that a snapshot names at most.
pub const UNKNOWN_WORDS_MAX: u32 = 100;

/// A campaign as it was at one moment: all of it read in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// That moment, by the store's clock.
    pub now: Timestamp,
    /// The campaign.
    pub campaign: CampaignRow,
    /// Its batches by where they stand.
    pub batches: BatchSums,
    /// Its recipients by how they stand.
    pub tally: Vec<TallyRow>,
    /// How many clicks it has.
    pub clicks: u64,
    /// Its buttons that were clicked, the most clicked first.
    pub buttons: Vec<ButtonRow>,
    /// The first [`CONTRADICTED_MAX`] recipients whose reports contradict each other.
    pub contradicted: Vec<u32>,
    /// The first [`UNKNOWN_WORDS_MAX`] words, in the order of the alphabet, that were reported as a
    /// status and are none that we know.
    pub unknown_words: Vec<UnknownWord>,
}

/// A word that was reported as a status and is none that we know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownWord {
    /// The word.
    pub word: String,
    /// In how many reports; the same report told twice counts once.
    pub reports: u64,
}
