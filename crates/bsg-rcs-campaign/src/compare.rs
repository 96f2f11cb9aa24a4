//! Comparing what the reports billed with what the platform says that it charged, batch by batch.

use bsg_rcs_domain::{Amount, CampaignId};
use bsg_rcs_store::Kind;
use serde::{Deserialize, Serialize};

use crate::apply::Tools;
use crate::error::CampaignError;

/// A batch whose bill is not what the platform says; amounts have seven decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The batch's number, from 0.
    pub batch: u32,
    /// The platform's campaigns that hold its messages.
    pub remotes: Vec<u64>,
    /// What the reports billed.
    pub billed: String,
    /// The platform's own total.
    pub total_price: String,
}

/// The batches whose bills differ. Single sends are none of the platform's campaigns and have no
/// total; a batch of which the platform names none is passed over.
///
/// # Errors
/// [`CampaignError`] if the store fails or the platform does not answer.
pub async fn compare(tools: &Tools, id: CampaignId) -> Result<Vec<Difference>, CampaignError> {
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let mut differences = Vec::new();
    if campaign.kind == Kind::Single {
        return Ok(differences);
    }
    for batch in tools.store.batches(id).await? {
        let Some(total) = total_price(tools, &batch.remotes).await? else { continue };
        let recipients = tools.store.recipients(id, batch.first, batch.count).await?;
        let billed = recipients.iter().flat_map(|recipient| &recipient.billed);
        let billed = billed.fold(Amount::ZERO, |sum, money| plus(sum, money.amount));
        if billed != total {
            differences.push(Difference {
                batch: batch.number,
                remotes: batch.remotes,
                billed: billed.to_string(),
                total_price: total.to_string(),
            });
        }
    }
    Ok(differences)
}

/// The platform's own total of its campaigns, if it names one for each.
async fn total_price(tools: &Tools, remotes: &[u64]) -> Result<Option<Amount>, CampaignError> {
    let mut total = None;
    for remote in remotes {
        let Some(price) = tools.client.campaigns().detail(*remote).await?.total_price else {
            return Ok(None);
        };
        total = Some(plus(total.unwrap_or_default(), price));
    }
    Ok(total)
}

fn plus(sum: Amount, more: Amount) -> Amount {
    sum.checked_add(more).unwrap_or(sum)
}
