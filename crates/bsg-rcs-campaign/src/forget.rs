//! Forgetting: numbers are removed from the store, and from the lines that plans list; counts,
//! statuses and money stay.
//!
//! What a message says is not looked at: whoever writes a number into a text has to forget the
//! campaign's text elsewhere.

use bsg_rcs_store::{CampaignState, Forget, Store};

use crate::error::CampaignError;
use crate::kept::{RefusedLine, summary_of};

/// Forgets; answers how many recipients there were.
///
/// # Errors
/// [`CampaignError`] if the store fails; forgetting again goes on.
pub async fn forget(store: &dyn Store, whom: Forget) -> Result<u64, CampaignError> {
    // The lines first: what the store overwrites and clears away when it forgets is theirs too.
    for campaign in store.campaigns().await? {
        let meant = match whom {
            Forget::Campaign(id) => campaign.id == id,
            Forget::Number(_) => true,
        };
        if !meant || campaign.state == CampaignState::Preparing {
            continue;
        }
        let mut plan = summary_of(&campaign)?;
        let mut changed = false;
        for line in plan.refusals.iter_mut().chain(&mut plan.doubts) {
            if is_meant(line, whom) && !line.value.is_empty() {
                line.value.clear();
                changed = true;
            }
        }
        if changed {
            let summary =
                serde_json::to_string(&plan).map_err(|_| CampaignError::Corrupt("plan"))?;
            store.set_summary(campaign.id, summary).await?;
        }
    }
    Ok(store.forget(whom).await?)
}

/// Whether a listed line holds a number that is to be forgotten, however it is written.
fn is_meant(line: &RefusedLine, whom: Forget) -> bool {
    match whom {
        Forget::Campaign(_) => true,
        Forget::Number(number) => {
            let digits: String = line.value.chars().filter(char::is_ascii_digit).collect();
            digits.contains(&number.as_u64().to_string())
        }
    }
}
