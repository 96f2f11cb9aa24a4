//! Single sends: a campaign of one, journalled before it leaves.

use bsg_rcs_domain::{BatchCap, CampaignId, Country, Message, Msisdn, ReferenceId};
use bsg_rcs_store::{CampaignState, Kind, NewRecipient, PlanEnd, StoreError, Timestamp};
use sha2::{Digest, Sha256};

use crate::apply::{self, Applied, ApplyOptions, Tools};
use crate::error::CampaignError;
use crate::kept::PlanSummary;
use crate::plan::{self, Destination, PlanOrder, check_country};

/// A single send that was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SingleSend {
    /// The campaign of one that it is.
    pub campaign: CampaignId,
    /// The reference that its message carries.
    pub reference: ReferenceId,
    /// Whether it was written down before, under the caller's own reference: it is not sent again.
    pub known: bool,
}

/// Writes a single send down. A caller's own reference that was written down before answers that
/// one: saying the same twice sends once.
///
/// # Errors
/// [`CampaignError`] if the store fails, the reference is that of another number, or the message is
/// forbidden in the number's country.
pub async fn prepare(
    tools: &Tools,
    message: &Message,
    number: Msisdn,
    reference: Option<ReferenceId>,
) -> Result<SingleSend, CampaignError> {
    if let Some(reference) = reference
        && let Some((campaign, index)) = tools.store.by_reference(reference).await?
    {
        return known(tools, campaign, index, reference, number).await;
    }
    check_country(message, Country::of(number))?;
    let order = PlanOrder {
        message: message.clone(),
        destination: Destination::from(&tools.client),
        name: None,
        prices: None,
        max_cost: None,
        start_at: None,
        again: true,
        cap: BatchCap::PLATFORM,
    };
    let row = plan::new_campaign(&order, Kind::Single, &*tools.clock)?;
    let (campaign, key) = (row.id, row.key);
    let summary = summary(campaign)?;
    let recipient = NewRecipient { number, label: None, reference };
    tools.store.create(row).await?;
    tools.store.add_recipients(campaign, 0, vec![recipient]).await?;
    // Two that write down the same reference at the same moment: one of them does.
    let own = reference.as_ref().map(digest);
    let end = PlanEnd {
        recipients: 1,
        unless_since: own.is_some().then_some(Timestamp(i64::MIN)),
        digest: own.unwrap_or_default(),
        summary,
        worst: Vec::new(),
    };
    let reference = reference.unwrap_or_else(|| key.mint(campaign, 0, number));
    match tools.store.finish_plan(campaign, end).await {
        Err(StoreError::Planned(other)) => {
            tools.store.discard(campaign).await?;
            known(tools, other, 0, reference, number).await
        }
        ended => Ok(ended.map(|()| SingleSend { campaign, reference, known: false })?),
    }
}

/// By which the same reference is recognised, also once its recipient was forgotten: not the reference
/// itself, which may say who that was.
fn digest(reference: &ReferenceId) -> String {
    let digest = Sha256::digest(reference.as_str().as_bytes());
    digest.iter().fold("single ".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// A single send that was written down before, if it is to the same number.
async fn known(
    tools: &Tools,
    campaign: CampaignId,
    index: u32,
    reference: ReferenceId,
    number: Msisdn,
) -> Result<SingleSend, CampaignError> {
    let recipients = tools.store.recipients(campaign, index, 1).await?;
    if recipients.first().is_some_and(|recipient| recipient.number == Some(number)) {
        return Ok(SingleSend { campaign, reference, known: true });
    }
    let why = "has this reference for another number: take another reference".to_owned();
    Err(CampaignError::NotApplicable { id: campaign, why })
}

/// Sends what was written down; once, however often it is called. An unknown outcome is looked up
/// before it is sent again under the same reference.
///
/// # Errors
/// As [`apply::apply`].
pub async fn send(tools: &Tools, single: &SingleSend) -> Result<Applied, CampaignError> {
    let campaign = tools.store.campaign(single.campaign).await?;
    if campaign.is_some_and(|campaign| campaign.state == CampaignState::Done) {
        return Ok(Applied::AllSent);
    }
    apply::apply(tools, single.campaign, ApplyOptions::default()).await
}

fn summary(campaign: CampaignId) -> Result<String, CampaignError> {
    let summary = PlanSummary {
        campaign: campaign.to_string(),
        read: 1,
        refused: 0,
        duplicates: 0,
        recipients: 1,
        batches: 1,
        refusals: Vec::new(),
        doubtful: 0,
        doubts: Vec::new(),
        estimate: None,
        max_cost: None,
    };
    serde_json::to_string(&summary).map_err(|_| CampaignError::Corrupt("plan"))
}
