//! What the engine is asked for.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{Amount, CivilDateTime};
use serde::{Deserialize, Serialize};

use crate::api::account_data::{
    ContactCommand, ContactFieldCommand, ListCommand, StatJobCommand, StopListCommand,
};
use crate::api::addressee::Addressee;
use crate::api::dry_run::DryRun;
use crate::model::content::{Content, Sms};
use crate::model::fate::Fates;
use crate::model::ids::AccountIx;
use crate::model::written;

/// Something that the engine is asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Send one message.
    SendOne {
        /// Who asks.
        account: AccountIx,
        /// The request's mark for the duplicate guard.
        fingerprint: u64,
        /// The recipients.
        to: Addressee,
        /// What.
        options: Box<SendOptions>,
    },
    /// Send a campaign.
    SendCampaign {
        /// Who asks.
        account: AccountIx,
        /// The request's mark for the duplicate guard.
        fingerprint: u64,
        /// The recipients.
        to: Vec<Addressee>,
        /// What.
        options: Box<SendOptions>,
        /// When; at once without it.
        #[serde(with = "written::start")]
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
        options: Box<SendOptions>,
        /// When; at once without it.
        #[serde(with = "written::start")]
        start_at: Option<CivilDateTime>,
    },
    /// Judge a universal send and do nothing.
    #[serde(skip)]
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
    /// Resume a campaign by the API (A4).
    Renew {
        /// Who asks.
        account: AccountIx,
        /// Which.
        campaign: u64,
    },
    /// Change the fields that contacts of the account have.
    ContactFields(AccountIx, ContactFieldCommand),
    /// Make or delete a statistics job.
    StatJobs(AccountIx, StatJobCommand),
    /// Pause a campaign, as the account's page does.
    Pause(u64),
    /// Resume a campaign, as the account's page does.
    Resume(u64),
    /// Add to an account's funds.
    TopUp(AccountIx, #[serde(with = "written::amount")] Amount),
    /// Set an account's balance and credit limit. What is reserved stays reserved.
    SetFunds {
        /// Whose.
        account: AccountIx,
        /// The principal balance.
        #[serde(with = "written::amount")]
        balance: Amount,
        /// The credit limit; as it is, without one.
        #[serde(with = "written::optional_amount")]
        credit: Option<Amount>,
    },
    /// Set which number has which fate, from now on: a message keeps the fate that it was accepted with.
    SetFates(Fates),
    /// Set the account's Callback URL For RCS, or clear it.
    SetCallbackUrl(AccountIx, #[serde(with = "written::text")] Option<Arc<str>>),
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
    /// The account that asks; none where the sandbox is steered by an id.
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
            | Self::Renew { account, .. }
            | Self::ContactFields(account, _)
            | Self::StatJobs(account, _)
            | Self::TopUp(account, _)
            | Self::SetFunds { account, .. }
            | Self::SetCallbackUrl(account, _) => Some(*account),
            Self::Pause(_) | Self::Resume(_) | Self::SetFates(_) | Self::Click { .. } => None,
        }
    }
}

/// What a request says of all its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendOptions {
    /// The agent's name.
    pub agent: String,
    /// What the messages say.
    pub content: Content,
    /// The alternative channel.
    pub sms: Option<Sms>,
    /// How long delivery may be tried.
    #[serde(with = "written::span")]
    pub validity: Duration,
    /// The tariff to charge by.
    pub tariff_code: Option<i64>,
    /// Where the reports go, instead of the account's URL.
    #[serde(with = "written::text")]
    pub callback_url: Option<Arc<str>>,
    /// Whether numbers on the RCS stop list are not sent to.
    pub check_stop_list: bool,
    /// Whether the numbers are kept as contacts.
    pub add_to_contact_book: bool,
}
