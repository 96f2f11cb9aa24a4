//! Single sends: a campaign of one, journalled before it leaves.

use bsg_rcs_domain::seal::Address;
use bsg_rcs_domain::{BatchCap, CampaignId, Country, Message, Msisdn, ReferenceId};
use bsg_rcs_store::{
    BatchState, CampaignFilter, CampaignRow, CampaignState, Guard, Kind, NewRecipient, PlanEnd,
    StoreError, Timestamp,
};
use sha2::{Digest, Sha256};

use crate::applied::{Applied, ApplyOptions};
use crate::apply;
use crate::bare_prices::name_currency;
use crate::error::CampaignError;
use crate::hand::addressee;
use crate::plan::{self, Destination, NumberSum, PlanOrder, RECENT, check_country};
use crate::report::{CampaignReport, report};
use crate::stored_plan::{PlanSummary, StoredPlan};
use crate::tools::Tools;
use crate::track::poll;

/// What is to be sent to one number.
#[derive(Debug, Clone)]
pub struct SingleOrder<'a> {
    /// The message.
    pub message: &'a Message,
    /// The number that it goes to.
    pub number: Msisdn,
    /// The caller's own reference; without one, one is minted.
    pub reference: Option<ReferenceId>,
    /// Sends although the same message went to the same number within 24 hours. Asked for only
    /// without a reference of the caller's own: that says itself what is the same.
    pub again: bool,
}

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

/// Writes a single send down. A caller's own reference that was written down before, for the same
/// platform and account, answers that one: saying the same twice sends once.
///
/// # Errors
/// [`CampaignError`] if the store fails, the reference is that of another number, the same message
/// went to the same number within 24 hours, or the message is forbidden in the number's country.
pub async fn prepare(tools: &Tools, single: SingleOrder<'_>) -> Result<SingleSend, CampaignError> {
    let SingleOrder { message, number, reference, again } = single;
    if let Some(reference) = reference
        && let Some(owner) = owner(tools, reference).await?
    {
        return known(tools, owner, reference, number).await;
    }
    check_country(message, Country::of(number))?;
    let order = PlanOrder {
        message: message.clone(),
        destination: Destination::from(&tools.client),
        name: None,
        prices: None,
        max_cost: None,
        start_at: None,
        again,
        cap: BatchCap::PLATFORM,
    };
    let row = plan::new_campaign(&order, Kind::Single)?;
    let (campaign, key) = (row.id, row.key);
    let recipient = NewRecipient { number, label: None, reference };
    let _claim = tools.store.claim(campaign).await?;
    tools.store.create(row).await?;
    tools.store.add_recipients(campaign, 0, vec![recipient]).await?;
    let end = PlanEnd {
        recipients: 1,
        // Two that write down the same at the same moment: one of them does.
        guard: match reference {
            Some(_) => Some(Guard::Reference),
            None => (!again).then_some(Guard::Begun { within: RECENT }),
        },
        digest: reference.as_ref().map_or_else(|| same(message, number), digest),
        summary: summary(campaign, again)?,
        ..PlanEnd::default()
    };
    let carried = reference.unwrap_or_else(|| key.mint(campaign, 0, number));
    match tools.store.finish_plan(campaign, end).await {
        Err(StoreError::Planned(other)) => {
            tools.store.discard(campaign).await?;
            match reference {
                Some(reference) => known(tools, (other, 0), reference, number).await,
                None => Err(CampaignError::SameSent { other }),
            }
        }
        ended => Ok(ended.map(|()| SingleSend { campaign, reference: carried, known: false })?),
    }
}

/// Recognises the same message to the same number.
fn same(message: &Message, number: Msisdn) -> String {
    let mut numbers = NumberSum::default();
    numbers.add(number);
    format!("single {}", plan::digest(message, numbers))
}

/// By which the same reference is recognised, also once its recipient was forgotten: not the
/// reference itself, which may say who that was.
fn digest(reference: &ReferenceId) -> String {
    let digest = Sha256::digest(reference.as_str().as_bytes());
    digest.iter().fold("single ".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// The recipient that carries a caller's own reference on this platform and account.
async fn owner(
    tools: &Tools,
    reference: ReferenceId,
) -> Result<Option<(CampaignId, u32)>, CampaignError> {
    let here = Destination::from(&tools.client);
    let owner = tools.store.owners(vec![reference]).await?.pop().flatten();
    let owner = owner.filter(|o| o.platform == here.platform && o.account == here.account);
    Ok(owner.map(|owner| (owner.campaign, owner.index)))
}

/// A single send that was written down before, if it is to the same number.
async fn known(
    tools: &Tools,
    (campaign, index): (CampaignId, u32),
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
pub async fn send(tools: &Tools, campaign: CampaignId) -> Result<Applied, CampaignError> {
    let row = tools.store.campaign(campaign).await?.ok_or(CampaignError::NoCampaign(campaign))?;
    if row.state == CampaignState::Done {
        return Ok(Applied::AllSent);
    }
    apply::apply(tools, campaign, ApplyOptions::default()).await
}

/// Goes on with a single send after a person looked: one that is held is taken up again.
///
/// # Errors
/// As [`apply::apply`].
pub async fn resume(tools: &Tools, campaign: CampaignId) -> Result<Applied, CampaignError> {
    let options = ApplyOptions { retry_held: true, ..ApplyOptions::default() };
    apply::apply(tools, campaign, options).await
}

/// The single send that a reference belongs to, the caller's own or a minted one.
///
/// # Errors
/// [`CampaignError::NoReference`] if the store has none.
pub async fn find(tools: &Tools, reference: ReferenceId) -> Result<SingleSend, CampaignError> {
    let minted = Address::read(&reference).map(|address| address.campaign());
    let campaign = match owner(tools, reference).await? {
        Some((campaign, _)) => Some(campaign),
        None => minted,
    };
    let row = match campaign {
        Some(campaign) => tools.store.campaign(campaign).await?,
        None => None,
    };
    let row = row.filter(|row| row.kind == Kind::Single);
    let row = row.ok_or(CampaignError::NoReference(reference))?;
    Ok(SingleSend { campaign: row.id, reference, known: true })
}

/// Looks once at what became of a single send, and sends nothing.
///
/// # Errors
/// [`CampaignError`] if the store fails or the platform cannot be asked.
pub async fn look_up(tools: &Tools, campaign: CampaignId) -> Result<CampaignReport, CampaignError> {
    let row = tools.store.campaign(campaign).await?.ok_or(CampaignError::NoCampaign(campaign))?;
    let batch = tools.store.batches(campaign, 0, 1).await?.pop();
    match batch.map(|batch| batch.state) {
        Some(BatchState::Accepted) => {
            poll(tools, campaign).await?;
        }
        Some(BatchState::Sending | BatchState::Unknown | BatchState::Held) => {
            let only = tools.store.recipients(campaign, 0, 1).await?;
            if let Some(to) = only.first().and_then(|only| addressee(&row, only)) {
                let mut found = tools.client.look_up(&[to]).await?.messages;
                name_currency(tools, &row, &mut found).await?;
                let reports = found.into_iter().map(|message| (0, message.report));
                tools.store.add_reports(campaign, reports.collect()).await?;
            }
        }
        // Nothing was sent.
        Some(BatchState::Planned | BatchState::Rejected) | None => {}
    }
    report(&*tools.store, campaign).await
}

/// Single sends that are not done, the youngest first, at most `limit` of those behind `before`.
///
/// # Errors
/// [`CampaignError`] if the store fails.
pub async fn unfinished(
    tools: &Tools,
    before: Option<(Timestamp, CampaignId)>,
    limit: u32,
) -> Result<Vec<CampaignRow>, CampaignError> {
    let states = vec![CampaignState::Planned, CampaignState::Sending, CampaignState::Paused];
    let filter = CampaignFilter { kinds: vec![Kind::Single], states, before, limit };
    Ok(tools.store.campaigns(filter).await?)
}

/// The reference that the message of a single send carries; `None` once its number was forgotten.
///
/// # Errors
/// [`CampaignError`] if the store fails.
pub async fn reference_of(
    tools: &Tools,
    row: &CampaignRow,
) -> Result<Option<ReferenceId>, CampaignError> {
    let only = tools.store.recipients(row.id, 0, 1).await?;
    Ok(only.first().and_then(|only| addressee(row, only)).map(|to| to.reference))
}

fn summary(campaign: CampaignId, again: bool) -> Result<String, CampaignError> {
    let summary = PlanSummary {
        campaign: campaign.to_string(),
        read: 1,
        recipients: 1,
        batches: 1,
        ..PlanSummary::default()
    };
    StoredPlan { summary, again, ..StoredPlan::default() }.to_json()
}
