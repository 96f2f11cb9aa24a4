//! Comparing what the reports billed with what the platform says that it charged, batch by batch.

use bsg_rcs_domain::{Amount, CampaignId, Currency};
use bsg_rcs_store::{BatchRow, Kind};

use crate::cost::{BATCHES_AT_ONCE, plus};
use crate::error::CampaignError;
use crate::report::Difference;
use crate::stored_plan::plan_of;
use crate::tools::Tools;

/// The batches whose bills differ. Single sends are none of the platform's campaigns and have no
/// total; a batch of which the platform names none is passed over.
///
/// # Errors
/// [`CampaignError`] if the campaign is on another platform or account, the store fails, or the
/// platform does not answer.
pub async fn compare(tools: &Tools, id: CampaignId) -> Result<Vec<Difference>, CampaignError> {
    let campaign = tools.store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
    let (mut differences, mut from) = (Vec::new(), 0);
    if campaign.kind == Kind::Single {
        return Ok(differences);
    }
    if !tools.is_of(&campaign) {
        let why = "is on another platform or account: compare with the key that sent it".to_owned();
        return Err(CampaignError::NotApplicable { id, why });
    }
    // Without a currency of its own the account is billed in that of the plan.
    let planned = plan_of(&campaign)?.currency();
    let account = tools.client.account().balance().await?.currency.or(planned);
    loop {
        let rows = tools.store.batches(id, from, BATCHES_AT_ONCE).await?;
        let Some(last) = rows.last() else { return Ok(differences) };
        from = last.first.saturating_add(last.count.max(1));
        for batch in rows {
            let Some(total) = total_price(tools, &batch.remotes).await? else { continue };
            differences.extend(difference(tools, id, batch, total, account).await?);
        }
    }
}

/// Where one batch's bill is not the platform's total, which is in the account's currency.
async fn difference(
    tools: &Tools,
    id: CampaignId,
    batch: BatchRow,
    total: Amount,
    account: Option<Currency>,
) -> Result<Option<Difference>, CampaignError> {
    let recipients = tools.store.recipients(id, batch.first, batch.count).await?;
    let (mut billed, mut foreign) = (Amount::ZERO, None);
    for price in recipients.iter().flat_map(|recipient| &recipient.billed) {
        if account.is_none_or(|account| account == price.currency) {
            billed = plus(billed, price.amount)?;
        } else {
            foreign = Some(*price);
        }
    }
    if billed == total && foreign.is_none() {
        return Ok(None);
    }
    let beside = foreign.map(|money| format!(", and some in {}", money.currency));
    Ok(Some(Difference {
        batch: batch.number,
        remotes: batch.remotes,
        billed: format!("{billed}{}", beside.unwrap_or_default()),
        total_price: total.to_string(),
    }))
}

/// The platform's own total of its campaigns, if it names one for each.
async fn total_price(tools: &Tools, remotes: &[u64]) -> Result<Option<Amount>, CampaignError> {
    let mut total = None;
    for remote in remotes {
        let price = tools.client.campaigns().detail(*remote).await?.total_price;
        let named = price.money().map(|money| money.amount);
        let Some(price) = named.or(price.bare()) else { return Ok(None) };
        total = Some(plus(total.unwrap_or_default(), price)?);
    }
    Ok(total)
}
