//! What a dry run of a universal send asks.

use bsg_rcs_domain::CivilDateTime;

use crate::api::addressee::Addressee;
use crate::model::channel::AnyChannel;
use crate::model::content::{Content, Sms};

/// What a universal send says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// The recipients.
    pub to: Recipients,
    /// The channels, in the order in which they are tried.
    pub channels: Vec<AnyChannel>,
    /// The RCS part.
    pub rcs: Option<RcsPart>,
    /// The SMS part.
    pub sms: Option<Sms>,
    /// The tariff to charge by.
    pub tariff_code: Option<i64>,
    /// When a campaign is to start.
    pub start_at: Option<CivilDateTime>,
    /// Whether numbers on the stop list are not sent to.
    pub check_stop_list: bool,
}

/// The recipients of a universal send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    /// Of a single message.
    One(Addressee),
    /// Of a campaign.
    Many(Vec<Addressee>),
    /// Of a campaign to the contacts of these lists.
    Lists(Vec<u64>),
}

/// The RCS part of a universal send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RcsPart {
    /// The agent's name.
    pub agent: String,
    /// What the message says.
    pub content: Content,
}

impl DryRun {
    /// The RCS part, if that channel is named.
    pub(crate) fn rcs(&self) -> Option<&RcsPart> {
        self.rcs.as_ref().filter(|_| self.channels.contains(&AnyChannel::Rcs))
    }

    /// The SMS part, if that channel is named.
    pub(crate) fn sms(&self) -> Option<&Sms> {
        self.sms.as_ref().filter(|_| self.channels.contains(&AnyChannel::Sms))
    }
}
