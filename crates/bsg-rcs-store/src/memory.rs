//! The store that forgets with its process: for tests, and for sends that nobody minds losing.
//!
//! It is also the reference that one can read: what another store says must be what this one says.
//! So it says the rules in the plainest way; speed is not its job.

mod kept;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, ReferenceId, Report, Reports};

use crate::error::StoreError;
use crate::rows::{
    BatchChange, BatchRow, BatchState, ButtonRow, CampaignRow, CampaignState, Change, Forget,
    KeptBody, Lease, Leased, NewRecipient, PlanEnd, Received, RecipientRow, Said, Settled,
    TallyRow, Timestamp, Verdict, WorkerId,
};
use crate::store::{Claim, Store};

use self::kept::{Batch, Kept, Member, Plan, at, planned_batches};

/// A store in memory. Clones share what it holds. Nothing survives the last of them.
///
/// The default one lets one process at a time work on a campaign, as an embedded store does; its
/// clock stands still, so that a lease ends with the next claim.
#[derive(Clone, Default)]
pub struct MemoryStore {
    kept: Arc<Mutex<Kept>>,
    /// The clock of leases, of a store that many share.
    clock: Option<Arc<dyn Fn() -> Timestamp + Send + Sync>>,
}

impl MemoryStore {
    /// A store that many workers share, with the clock that its leases run by.
    pub fn shared(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { kept: Arc::default(), clock: Some(Arc::new(clock)) }
    }

    fn now(&self) -> Timestamp {
        self.clock.as_ref().map_or(Timestamp(0), |clock| clock())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Every change below is checked before it begins, so a panic leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        };
        plan.recipients.extend((first..).zip(recipients).map(member));
        Ok(())
    }

    async fn finish_plan(&self, campaign: CampaignId, end: PlanEnd) -> Result<(), StoreError> {
        let PlanEnd { recipients, digest, summary, worst, unless_since } = end;
        let mut kept = self.kept();
        let plan = kept.preparation(campaign)?;
        StoreError::unless_written(campaign, plan.written(), recipients)?;
        let state = CampaignState::Planned;
        let row = CampaignRow { state, recipients, digest, summary, ..plan.row.clone() };
        let batches = planned_batches(&row, &worst)?;
        if let Some(same) = unless_since.and_then(|since| kept.planned_before(&row, since)) {
            return Err(StoreError::Planned(same));
        }
        let plan = kept.preparation(campaign)?;
        plan.batches = batches;
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

    async fn set_state(
        &self,
        id: CampaignId,
        state: CampaignState,
    ) -> Result<CampaignState, StoreError> {
        let mut kept = self.kept();
        let row = &mut kept.plan(id)?.row;
        if row.state != CampaignState::Stopped {
            row.state = state;
        }
        Ok(row.state)
    }

    fn is_shared(&self) -> bool {
        self.clock.is_some()
    }

    async fn set_summary(&self, id: CampaignId, summary: String) -> Result<(), StoreError> {
        self.kept().plan(id)?.row.summary = summary;
        Ok(())
    }

    async fn claim(&self, id: CampaignId) -> Result<Claim, StoreError> {
        if self.is_shared() {
            return Ok(Claim::new(()));
        }
        let mut kept = self.kept();
        if !kept.claimed.insert(id) {
            return Err(StoreError::Claimed(id));
        }
        let plan = kept.campaigns.get_mut(&id);
        for batch in plan.into_iter().flat_map(|plan| &mut plan.batches) {
            batch.row.leased = None;
        }
        Ok(Claim::new(Held { kept: Arc::clone(&self.kept), id }))
    }

    async fn lease(
        &self,
        campaign: CampaignId,
        worker: WorkerId,
        span: Duration,
        before: u32,
    ) -> Result<Option<(Lease, BatchRow)>, StoreError> {
        let now = self.now();
        let mut kept = self.kept();
        let plan = kept.campaigns.get_mut(&campaign);
        let plan = plan.filter(|plan| plan.row.state == CampaignState::Sending);
        let free = |batch: &&mut Batch| {
            let row = &batch.row;
            row.state.is_open()
                && row.first < before
                && !row.leased.is_some_and(|leased| leased.is_live(now))
        };
        let Some(batch) = plan.and_then(|plan| plan.batches.iter_mut().find(free)) else {
            return Ok(None);
        };
        batch.leases += 1;
        batch.row.leased = Some(Leased { by: worker, until: Leased::until(now, span) });
        let lease = Lease { campaign, batch: batch.row.number, serial: batch.leases };
        Ok(Some((lease, batch.row.clone())))
    }

    async fn renew(&self, lease: Lease, span: Duration) -> Result<(), StoreError> {
        let until = Leased::until(self.now(), span);
        if let Some(leased) = &mut self.kept().leased(lease)?.row.leased {
            leased.until = until;
        }
        Ok(())
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        if let Ok(batch) = self.kept().leased(lease) {
            batch.row.leased = None;
        }
        Ok(())
    }

    async fn has_live_leases(&self, campaign: CampaignId) -> Result<bool, StoreError> {
        let now = self.now();
        let is_live = |row: &BatchRow| row.leased.is_some_and(|leased| leased.is_live(now));
        Ok(self.batches(campaign).await?.iter().any(is_live))
    }

    async fn batches(&self, campaign: CampaignId) -> Result<Vec<BatchRow>, StoreError> {
        let kept = self.kept();
        let batches = kept.campaigns.get(&campaign).map(|plan| plan.batches.iter());
        Ok(batches.into_iter().flatten().map(|batch| batch.row.clone()).collect())
    }

    async fn recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        count: u32,
    ) -> Result<Vec<RecipientRow>, StoreError> {
        let kept = self.kept();
        let Some(plan) = kept.campaigns.get(&campaign) else { return Ok(Vec::new()) };
        let row = |member: &Member| member.row.clone();
        Ok(plan.recipients.iter().skip(at(first)).take(at(count)).map(row).collect())
    }

    async fn change_batch(&self, lease: Lease, change: BatchChange) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.leased(lease)?;
        kept.all_there(lease.campaign, change.settled.iter().map(|settled| settled.index))?;
        kept.settle(lease.campaign, change.settled)?;
        let row = &mut kept.leased(lease)?.row;
        row.state = change.state;
        row.changed_at = change.at;
        row.attempts += u32::from(change.state == BatchState::Sending);
        row.remotes.extend(change.remote.filter(|remote| !row.remotes.contains(remote)));
        row.note = change.note.or(row.note.take());
        row.leased = row.leased.filter(|_| change.state.is_open());
        Ok(())
    }

    async fn reopen(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        let mut kept = self.kept();
        let batches = kept.campaigns.get_mut(&campaign).map(|plan| plan.batches.iter_mut());
        let mut reopened = 0;
        for batch in batches.into_iter().flatten() {
            if batch.row.state == BatchState::Held {
                (batch.row.state, batch.row.attempts) = (BatchState::Unknown, 0);
                reopened += 1;
            }
        }
        Ok(reopened)
    }

    async fn settle(&self, campaign: CampaignId, settled: Vec<Settled>) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.all_there(campaign, settled.iter().map(|settled| settled.index))?;
        kept.settle(campaign, settled)
    }

    async fn keep_callbacks(&self, received: Vec<Received>) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.now = self.now();
        received.into_iter().for_each(|received| kept.keep(received));
        Ok(())
    }

    async fn add_reports(
        &self,
        campaign: CampaignId,
        reports: Vec<(u32, Report)>,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.now = self.now();
        kept.all_there(campaign, reports.iter().map(|(index, _)| *index))?;
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

    async fn buttons(&self, campaign: CampaignId) -> Result<Vec<ButtonRow>, StoreError> {
        let kept = self.kept();
        let mut counts: BTreeMap<(Option<String>, Option<String>), u64> = BTreeMap::new();
        for (_, click) in kept.campaigns.get(&campaign).into_iter().flat_map(|plan| &plan.clicks) {
            *counts.entry((click.text.clone(), click.postback.clone())).or_default() += 1;
        }
        let row = |((text, postback), clicks)| ButtonRow { text, postback, clicks };
        let mut rows: Vec<_> = counts.into_iter().map(row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.clicks));
        Ok(rows)
    }

    async fn contradicted(&self, campaign: CampaignId, limit: u32) -> Result<Vec<u32>, StoreError> {
        let kept = self.kept();
        let members = kept.campaigns.get(&campaign).into_iter().flat_map(|plan| &plan.recipients);
        let contradicted = members.filter(|member| member.contradicted);
        Ok(contradicted.map(|member| member.row.index).take(at(limit)).collect())
    }

    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<Change>, StoreError> {
        let kept = self.kept();
        let behind = kept.changes.iter().filter(|change| change.cursor > after);
        Ok(behind.take(at(limit)).cloned().collect())
    }

    async fn bodies(&self, after: u64, limit: u32) -> Result<Vec<KeptBody>, StoreError> {
        let kept = self.kept();
        let behind = kept.callbacks.range(after.saturating_add(1)..).take(at(limit));
        Ok(behind.map(|(id, one)| KeptBody { id: *id, body: one.body.clone() }).collect())
    }

    async fn judge_again(&self, judged: Vec<(u64, Verdict)>) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.now = self.now();
        for (id, verdict) in judged {
            if kept.callbacks.contains_key(&id) {
                let verdict = kept.judged(verdict);
                let forgotten = kept.is_of_forgotten(&verdict);
                if let Some(one) = kept.callbacks.get_mut(&id) {
                    one.verdict = verdict;
                    if forgotten {
                        one.body.clear();
                    }
                }
            }
        }
        Ok(())
    }

    async fn forget(&self, whom: Forget) -> Result<u64, StoreError> {
        Ok(self.kept().forget(whom))
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut kept = self.kept();
        let held = kept.callbacks.len() + kept.changes.len();
        while kept.callbacks.first_key_value().is_some_and(|(_, one)| one.at < before) {
            kept.callbacks.pop_first();
        }
        let old = kept.changes.iter().take_while(|change| change.at < before).count();
        kept.changes.drain(..old);
        let gone = held - kept.callbacks.len() - kept.changes.len();
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
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
