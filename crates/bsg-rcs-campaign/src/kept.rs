//! What a campaign's row holds in words of ours: the message that it sends, and what its plan found.

use bsg_rcs_domain::Message;
use bsg_rcs_domain::tariff::Quote;
use bsg_rcs_store::CampaignRow;
use serde::{Deserialize, Serialize};

use crate::error::CampaignError;
use crate::input::message::MessageFile;

/// A plan, as it is shown and kept: always `read = refused + duplicates + recipients`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSummary {
    /// The campaign's id; empty where recipients were only checked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub campaign: String,
    /// Lines that were read.
    pub read: u64,
    /// Lines that are no recipient.
    pub refused: u64,
    /// Numbers that stood before.
    pub duplicates: u64,
    /// Who is written to.
    pub recipients: u64,
    /// Requests that it takes.
    pub batches: u64,
    /// The first hundred refusals.
    pub refusals: Vec<RefusedLine>,
    /// Recipients whose number is well-formed but hardly exists; they are written to all the same.
    #[serde(default)]
    pub doubtful: u64,
    /// The first hundred of them.
    #[serde(default)]
    pub doubts: Vec<RefusedLine>,
    /// What it costs; `None` without prices.
    pub estimate: Option<Estimate>,
    /// The most that it may cost, in the currency of the estimate; seven decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<String>,
}

/// A line that is no recipient, or a doubtful one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// The line, from 1.
    pub line: u64,
    /// What is written there, at most 64 characters of it.
    pub value: String,
    /// The id of the rule that it breaks.
    pub rule: String,
}

/// What a plan costs; amounts have seven decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// If every RCS message is delivered.
    pub expected: String,
    /// If every message goes the dearer of its two ways.
    pub worst: String,
    /// ISO 4217.
    pub currency: String,
}

impl From<Quote> for Estimate {
    fn from(quote: Quote) -> Self {
        Self {
            expected: quote.expected.amount.to_string(),
            worst: quote.worst.amount.to_string(),
            currency: quote.worst.currency.to_string(),
        }
    }
}

/// The message that a campaign sends.
///
/// # Errors
/// [`CampaignError::Corrupt`] if the store's words for it cannot be read.
pub fn message_of(campaign: &CampaignRow) -> Result<Message, CampaignError> {
    let corrupt = || CampaignError::Corrupt("message");
    let file: MessageFile = serde_json::from_str(&campaign.message).map_err(|_| corrupt())?;
    let checked = file.into_draft().check().map_err(|_| corrupt())?;
    Ok(checked.value)
}

/// What planning found.
///
/// # Errors
/// [`CampaignError::Corrupt`] if it cannot be read.
pub fn summary_of(campaign: &CampaignRow) -> Result<PlanSummary, CampaignError> {
    serde_json::from_str(&campaign.summary).map_err(|_| CampaignError::Corrupt("plan"))
}
