//! Recipients, and how they are counted.

use bsg_rcs_domain::{MessageStatus, Money, Msisdn, ReferenceId};

use super::batch_state::BatchState;

/// A recipient to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecipient {
    /// The number that the message goes to.
    pub number: Msisdn,
    /// The caller's label.
    pub label: Option<String>,
    /// The caller's own reference (single sends only); else it is minted from key and index.
    pub reference: Option<ReferenceId>,
}

/// A recipient of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientRow {
    /// Its index in the campaign, from 0, in the order of the source.
    pub index: u32,
    /// The number that the message goes to; `None` once that was forgotten.
    pub number: Option<Msisdn>,
    /// The caller's label.
    pub label: Option<String>,
    /// The caller's own reference.
    pub reference: Option<ReferenceId>,
    /// What became of it, where that differs from its batch.
    pub outcome: Option<Outcome>,
    /// Why, in the platform's words or ours.
    pub note: Option<String>,
    /// The status to show, once something was reported of it.
    pub shown: Option<MessageStatus>,
    /// Whether an end was reported.
    pub ended: bool,
    /// Whether the alternative channel delivered.
    pub sms: bool,
    /// What it was charged by its reports; more than one entry for two currencies.
    pub billed: Vec<Money>,
}

/// What became of one recipient, to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Its index in the campaign.
    pub index: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// Why; `None` leaves what is there.
    pub note: Option<String>,
}

/// What became of one recipient's message on its way to the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing yet, or it can still change.
    Pending,
    /// The platform took it.
    Accepted,
    /// The platform refused it.
    Rejected,
    /// Its outcome cannot be known; a person must decide.
    Undetermined,
}

impl Outcome {
    /// A recipient's outcome: accepted if anything was reported of it, for then there is a message;
    /// else its own; else its batch's; pending as long as it has none.
    pub fn of(own: Option<Self>, reported: bool, batch: Option<BatchState>) -> Self {
        match (own, batch) {
            _ if reported => Self::Accepted,
            (Some(own), _) => own,
            (None, Some(batch)) => batch.outcome(),
            (None, None) => Self::Pending,
        }
    }

    /// The outcome of its own that a recipient is given when its number is forgotten, where
    /// nothing is known of it: it is not sent to any more. `None` where its batch says it all.
    pub const fn of_forgotten(batch: Option<BatchState>) -> Option<Self> {
        match batch {
            None | Some(BatchState::Planned) => Some(Self::Rejected),
            Some(BatchState::Sending | BatchState::Unknown | BatchState::Held) => {
                Some(Self::Undetermined)
            }
            Some(BatchState::Accepted | BatchState::Rejected) => None,
        }
    }

    /// Whether an end is still awaited of a recipient with this outcome of its own: none was
    /// reported, and it is not rejected by name with nothing reported since.
    pub fn is_without_end(own: Option<Self>, reported: bool, ended: bool) -> bool {
        !ended && (reported || own != Some(Self::Rejected))
    }
}

impl BatchState {
    /// The outcome of its recipients, unless they have their own.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Planned | Self::Sending | Self::Unknown => Outcome::Pending,
            Self::Accepted => Outcome::Accepted,
            Self::Rejected => Outcome::Rejected,
            Self::Held => Outcome::Undetermined,
        }
    }
}

/// How many recipients stand alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TallyRow {
    /// Their outcome: [`Outcome::of`].
    pub outcome: Outcome,
    /// The status to show, if something was reported.
    pub shown: Option<MessageStatus>,
    /// Whether an end was reported.
    pub ended: bool,
    /// Whether their batch is accepted since the span that was asked about, or longer.
    pub overdue: bool,
    /// Whether the alternative channel delivered.
    pub sms: bool,
    /// What each is charged; more than one entry for two currencies.
    pub billed: Vec<Money>,
    /// How many.
    pub count: u64,
}
