//! What the engine answers: an outcome or a refusal.

use std::collections::BTreeMap;

use crate::model::ids::{CampaignIx, MessageIx};

/// What came of a command.
pub type Answer = Result<Outcome, Refusal>;

/// What a command brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// This message.
    Message(MessageIx),
    /// This campaign, or its new state.
    Campaign(CampaignIx),
    /// The contact with this id.
    Contact(u64),
    /// The contact list with this id.
    List(u64),
    /// The field of contacts with this id.
    ContactField(u64),
    /// The statistics job with this key; none, where there are too many already.
    StatJob(Option<u64>),
    /// What was asked for, with nothing to show.
    Done,
}

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which sort.
    pub kind: RefusalKind,
    /// The reason in a sentence.
    pub message: String,
    /// Sentences by the field's place.
    pub errors: BTreeMap<String, Vec<String>>,
}

/// Sorts of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// There is no such thing in this account.
    NotFound,
    /// It was understood and is not allowed.
    Invalid,
    /// The same was asked a moment ago (A17).
    Duplicate,
}

impl Refusal {
    /// A refusal of what the request says, without faults yet.
    pub fn invalid() -> Self {
        Self::because(RefusalKind::Invalid, "The given data was invalid.")
    }

    /// A refusal with this sentence.
    pub fn because(kind: RefusalKind, message: &str) -> Self {
        Self { kind, message: message.into(), errors: BTreeMap::new() }
    }

    /// Notes a fault; the same at the same place is noted once.
    pub fn add(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        let (noted, sentence) = (self.errors.entry(place.into()).or_default(), sentence.into());
        if !noted.contains(&sentence) {
            noted.push(sentence);
        }
    }

    /// Notes a fault whose sentence the platform says instead of the usual one.
    pub(crate) fn headline(&mut self, place: impl Into<String>, sentence: &str) {
        self.message = sentence.into();
        self.add(place, sentence);
    }

    /// Refuses if a fault was noted.
    pub(crate) fn unless_empty(self) -> Result<(), Self> {
        if self.errors.is_empty() { Ok(()) } else { Err(self) }
    }
}
