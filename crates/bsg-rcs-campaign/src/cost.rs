//! What a campaign has cost, and may still cost: everything that was billed, plus the worst case of
//! every message that was sent and has no end, or no price, yet.

use std::time::Duration;

use bsg_rcs_domain::{Amount, Money};
use bsg_rcs_store::{BatchRow, BatchState, CampaignRow};

use crate::error::CampaignError;
use crate::report::is_unpriced;
use crate::stored_plan::UnitPrices;
use crate::tools::Tools;

/// Batches that are read at once.
pub(crate) const BATCHES_AT_ONCE: u32 = 1000;

/// What a campaign has cost and may still cost, in the currency of its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spending {
    /// What was billed, plus the worst case of what was sent and has no end yet.
    pub(crate) spent: Amount,
    /// What the next batch may cost at worst.
    pub(crate) next: Amount,
    /// A price that was billed and is not in the price list.
    pub(crate) unlisted: Option<Money>,
}

/// How closely it is looked at what is left of batches whose messages differ in price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closeness {
    /// Every open message counts as the dearest.
    Bound,
    /// The recipients are read.
    Exact,
}

/// Reads what a campaign costs, with `next` about to be sent.
///
/// # Errors
/// [`CampaignError`] if the store fails, or a sum is too great to be written.
pub(crate) async fn read_spending(
    tools: &Tools,
    campaign: &CampaignRow,
    prices: &UnitPrices,
    next: &BatchRow,
    closeness: Closeness,
) -> Result<Spending, CampaignError> {
    let tally = tools.store.tally(campaign.id, Duration::ZERO).await?;
    let billed = tally.iter().flat_map(|row| row.billed.iter().map(|price| (*price, row.count)));
    let (mut sum, mut unlisted) = (Amount::ZERO, None);
    for (price, count) in billed {
        if price.amount != Amount::ZERO && !prices.has(price) {
            unlisted = unlisted.or(Some(price));
        }
        if price.currency == prices.currency() {
            let more = price.amount.checked_mul(count).ok_or(CampaignError::SumTooGreat)?;
            sum = plus(sum, more)?;
        }
    }
    // What was delivered and has no price yet is paid all the same.
    let unpriced = tally.iter().filter(|row| is_unpriced(row)).map(|row| row.count).sum::<u64>();
    let dearest = prices.dearest().checked_mul(unpriced).ok_or(CampaignError::SumTooGreat)?;
    let sum = plus(sum, dearest)?;
    let under_way = under_way(tools, campaign, prices, next, closeness).await?;
    let next = next.worst.map_or(Amount::ZERO, |worst| worst.amount);
    Ok(Spending { spent: plus(sum, under_way)?, next, unlisted })
}

/// The worst case of every message that was sent, or is about to be, and has no end yet.
async fn under_way(
    tools: &Tools,
    campaign: &CampaignRow,
    prices: &UnitPrices,
    next: &BatchRow,
    closeness: Closeness,
) -> Result<Amount, CampaignError> {
    let (mut sum, mut from) = (Amount::ZERO, 0);
    loop {
        let rows = tools.store.batches(campaign.id, from, BATCHES_AT_ONCE).await?;
        let Some(last) = rows.last() else { return Ok(sum) };
        from = last.first.saturating_add(last.count.max(1));
        for row in rows.iter().filter(|row| row.number != next.number && is_counted(row)) {
            sum = plus(sum, worst_left(tools, campaign, prices, row, closeness).await?)?;
        }
    }
}

/// Whether messages of a batch were sent or may be. A lease is in the store before its holder asks
/// here: of two that ask at the same moment, each counts the other.
const fn is_counted(row: &BatchRow) -> bool {
    match row.state {
        BatchState::Planned => row.leased.is_some(),
        BatchState::Rejected => false,
        BatchState::Sending | BatchState::Accepted | BatchState::Unknown | BatchState::Held => true,
    }
}

/// What the messages of a batch that have no end yet may cost at worst.
async fn worst_left(
    tools: &Tools,
    campaign: &CampaignRow,
    prices: &UnitPrices,
    row: &BatchRow,
    closeness: Closeness,
) -> Result<Amount, CampaignError> {
    let all = row.worst.map(|worst| worst.amount).ok_or(CampaignError::CapWithoutPrices)?;
    if row.without_end == 0 {
        return Ok(Amount::ZERO);
    }
    if row.without_end >= row.count {
        return Ok(all);
    }
    let bound = prices.dearest().checked_mul(row.without_end.into());
    let bound = bound.ok_or(CampaignError::SumTooGreat)?.min(all);
    if prices.is_uniform() || closeness == Closeness::Bound {
        return Ok(bound);
    }
    // Which of several prices the open ones have, only the recipients tell.
    let mut recipients = tools.store.recipients(campaign.id, row.first, row.count).await?;
    recipients.retain(|to| !to.ended);
    Ok(prices.worst(&recipients).unwrap_or(all))
}

/// A checked sum.
pub(crate) fn plus(sum: Amount, more: Amount) -> Result<Amount, CampaignError> {
    sum.checked_add(more).ok_or(CampaignError::SumTooGreat)
}
