//! Forgetting: numbers are removed from the store, and from the lines that plans list; counts,
//! statuses and money stay.
//!
//! The text of a message is not looked at: a number that stands in it stays.

use bsg_rcs_store::{CampaignFilter, CampaignRow, CampaignState, Forget, Kind, Store};

use crate::error::CampaignError;
use crate::stored_plan::{RefusedLine, plan_of};

/// Forgets; answers how many recipients there were.
///
/// # Errors
/// [`CampaignError`] if the store fails; forgetting again goes on.
pub async fn forget(store: &dyn Store, numbers: Forget) -> Result<u64, CampaignError> {
    // The lines first: what the store overwrites and clears away when it forgets is theirs too.
    let mut filter = CampaignFilter { kinds: vec![Kind::Campaign], ..CampaignFilter::default() };
    loop {
        let page = store.campaigns(filter.clone()).await?;
        let Some(last) = page.last() else { break };
        filter.before = Some((last.created_at, last.id));
        for campaign in &page {
            clear_lines(store, campaign, numbers).await?;
        }
    }
    Ok(store.forget(numbers).await?)
}

/// Clears the listed lines of a plan that hold a number that is to be forgotten.
async fn clear_lines(
    store: &dyn Store,
    campaign: &CampaignRow,
    numbers: Forget,
) -> Result<(), CampaignError> {
    let meant = match numbers {
        Forget::Campaign(id) => campaign.id == id,
        Forget::Number(_) => true,
    };
    if !meant || campaign.state == CampaignState::Preparing {
        return Ok(());
    }
    let mut plan = plan_of(campaign)?;
    let mut changed = false;
    for line in plan.summary.refusals.iter_mut().chain(&mut plan.summary.doubts) {
        if is_meant(line, numbers) && !line.value.is_empty() {
            line.value.clear();
            changed = true;
        }
    }
    if changed {
        store.set_summary(campaign.id, plan.to_json()?).await?;
    }
    Ok(())
}

/// Whether a listed line holds a number that is to be forgotten, however it is written.
fn is_meant(line: &RefusedLine, numbers: Forget) -> bool {
    match numbers {
        Forget::Campaign(_) => true,
        Forget::Number(number) => {
            let digits: String = line.value.chars().filter(char::is_ascii_digit).collect();
            digits.contains(&number.as_u64().to_string())
        }
    }
}
