//! Batches leave, in memory.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, Money};

use super::MemoryStore;
use super::state::{Batch, Member, at};
use crate::error::StoreError;
use crate::rows::{
    BatchChange, BatchRow, BatchState, BatchSums, CampaignState, Lease, Leased, OpenRemote,
    RecipientRow, SendStart, Settled, WorkerId,
};
use crate::store::WorkStore;

#[async_trait]
impl WorkStore for MemoryStore {
    async fn batches(
        &self,
        campaign: CampaignId,
        from_first: u32,
        limit: u32,
    ) -> Result<Vec<BatchRow>, StoreError> {
        let mut state = self.state();
        let Ok(plan) = state.plan(campaign) else { return Ok(Vec::new()) };
        let rows = plan.batches.iter().map(|batch| &batch.row);
        let page = rows.filter(|row| row.first >= from_first).take(at(limit));
        Ok(page.map(|row| plan.counted(row)).collect())
    }

    async fn batch_sums(&self, campaign: CampaignId) -> Result<BatchSums, StoreError> {
        let now = self.at();
        self.state().plan(campaign).map_or_else(|_| Ok(BatchSums::default()), |plan| plan.sums(now))
    }

    async fn lease(
        &self,
        campaign: CampaignId,
        worker: WorkerId,
        span: Duration,
        before: u32,
    ) -> Result<Option<(Lease, BatchRow)>, StoreError> {
        let now = self.at();
        let mut state = self.state();
        let plan = state.plan(campaign).ok();
        let plan = plan.filter(|plan| plan.row.state == CampaignState::Sending);
        let Some(plan) = plan else { return Ok(None) };
        let free = |batch: &&mut Batch| {
            let row = &batch.row;
            row.state.is_open()
                && row.first < before
                && !row.leased.is_some_and(|leased| leased.is_live(now))
        };
        let Some(batch) = plan.batches.iter_mut().find(free) else { return Ok(None) };
        batch.leases += 1;
        batch.row.leased = Some(Leased { by: worker, until: Leased::until(now, span) });
        let lease = Lease { campaign, batch: batch.row.number, serial: batch.leases };
        let row = batch.row.clone();
        Ok(Some((lease, plan.counted(&row))))
    }

    async fn renew(&self, lease: Lease, span: Duration) -> Result<(), StoreError> {
        let until = Leased::until(self.at(), span);
        let mut state = self.state();
        let (plan, place) = state.leased(lease)?;
        if let Some(leased) = plan.batches.get_mut(place).and_then(|b| b.row.leased.as_mut()) {
            leased.until = until;
        }
        Ok(())
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Ok((plan, place)) = state.leased(lease)
            && let Some(batch) = plan.batches.get_mut(place)
        {
            batch.row.leased = None;
        }
        Ok(())
    }

    async fn has_live_leases(&self, campaign: CampaignId) -> Result<bool, StoreError> {
        let now = self.at();
        let mut state = self.state();
        let Ok(plan) = state.plan(campaign) else { return Ok(false) };
        let mut leases = plan.batches.iter().filter_map(|batch| batch.row.leased);
        Ok(leases.any(|leased| leased.is_live(now)))
    }

    async fn cut(
        &self,
        lease: Lease,
        keep: u32,
        worst: (Option<Money>, Option<Money>),
    ) -> Result<BatchRow, StoreError> {
        let now = self.at();
        let mut state = self.state();
        let (plan, place) = state.leased(lease)?;
        let number = plan.batches.iter().map(|batch| batch.row.number).max().unwrap_or(0) + 1;
        let refused = || StoreError::no_cut(lease.campaign, lease.batch, keep);
        let row = &mut plan.batches.get_mut(place).ok_or_else(refused)?.row;
        if row.state != BatchState::Planned || keep == 0 || keep >= row.count {
            return Err(refused());
        }
        let rest = BatchRow {
            number,
            first: row.first + keep,
            count: row.count - keep,
            attempts: 0,
            changed_at: now,
            remotes: Vec::new(),
            note: None,
            worst: worst.1,
            leased: None,
            ..row.clone()
        };
        (row.count, row.worst) = (keep, worst.0);
        let kept = row.clone();
        plan.batches.insert(place + 1, Batch { row: rest, leases: 0 });
        Ok(plan.counted(&kept))
    }

    async fn begin_sending(&self, lease: Lease, span: Duration) -> Result<SendStart, StoreError> {
        let now = self.at();
        let mut state = self.state();
        let (plan, place) = state.leased(lease)?;
        if plan.row.state != CampaignState::Sending {
            return Ok(SendStart::Not(plan.row.state));
        }
        let missing = || StoreError::no_batch(lease.campaign, lease.batch);
        let row = &mut plan.batches.get_mut(place).ok_or_else(missing)?.row;
        row.state = BatchState::Sending;
        row.attempts += 1;
        row.changed_at = now;
        if let Some(leased) = &mut row.leased {
            leased.until = Leased::until(now, span);
        }
        let (first, count) = (row.first, row.count);
        let recipients = plan.members(first, count).map(|member| member.row.clone());
        Ok(SendStart::Recipients(recipients.collect()))
    }

    async fn change_batch(&self, lease: Lease, change: BatchChange) -> Result<(), StoreError> {
        let now = self.at();
        let mut state = self.state();
        state.leased(lease)?;
        state.all_there(lease.campaign, change.settled.iter().map(|settled| settled.index))?;
        state.settle(lease.campaign, change.settled)?;
        let (plan, place) = state.leased(lease)?;
        let missing = || StoreError::no_batch(lease.campaign, lease.batch);
        let row = &mut plan.batches.get_mut(place).ok_or_else(missing)?.row;
        row.state = change.state;
        row.changed_at = now;
        row.attempts = row.attempts.saturating_sub(u32::from(change.never_left));
        row.remotes.extend(change.remote.filter(|remote| !row.remotes.contains(remote)));
        row.note = change.note.or(row.note.take());
        row.leased = row.leased.filter(|_| change.state.is_open());
        Ok(())
    }

    async fn recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        count: u32,
    ) -> Result<Vec<RecipientRow>, StoreError> {
        let mut state = self.state();
        let Ok(plan) = state.plan(campaign) else { return Ok(Vec::new()) };
        let row = |member: &Member| member.row.clone();
        Ok(plan.members(first, count).map(row).collect())
    }

    async fn settle(&self, campaign: CampaignId, settled: Vec<Settled>) -> Result<(), StoreError> {
        let mut state = self.state();
        state.all_there(campaign, settled.iter().map(|settled| settled.index))?;
        state.settle(campaign, settled)
    }

    async fn open_remotes(
        &self,
        campaign: CampaignId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<OpenRemote>, StoreError> {
        let mut state = self.state();
        let Ok(plan) = state.plan(campaign) else { return Ok(Vec::new()) };
        let counted = plan.batches.iter().map(|batch| plan.counted(&batch.row));
        let is_open = |row: &BatchRow| row.without_end > 0 && !row.remotes.is_empty();
        let mut rows: Vec<_> = counted
            .filter(|row| is_open(row) && after.is_none_or(|after| row.number > after))
            .collect();
        rows.sort_by_key(|row| row.number);
        rows.truncate(at(limit));
        let of = |row: BatchRow| {
            let batch = row.number;
            row.remotes.into_iter().map(move |remote| OpenRemote { batch, remote })
        };
        Ok(rows.into_iter().flat_map(of).collect())
    }
}
