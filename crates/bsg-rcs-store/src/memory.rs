//! The store that forgets with its process: for tests, and for sends that nobody minds losing.
//!
//! It is also the reference that one can read: what another store says must be what this one says.
//! So it derives everything when asked and keeps nothing twice; speed is not its job.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bsg_rcs_domain::{BatchCap, CampaignId, ReferenceId, Report, Reports};

use crate::error::StoreError;
use crate::rows::{
    BatchChange, BatchRow, BatchState, CampaignRow, CampaignState, Click, NewRecipient, Outcome,
    Received, RecipientRow, Said, Settled, TallyRow, Timestamp, Verdict,
};
use crate::store::{Claim, Store};
use crate::view::MessageView;

/// A store in memory. Clones share what it holds. Nothing survives the last of them.
#[derive(Clone, Default)]
pub struct MemoryStore {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    campaigns: BTreeMap<CampaignId, Plan>,
    callbacks: Vec<Received>,
    settings: BTreeMap<String, String>,
    claimed: BTreeSet<CampaignId>,
}

/// A campaign and all that belongs to it.
struct Plan {
    row: CampaignRow,
    batches: Vec<BatchRow>,
    recipients: Vec<Member>,
    clicks: BTreeSet<(u32, Click)>,
}

/// A recipient and what was said of it. What is derived of it, `row.shown` and `row.ended`, is so when asked.
struct Member {
    row: RecipientRow,
    reports: Reports,
}

impl MemoryStore {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Every change below is checked before it begins, so a panic leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn plan(&mut self, id: CampaignId) -> Result<&mut Plan, StoreError> {
        self.campaigns.get_mut(&id).ok_or_else(|| StoreError::no_campaign(id))
    }

    fn preparation(&mut self, id: CampaignId) -> Result<&mut Plan, StoreError> {
        self.campaigns
            .get_mut(&id)
            .filter(|plan| plan.row.state == CampaignState::Preparing)
            .ok_or_else(|| StoreError::no_preparation(id))
    }

    fn member(&mut self, id: CampaignId, index: u32) -> Result<&mut Member, StoreError> {
        self.campaigns
            .get_mut(&id)
            .and_then(|plan| plan.recipients.get_mut(at(index)))
            .ok_or_else(|| StoreError::no_recipient(id, index))
    }

    fn keep(&mut self, mut received: Received) {
        if let Verdict::Ours { campaign, index, said } = received.verdict.clone()
            && let Err(missing) = self.say(campaign, index, said)
        {
            received.verdict = Verdict::SetAside { why: missing.to_string() };
        }
        self.callbacks.push(received);
    }

    fn say(&mut self, campaign: CampaignId, index: u32, said: Said) -> Result<(), StoreError> {
        let member = self.member(campaign, index)?;
        match said {
            Said::Report(report) => {
                member.reports.insert(report);
            }
            Said::Click(click) => {
                self.plan(campaign)?.clicks.insert((index, click));
            }
        }
        Ok(())
    }
}

impl Plan {
    fn written(&self) -> u32 {
        u32::try_from(self.recipients.len()).unwrap_or(u32::MAX)
    }

    fn batch_of(&self, index: u32) -> Option<&BatchRow> {
        let number = index.checked_div(u32::from(self.row.batch_cap))?;
        self.batches.get(at(number))
    }

    /// How a recipient stands, as a row of the tally that counts it alone.
    fn standing(&self, member: &Member, accepted_by: Timestamp) -> TallyRow {
        let batch = self.batch_of(member.row.index);
        let view = member.view(self.row.alternative_channel);
        TallyRow {
            outcome: Outcome::of(member.row.outcome, view.is_some(), batch.map(|b| b.state)),
            shown: view.as_ref().map(|view| view.shown),
            ended: view.as_ref().is_some_and(|view| view.ended),
            overdue: batch.is_some_and(|batch| {
                batch.state == BatchState::Accepted && batch.changed_at <= accepted_by
            }),
            sms: view.as_ref().is_some_and(|view| view.sms),
            billed: view.map(|view| view.billed).unwrap_or_default(),
            count: 1,
        }
    }
}

impl Member {
    fn view(&self, alternative_channel: bool) -> Option<MessageView> {
        (!self.reports.is_empty()).then(|| MessageView::of(&self.reports, alternative_channel))
    }
}

/// An index into a list. On machines where it would not fit, no list is so long either.
fn at(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// The planned batches of so many recipients.
fn planned_batches(row: &CampaignRow) -> Result<Vec<BatchRow>, StoreError> {
    let cap = BatchCap::new(row.batch_cap)
        .ok_or_else(|| StoreError::Corrupt(format!("batch cap of campaign {}", row.id)))?;
    let planned = |(number, range): (u32, std::ops::Range<u32>)| BatchRow {
        number,
        first: range.start,
        count: range.end - range.start,
        state: BatchState::Planned,
        attempts: 0,
        changed_at: row.created_at,
        remotes: Vec::new(),
        note: None,
    };
    Ok((0..).zip(cap.ranges(row.recipients)).map(planned).collect())
}

/// Ends the claim when it is dropped.
struct Held {
    kept: Arc<Mutex<Kept>>,
    id: CampaignId,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).claimed.remove(&self.id);
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn create(&self, campaign: CampaignRow) -> Result<(), StoreError> {
        let mut kept = self.kept();
        if kept.campaigns.contains_key(&campaign.id) {
            return Err(StoreError::Exists(format!("campaign {}", campaign.id)));
        }
        let row = CampaignRow {
            state: CampaignState::Preparing,
            recipients: 0,
            digest: String::new(),
            summary: String::new(),
            ..campaign
        };
        let (batches, recipients, clicks) = Default::default();
        kept.campaigns.insert(row.id, Plan { row, batches, recipients, clicks });
        Ok(())
    }

    async fn add_recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        recipients: Vec<NewRecipient>,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let plan = kept.preparation(campaign)?;
        StoreError::unless_written(campaign, plan.written(), first)?;
        let member = |(index, new): (u32, NewRecipient)| {
            let NewRecipient { number, label, reference } = new;
            let row = RecipientRow {
                index,
                number,
                label,
                reference,
                outcome: None,
                note: None,
                shown: None,
                ended: false,
            };
            Member { row, reports: Reports::default() }
        };
        plan.recipients.extend((first..).zip(recipients).map(member));
        Ok(())
    }

    async fn finish_plan(
        &self,
        campaign: CampaignId,
        recipients: u32,
        digest: String,
        summary: String,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let plan = kept.preparation(campaign)?;
        StoreError::unless_written(campaign, plan.written(), recipients)?;
        let state = CampaignState::Planned;
        let row = CampaignRow { state, recipients, digest, summary, ..plan.row.clone() };
        plan.batches = planned_batches(&row)?;
        plan.row = row;
        Ok(())
    }

    async fn discard(&self, campaign: CampaignId) -> Result<(), StoreError> {
        let mut kept = self.kept();
        if kept.preparation(campaign).is_ok() {
            kept.campaigns.remove(&campaign);
        }
        Ok(())
    }

    async fn campaign(&self, id: CampaignId) -> Result<Option<CampaignRow>, StoreError> {
        Ok(self.kept().campaigns.get(&id).map(|plan| plan.row.clone()))
    }

    async fn campaigns(&self) -> Result<Vec<CampaignRow>, StoreError> {
        let mut rows: Vec<_> =
            self.kept().campaigns.values().map(|plan| plan.row.clone()).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.created_at));
        Ok(rows)
    }

    async fn set_state(&self, id: CampaignId, state: CampaignState) -> Result<(), StoreError> {
        self.kept().plan(id)?.row.state = state;
        Ok(())
    }

    async fn claim(&self, id: CampaignId) -> Result<Claim, StoreError> {
        if self.kept().claimed.insert(id) {
            Ok(Claim::new(Held { kept: Arc::clone(&self.kept), id }))
        } else {
            Err(StoreError::Claimed(id))
        }
    }

    async fn batches(&self, campaign: CampaignId) -> Result<Vec<BatchRow>, StoreError> {
        let kept = self.kept();
        Ok(kept.campaigns.get(&campaign).map(|plan| plan.batches.clone()).unwrap_or_default())
    }

    async fn recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        count: u32,
    ) -> Result<Vec<RecipientRow>, StoreError> {
        let kept = self.kept();
        let Some(plan) = kept.campaigns.get(&campaign) else { return Ok(Vec::new()) };
        let row = |member: &Member| {
            let view = member.view(plan.row.alternative_channel);
            RecipientRow {
                shown: view.as_ref().map(|view| view.shown),
                ended: view.is_some_and(|view| view.ended),
                ..member.row.clone()
            }
        };
        Ok(plan.recipients.iter().skip(at(first)).take(at(count)).map(row).collect())
    }

    async fn change_batch(
        &self,
        campaign: CampaignId,
        batch: u32,
        change: BatchChange,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let row = kept
            .campaigns
            .get_mut(&campaign)
            .and_then(|plan| plan.batches.get_mut(at(batch)))
            .ok_or_else(|| StoreError::no_batch(campaign, batch))?;
        row.state = change.state;
        row.changed_at = change.at;
        row.attempts += u32::from(change.state == BatchState::Sending);
        row.remotes.extend(change.remote.filter(|remote| !row.remotes.contains(remote)));
        row.note = change.note.or(row.note.take());
        Ok(())
    }

    async fn settle(&self, campaign: CampaignId, settled: Vec<Settled>) -> Result<(), StoreError> {
        let mut kept = self.kept();
        for Settled { index, .. } in &settled {
            kept.member(campaign, *index)?;
        }
        for Settled { index, outcome, note } in settled {
            let row = &mut kept.member(campaign, index)?.row;
            row.outcome = Some(outcome);
            row.note = note.or(row.note.take());
        }
        Ok(())
    }

    async fn keep_callbacks(&self, received: Vec<Received>) -> Result<(), StoreError> {
        let mut kept = self.kept();
        received.into_iter().for_each(|received| kept.keep(received));
        Ok(())
    }

    async fn add_reports(
        &self,
        campaign: CampaignId,
        reports: Vec<(u32, Report)>,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        for (index, _) in &reports {
            kept.member(campaign, *index)?;
        }
        for (index, report) in reports {
            kept.say(campaign, index, Said::Report(report))?;
        }
        Ok(())
    }

    async fn reports(&self, campaign: CampaignId, index: u32) -> Result<Reports, StoreError> {
        let mut kept = self.kept();
        Ok(kept.member(campaign, index).map(|member| member.reports.clone()).unwrap_or_default())
    }

    async fn tally(
        &self,
        campaign: CampaignId,
        accepted_by: Timestamp,
    ) -> Result<Vec<TallyRow>, StoreError> {
        let kept = self.kept();
        let Some(plan) = kept.campaigns.get(&campaign) else { return Ok(Vec::new()) };
        let mut counts: HashMap<TallyRow, u64> = HashMap::new();
        for member in &plan.recipients {
            *counts.entry(plan.standing(member, accepted_by)).or_default() += 1;
        }
        Ok(counts.into_iter().map(|(row, count)| TallyRow { count, ..row }).collect())
    }

    async fn clicks(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        let kept = self.kept();
        let clicks = kept.campaigns.get(&campaign).map_or(0, |plan| plan.clicks.len());
        Ok(u64::try_from(clicks).unwrap_or(u64::MAX))
    }

    async fn by_reference(
        &self,
        reference: ReferenceId,
    ) -> Result<Option<(CampaignId, u32)>, StoreError> {
        let kept = self.kept();
        let carries = |member: &&Member| member.row.reference == Some(reference);
        let found = kept
            .campaigns
            .values()
            .filter(|plan| plan.row.state != CampaignState::Preparing)
            .filter_map(|plan| Some((plan, plan.recipients.iter().find(carries)?)))
            .max_by_key(|(plan, _)| plan.row.created_at);
        Ok(found.map(|(plan, member)| (plan.row.id, member.row.index)))
    }

    async fn setting(&self, name: &str, proposed: &str) -> Result<String, StoreError> {
        let mut kept = self.kept();
        Ok(kept.settings.entry(name.to_owned()).or_insert_with(|| proposed.to_owned()).clone())
    }
}
