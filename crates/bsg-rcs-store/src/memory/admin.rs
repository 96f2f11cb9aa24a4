//! What an operator asks for, in memory.

use async_trait::async_trait;

use super::MemoryStore;
use super::state::at;
use crate::error::StoreError;
use crate::rows::{Forget, Readiness, SetAside, Timestamp, Verdict};
use crate::store::AdminStore;

#[async_trait]
impl AdminStore for MemoryStore {
    async fn forget(&self, numbers: Forget) -> Result<u64, StoreError> {
        Ok(self.state().forget(numbers))
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state();
        let held = state.callbacks.len() + state.changes.len();
        state.callbacks.retain(|_, (at, _)| *at >= before);
        // What was logged before an old change is old, no matter what the clock said.
        let old = state.changes.iter().rposition(|change| change.at < before);
        let old = old.map_or(0, |last| last + 1);
        let last = state.changes.drain(..old).next_back();
        state.removed = last.map_or(state.removed, |last| last.cursor);
        let gone = held - state.callbacks.len() - state.changes.len();
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
    }

    async fn set_aside(&self, after: u64, limit: u32) -> Result<Vec<SetAside>, StoreError> {
        let Some(from) = after.checked_add(1) else { return Ok(Vec::new()) };
        let state = self.state();
        let aside = state.callbacks.range(from..).filter_map(|(id, (at, one))| {
            let Verdict::SetAside { why } = &one.verdict else { return None };
            Some(SetAside { id: *id, at: *at, why: why.clone(), body: one.body.clone() })
        });
        Ok(aside.take(at(limit)).collect())
    }

    async fn setting(&self, name: &str, proposed: &str) -> Result<String, StoreError> {
        let mut state = self.state();
        Ok(state.settings.entry(name.to_owned()).or_insert_with(|| proposed.to_owned()).clone())
    }

    async fn ready(&self) -> Result<Readiness, StoreError> {
        Ok(Readiness { schema_version: 1 })
    }
}
