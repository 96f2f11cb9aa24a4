//! What the engine is asked for, and what it says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{Amount, CivilDateTime, Msisdn, ReferenceId};

use super::contacts::ContactCommand;
use super::content::{Content, Sms};
use super::dry_run::DryRun;
use super::lists::ListCommand;
use super::record::{AccountIx, CampaignIx, MessageIx};
use super::stop_list::StopListCommand;

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
    /// Send a campaign to contact lists.
    SendToLists {
        /// Who asks.
        account: AccountIx,
        /// The request's mark for the duplicate guard.
        fingerprint: u64,
        /// Ids of the lists.
        lists: Vec<u64>,
        /// What.
        terms: Box<Terms>,
        /// When; at once without it.
        start_at: Option<CivilDateTime>,
    },
    /// Judge a universal send and do nothing.
    DryRun(AccountIx, Box<DryRun>),
    /// Change the account's stop list.
    StopList(AccountIx, StopListCommand),
    /// Change the account's contact book.
    Contacts(AccountIx, ContactCommand),
    /// Change the account's contact lists.
    Lists(AccountIx, ListCommand),
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

impl Command {
    /// Who asks; nobody's account where the sandbox is steered by an id.
    pub fn account(&self) -> Option<AccountIx> {
        match self {
            Self::SendOne { account, .. }
            | Self::SendCampaign { account, .. }
            | Self::SendToLists { account, .. }
            | Self::DryRun(account, _)
            | Self::StopList(account, _)
            | Self::Contacts(account, _)
            | Self::Lists(account, _)
            | Self::Stop { account, .. }
            | Self::TopUp(account, _)
            | Self::SetCallbackUrl(account, _) => Some(*account),
            Self::Pause(_) | Self::Resume(_) | Self::Click { .. } => None,
        }
    }
}

/// A channel of the platform. Messages go by the first two here; the stop list knows all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnyChannel {
    /// RCS.
    Rcs,
    /// SMS.
    Sms,
    /// Viber.
    Viber,
    /// WhatsApp.
    Whatsapp,
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
    /// Whether numbers on the RCS stop list are not sent to.
    pub check_stop_list: bool,
    /// Whether the numbers are kept as contacts.
    pub add_to_contact_book: bool,
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
    /// The contact with this id.
    Contact(u64),
    /// The contact list with this id.
    List(u64),
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
    pub(super) fn headline(&mut self, place: impl Into<String>, sentence: &str) {
        self.message = sentence.into();
        self.add(place, sentence);
    }

    /// Refuses if a fault was noted.
    pub(super) fn unless_empty(self) -> Result<(), Self> {
        if self.errors.is_empty() { Ok(()) } else { Err(self) }
    }
}
