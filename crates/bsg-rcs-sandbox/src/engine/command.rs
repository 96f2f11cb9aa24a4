//! What the engine is asked for, and what it says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{Amount, CivilDateTime, Msisdn, ReferenceId};

use super::content::{Content, Sms};
use super::record::{AccountIx, CampaignIx, MessageIx};

/// Something that the engine is asked to do.
#[derive(Debug, Clone)]
pub enum Command {
    /// Send one message.
    SendOne {
        /// Who asks.
        account: AccountIx,
        /// The request's mark for the duplicate guard.
        fingerprint: u64,
        /// To whom.
        to: Addressee,
        /// What.
        terms: Box<Terms>,
    },
    /// Send a campaign.
    SendCampaign {
        /// Who asks.
        account: AccountIx,
        /// The request's mark for the duplicate guard.
        fingerprint: u64,
        /// To whom.
        to: Vec<Addressee>,
        /// What.
        terms: Box<Terms>,
        /// When; at once without it.
        start_at: Option<CivilDateTime>,
    },
    /// Stop a campaign.
    Stop {
        /// Who asks.
        account: AccountIx,
        /// Which.
        campaign: u64,
    },
    /// Pause a campaign, as the account's page does.
    Pause(u64),
    /// Resume a campaign, as the account's page does (A4).
    Resume(u64),
    /// Add to an account's funds.
    TopUp(AccountIx, Amount),
    /// Set the account's Callback URL For RCS, or clear it.
    SetCallbackUrl(AccountIx, Option<Arc<str>>),
    /// A recipient clicks a button.
    Click {
        /// The message's id.
        message: u64,
        /// The card, from 0.
        card: u8,
        /// The button on it, from 0.
        suggestion: u8,
    },
}

/// One recipient of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressee {
    /// The number.
    pub number: Msisdn,
    /// The caller's reference.
    pub reference: Option<ReferenceId>,
}

/// What a request says of all its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The agent's name.
    pub agent: String,
    /// What the messages say.
    pub content: Content,
    /// The alternative channel.
    pub sms: Option<Sms>,
    /// How long delivery may be tried.
    pub validity: Duration,
    /// The tariff to charge by.
    pub tariff_code: Option<i64>,
    /// Where the reports go, instead of the account's URL.
    pub callback_url: Option<Arc<str>>,
}

/// What came of a command.
pub type Answer = Result<Outcome, Refusal>;

/// What a command brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// This message.
    Message(MessageIx),
    /// This campaign, or its new state.
    Campaign(CampaignIx),
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

    /// Notes a fault.
    pub fn add(&mut self, place: impl Into<String>, sentence: impl Into<String>) {
        self.errors.entry(place.into()).or_default().push(sentence.into());
    }

    /// Refuses if a fault was noted.
    pub(super) fn unless_empty(self) -> Result<(), Self> {
        if self.errors.is_empty() { Ok(()) } else { Err(self) }
    }
}
