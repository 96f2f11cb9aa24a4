//! The store that forgets with its process: for tests, and for sends that may be lost.
//!
//! It is also the reference that one can read: what another store says must be what this one says.
//! So it says the rules in the plainest way and counts anew whenever it is asked; speed is not its
//! job.

mod admin;
mod forgetting;
mod plan;
mod report;
mod state;
mod work;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bsg_rcs_domain::CampaignId;

use crate::error::StoreError;
use crate::rows::{CampaignFilter, CampaignRow, CampaignState, Timestamp};
use crate::store::{Claim, StateStore, StoreClock, machine_clock};

use self::state::State;

/// A store in memory. Clones share what it holds. Nothing survives the last of them.
///
/// The default one lets one process at a time work on a campaign, as an embedded store does, and
/// runs by the clock of this machine.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    clock: StoreClock,
    is_shared: bool,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::with_clock(machine_clock())
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").field("is_shared", &self.is_shared).finish_non_exhaustive()
    }
}

impl MemoryStore {
    /// A store that lets one worker at a time work on a campaign, with its clock.
    pub fn with_clock(clock: StoreClock) -> Self {
        Self { state: Arc::default(), clock, is_shared: false }
    }

    /// A store that many workers share, with its clock.
    pub fn shared(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { state: Arc::default(), clock: Arc::new(clock), is_shared: true }
    }

    fn at(&self) -> Timestamp {
        (self.clock)()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Every change is checked before it begins, so a panic leaves nothing half done.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the claim when it is dropped.
struct HeldClaim {
    state: Arc<Mutex<State>>,
    id: CampaignId,
}

impl Drop for HeldClaim {
    fn drop(&mut self) {
        locked(&self.state).claimed.remove(&self.id);
    }
}

#[async_trait]
impl StateStore for MemoryStore {
    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.at())
    }

    async fn campaign(&self, id: CampaignId) -> Result<Option<CampaignRow>, StoreError> {
        Ok(self.state().campaigns.get(&id).map(|plan| plan.row.clone()))
    }

    async fn campaigns(&self, filter: CampaignFilter) -> Result<Vec<CampaignRow>, StoreError> {
        let state = self.state();
        let listed = state.campaigns.values().map(|plan| &plan.row);
        let mut rows: Vec<_> = listed.filter(|row| filter.contains(row)).cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id.0.cast_signed())));
        rows.truncate(state::at(filter.limit));
        Ok(rows)
    }

    async fn set_state(
        &self,
        id: CampaignId,
        state: CampaignState,
        note: Option<String>,
    ) -> Result<CampaignState, StoreError> {
        let now = self.at();
        let mut kept = self.state();
        let plan = kept.plan(id)?;
        let has_open = plan.batches.iter().any(|batch| batch.row.state.is_open());
        if plan.row.state.grants(state, has_open) {
            plan.becomes(state, note, now);
        }
        Ok(plan.row.state)
    }

    async fn reopen(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        let now = self.at();
        let mut state = self.state();
        let Ok(plan) = state.plan(campaign) else { return Ok(0) };
        let reopened = plan.reopen();
        if reopened > 0 && plan.row.state == CampaignState::Done {
            plan.becomes(CampaignState::Sending, None, now);
        }
        Ok(reopened)
    }

    fn is_shared(&self) -> bool {
        self.is_shared
    }

    async fn claim(&self, id: CampaignId) -> Result<Claim, StoreError> {
        if self.is_shared {
            return Ok(Claim::new(()));
        }
        let mut state = self.state();
        if !state.claimed.insert(id) {
            return Err(StoreError::Claimed(id));
        }
        let plan = state.campaigns.get_mut(&id);
        for batch in plan.into_iter().flat_map(|plan| &mut plan.batches) {
            batch.row.leased = None;
        }
        Ok(Claim::new(HeldClaim { state: Arc::clone(&self.state), id }))
    }
}
