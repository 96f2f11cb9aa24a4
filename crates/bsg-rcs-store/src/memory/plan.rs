//! Campaigns come and go, in memory.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, Reports};

use super::MemoryStore;
use super::state::{Member, Plan, planned_batches};
use crate::error::StoreError;
use crate::rows::{
    ABANDONED_AFTER, BatchState, CampaignRow, CampaignState, Guard, NewRecipient, PlanEnd,
    RecipientRow, Timestamp,
};
use crate::store::PlanStore;

#[async_trait]
impl PlanStore for MemoryStore {
    async fn create(&self, campaign: CampaignRow) -> Result<(), StoreError> {
        let now = self.at();
        let mut state = self.state();
        if state.campaigns.contains_key(&campaign.id) {
            return Err(StoreError::Exists(format!("campaign {}", campaign.id)));
        }
        let row = campaign.as_created(now);
        let (batches, recipients, clicks) = Default::default();
        let plan = Plan { row, batches, recipients, clicks, alive_at: now };
        state.campaigns.insert(plan.row.id, plan);
        Ok(())
    }

    async fn add_recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        recipients: Vec<NewRecipient>,
    ) -> Result<(), StoreError> {
        let now = self.at();
        let mut state = self.state();
        let plan = state.preparation(campaign)?;
        StoreError::unless_written(campaign, plan.written(), first)?;
        plan.recipients.extend((first..).zip(recipients).map(member));
        plan.row.recipients = plan.written();
        plan.alive_at = now;
        Ok(())
    }

    async fn finish_plan(&self, campaign: CampaignId, end: PlanEnd) -> Result<(), StoreError> {
        let PlanEnd { recipients, digest, summary, worst, guard, batch_size } = end;
        let now = self.at();
        let mut state = self.state();
        let plan = state.preparation(campaign)?;
        StoreError::unless_written(campaign, plan.written(), recipients)?;
        let row = CampaignRow {
            state: CampaignState::Planned,
            digest,
            summary,
            batch_cap: batch_size.unwrap_or(plan.row.batch_cap),
            ..plan.row.clone()
        };
        let batches = planned_batches(&row, &worst, now)?;
        let same = match guard {
            None => None,
            Some(Guard::Begun { within }) => {
                state.same_as(&row, |other| was_begun(other, now.before(within)))
            }
            Some(Guard::Reference) => state.same_as(&row, |other| {
                other.account == row.account && other.state != CampaignState::Preparing
            }),
        };
        if let Some(same) = same {
            return Err(StoreError::Planned(same));
        }
        let plan = state.preparation(campaign)?;
        plan.batches = batches;
        plan.row = row;
        Ok(())
    }

    async fn begin(
        &self,
        campaign: CampaignId,
        guard: Option<Duration>,
    ) -> Result<CampaignState, StoreError> {
        let now = self.at();
        let mut state = self.state();
        let row = state.plan(campaign)?.row.clone();
        if let (CampaignState::Planned, Some(within)) = (row.state, guard) {
            let begun = |other: &CampaignRow| was_begun(other, now.before(within));
            if let Some(same) = state.same_as(&row, begun) {
                return Err(StoreError::Planned(same));
            }
        }
        let plan = state.plan(campaign)?;
        if row.state.grants(CampaignState::Sending, true) {
            plan.becomes(CampaignState::Sending, None, now);
        }
        Ok(plan.row.state)
    }

    async fn discard(&self, campaign: CampaignId) -> Result<bool, StoreError> {
        let mut state = self.state();
        let never_sent = |plan: &Plan| match plan.row.state {
            CampaignState::Preparing => true,
            CampaignState::Planned => plan
                .batches
                .iter()
                .all(|batch| batch.row.state == BatchState::Planned && batch.row.attempts == 0),
            _ => false,
        };
        let found = state.campaigns.get(&campaign).is_some_and(never_sent);
        if found {
            state.campaigns.remove(&campaign);
        }
        Ok(found)
    }

    async fn abandoned(&self) -> Result<Vec<CampaignId>, StoreError> {
        let now = self.at();
        let state = self.state();
        let is_dead = |plan: &&Plan| {
            plan.row.state == CampaignState::Preparing
                && if self.is_shared {
                    plan.alive_at.after(ABANDONED_AFTER) <= now
                } else {
                    !state.claimed.contains(&plan.row.id)
                }
        };
        Ok(state.campaigns.values().filter(is_dead).map(|plan| plan.row.id).collect())
    }

    async fn set_summary(&self, id: CampaignId, summary: String) -> Result<(), StoreError> {
        self.state().plan(id)?.row.summary = summary;
        Ok(())
    }

    async fn set_account(&self, id: CampaignId, account: String) -> Result<(), StoreError> {
        self.state().plan(id)?.row.account = account;
        Ok(())
    }
}

fn was_begun(row: &CampaignRow, since: Timestamp) -> bool {
    row.begun_at.is_some_and(|at| at >= since)
}

fn member((index, new): (u32, NewRecipient)) -> Member {
    let NewRecipient { number, label, reference } = new;
    let row = RecipientRow {
        index,
        number: Some(number),
        label,
        reference,
        outcome: None,
        note: None,
        shown: None,
        ended: false,
        sms: false,
        billed: Vec::new(),
    };
    Member { row, reports: Reports::default(), contradicted: false }
}
