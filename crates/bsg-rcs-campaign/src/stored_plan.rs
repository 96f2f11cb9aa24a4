//! What a campaign's row keeps of its plan: the message, what planning found, and unit prices.

use std::collections::BTreeMap;

use bsg_rcs_domain::tariff::Quote;
use bsg_rcs_domain::{Amount, Country, Currency, Message, Money};
use bsg_rcs_store::{CampaignRow, Outcome, RecipientRow};
use serde::{Deserialize, Serialize};

use crate::error::CampaignError;
pub use crate::input::RefusedLine;
use crate::input::message::MessageFile;

/// A plan, as it is shown: always `read = refused + duplicates + excluded + recipients`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// Numbers that were left out on request.
    #[serde(default)]
    pub excluded: u64,
    /// Recipients of the campaign.
    pub recipients: u64,
    /// Requests that it takes.
    pub batches: u64,
    /// The first hundred refusals.
    pub refusals: Vec<RefusedLine>,
    /// Recipients whose number is well-formed but hardly exists; they are included.
    #[serde(default)]
    pub doubtful: u64,
    /// The first hundred of them.
    #[serde(default)]
    pub doubts: Vec<RefusedLine>,
    /// How many lines each rule refuses, by its id.
    #[serde(default)]
    pub refused_by_rule: BTreeMap<String, u64>,
    /// How many recipients each country has; those of no country under `unknown`.
    #[serde(default)]
    pub countries: BTreeMap<String, u64>,
    /// What it costs; `None` without prices.
    pub estimate: Option<Estimate>,
    /// The most that it may cost, in the currency of the estimate; seven decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost: Option<String>,
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

/// A plan as it is kept: what is shown of it, and what applying needs beside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct StoredPlan {
    #[serde(flatten)]
    pub(crate) summary: PlanSummary,
    /// What one message costs in each country of the recipients.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unit_prices: Vec<UnitPrice>,
    /// The currency of prices that name none: the estimate's, or the account's once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,
    /// Whether the plan was made although the same was sent within 24 hours.
    #[serde(default)]
    pub(crate) again: bool,
}

/// What one message costs in a country; amounts have seven decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnitPrice {
    /// ISO 3166-1; `None` for numbers whose country is not known.
    pub(crate) country: Option<String>,
    /// The RCS message.
    pub(crate) rcs: String,
    /// All parts of the SMS of the alternative channel, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sms: Option<String>,
}

/// The unit prices of a plan, ready to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnitPrices {
    currency: Currency,
    by_country: BTreeMap<Option<Country>, (Amount, Option<Amount>)>,
}

impl UnitPrices {
    pub(crate) const fn currency(&self) -> Currency {
        self.currency
    }

    /// What these recipients cost at worst; `None` if the sum is too great. One that was refused
    /// costs nothing; one whose number was forgotten costs as much as the dearest.
    pub(crate) fn worst<'r>(
        &self,
        recipients: impl IntoIterator<Item = &'r RecipientRow>,
    ) -> Option<Amount> {
        let mut costing = recipients.into_iter().filter(|to| to.outcome != Some(Outcome::Rejected));
        costing.try_fold(Amount::ZERO, |sum, to| {
            let country = to.number.map(Country::of);
            let unit = country.and_then(|country| self.by_country.get(&country));
            let worst =
                unit.map_or(self.dearest(), |(rcs, sms)| (*rcs).max(sms.unwrap_or_default()));
            sum.checked_add(worst)
        })
    }

    /// The most that one message can cost.
    pub(crate) fn dearest(&self) -> Amount {
        let worst = self.by_country.values().map(|(rcs, sms)| (*rcs).max(sms.unwrap_or_default()));
        worst.max().unwrap_or_default()
    }

    /// Whether a message costs the same in every country of the plan.
    pub(crate) fn is_uniform(&self) -> bool {
        let mut worst =
            self.by_country.values().map(|(rcs, sms)| (*rcs).max(sms.unwrap_or_default()));
        let first = worst.next();
        worst.all(|other| Some(other) == first)
    }

    /// Whether one message can have been billed this by the list: as RCS, as SMS, or as both where
    /// both were delivered.
    pub(crate) fn has(&self, billed: Money) -> bool {
        billed.currency == self.currency
            && self.by_country.values().any(|(rcs, sms)| {
                let both = sms.and_then(|sms| rcs.checked_add(sms));
                billed.amount == *rcs
                    || sms.is_some_and(|sms| billed.amount == sms)
                    || both.is_some_and(|both| billed.amount == both)
            })
    }
}

impl StoredPlan {
    pub(crate) fn to_json(&self) -> Result<String, CampaignError> {
        serde_json::to_string(self).map_err(|_| CampaignError::Corrupt("plan"))
    }

    /// The currency of prices that name none, if it is known.
    pub(crate) fn currency(&self) -> Option<Currency> {
        let estimate = || Some(&self.summary.estimate.as_ref()?.currency);
        Currency::parse(self.currency.as_ref().or_else(estimate)?).ok()
    }

    /// The unit prices; `None` if the plan was made without.
    ///
    /// # Errors
    /// [`CampaignError::Corrupt`] if they cannot be read.
    pub(crate) fn prices(&self) -> Result<Option<UnitPrices>, CampaignError> {
        let corrupt = || CampaignError::Corrupt("prices");
        if self.unit_prices.is_empty() {
            return Ok(None);
        }
        let amount =
            |text: &str| Amount::parse(text).map(|parsed| parsed.amount).map_err(|_| corrupt());
        let mut by_country = BTreeMap::new();
        for unit in &self.unit_prices {
            let country = unit.country.as_deref().map(Country::parse).transpose();
            let sms = unit.sms.as_deref().map(amount).transpose()?;
            by_country.insert(country.map_err(|_| corrupt())?, (amount(&unit.rcs)?, sms));
        }
        Ok(Some(UnitPrices { currency: self.currency().ok_or_else(corrupt)?, by_country }))
    }
}

/// The message that a campaign sends.
///
/// # Errors
/// [`CampaignError::Corrupt`] if what the store keeps of it cannot be read.
pub fn message_of(campaign: &CampaignRow) -> Result<Message, CampaignError> {
    let corrupt = || CampaignError::Corrupt("message");
    let file: MessageFile = serde_json::from_str(&campaign.message).map_err(|_| corrupt())?;
    let checked = file.into_draft().check().map_err(|_| corrupt())?;
    Ok(checked.value)
}

/// What planning found. A campaign that is being prepared has no plan yet.
///
/// # Errors
/// [`CampaignError::Corrupt`] if it cannot be read.
pub fn summary_of(campaign: &CampaignRow) -> Result<PlanSummary, CampaignError> {
    Ok(plan_of(campaign)?.summary)
}

/// The plan as it is kept.
pub(crate) fn plan_of(campaign: &CampaignRow) -> Result<StoredPlan, CampaignError> {
    if campaign.summary.is_empty() {
        return Ok(StoredPlan::default());
    }
    serde_json::from_str(&campaign.summary).map_err(|_| CampaignError::Corrupt("plan"))
}
