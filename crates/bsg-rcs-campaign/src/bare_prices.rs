//! Prices that the platform wrote without a currency: they are in the campaign's, which is that of
//! its plan, else the account's.

use bsg_rcs::RemoteMessage;
use bsg_rcs_domain::Currency;
use bsg_rcs_store::CampaignRow;

use crate::error::CampaignError;
use crate::stored_plan::plan_of;
use crate::tools::Tools;

/// Gives each bare price the campaign's currency. The account is asked only if there is one, and the
/// plan has no currency.
///
/// # Errors
/// [`CampaignError`] if the account cannot be asked.
pub(crate) async fn name_currency(
    tools: &Tools,
    campaign: &CampaignRow,
    messages: &mut [RemoteMessage],
) -> Result<(), CampaignError> {
    if messages.iter().all(|message| message.bare_price().is_none()) {
        return Ok(());
    }
    let currency = match plan_of(campaign)?.currency() {
        Some(currency) => Some(currency),
        None => tools.client.account().balance().await?.currency,
    };
    if let Some(currency) = currency {
        messages.iter_mut().for_each(|message| price_in(message, currency));
    }
    Ok(())
}

/// Gives a bare price this currency.
pub(crate) fn price_in(message: &mut RemoteMessage, currency: Currency) {
    message.report.price = message.report.price.or_else(|| message.price.or_in(currency));
}
