//! Random bytes: ids of campaigns, seal keys and the numbers of workers.

use crate::error::CampaignError;

/// Random bytes of the operating system.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], CampaignError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| CampaignError::Random)?;
    Ok(bytes)
}
