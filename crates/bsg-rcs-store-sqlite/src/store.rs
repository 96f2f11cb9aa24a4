//! The store: each call of the trait is one transaction, done by one of two threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, ReferenceId, Report, Reports};
use bsg_rcs_store::{
    BatchChange, BatchRow, ButtonRow, CampaignRow, CampaignState, Change, Claim, Forget, KeptBody,
    Lease, NewRecipient, PlanEnd, Received, RecipientRow, Settled, Store, StoreError, TallyRow,
    Timestamp, Verdict, WorkerId,
};
use rusqlite::Transaction;

use crate::failure::{Failure, backend};
use crate::open::{self, Opened};
use crate::worker::Worker;
use crate::{batches, callbacks, campaigns, changes, locks, said, tally};

/// A store in one file of SQLite's, which several processes of one machine may have open. Clones
/// share its two threads; these end with the last clone.
///
/// Beside the file stand SQLite's own `-wal` and `-shm`, and the folder `-locks`. It
/// must be on a disk of this machine: file locks and shared memory do not work over a network.
#[derive(Clone)]
pub struct SqliteStore {
    place: Arc<str>,
    locks: PathBuf,
    writer: Worker,
    reader: Worker,
}

impl SqliteStore {
    /// Opens the store in this file, makes it if nothing is there, and brings one of an earlier
    /// version up to date. Blocks for some milliseconds; for minutes if an earlier version's file has millions
    /// of reports, which are written anew: stop what else has it open.
    ///
    /// # Errors
    /// [`StoreError::Open`] if it is no store of ours, which is then left as it is, or cannot be
    /// written to; [`StoreError::Newer`] if a later version of this program wrote it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let Opened { locks, writer, reader } = open::open(path)?;
        let start = |error| backend("starting its threads", error);
        Ok(Self {
            place: path.display().to_string().into(),
            locks,
            writer: Worker::writing(writer).map_err(start)?,
            reader: Worker::reading(reader).map_err(start)?,
        })
    }

    async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.run(job).await.map_err(|failure| failure.into_store(&self.place, doing))
    }

    async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.reader.run(job).await.map_err(|failure| failure.into_store(&self.place, doing))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn create(&self, campaign: CampaignRow) -> Result<(), StoreError> {
        self.write("creating a campaign", move |tx| campaigns::create(tx, &campaign)).await
    }

    async fn add_recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        recipients: Vec<NewRecipient>,
    ) -> Result<(), StoreError> {
        let job =
            move |tx: &Transaction<'_>| campaigns::add_recipients(tx, campaign, first, &recipients);
        self.write("writing recipients", job).await
    }

    async fn finish_plan(&self, campaign: CampaignId, end: PlanEnd) -> Result<(), StoreError> {
        let job = move |tx: &Transaction<'_>| campaigns::finish_plan(tx, campaign, &end);
        self.write("finishing a plan", job).await
    }

    async fn discard(&self, campaign: CampaignId) -> Result<(), StoreError> {
        self.write("discarding a campaign", move |tx| campaigns::discard(tx, campaign)).await
    }

    async fn campaign(&self, id: CampaignId) -> Result<Option<CampaignRow>, StoreError> {
        self.read("reading a campaign", move |tx| campaigns::campaign(tx, id)).await
    }

    async fn campaigns(&self) -> Result<Vec<CampaignRow>, StoreError> {
        self.read("listing campaigns", campaigns::campaigns).await
    }

    async fn set_state(
        &self,
        id: CampaignId,
        state: CampaignState,
    ) -> Result<CampaignState, StoreError> {
        self.write("changing a campaign", move |tx| campaigns::set_state(tx, id, state)).await
    }

    fn is_shared(&self) -> bool {
        false
    }

    async fn set_summary(&self, id: CampaignId, summary: String) -> Result<(), StoreError> {
        let job = move |tx: &Transaction<'_>| campaigns::set_summary(tx, id, &summary);
        self.write("changing a plan", job).await
    }

    async fn claim(&self, id: CampaignId) -> Result<Claim, StoreError> {
        let claim = locks::claim(&self.locks, id)?;
        self.write("claiming a campaign", move |tx| batches::free_all(tx, id)).await?;
        Ok(claim)
    }

    async fn lease(
        &self,
        campaign: CampaignId,
        worker: WorkerId,
        span: Duration,
        before: u32,
    ) -> Result<Option<(Lease, BatchRow)>, StoreError> {
        let job = move |tx: &Transaction<'_>| batches::lease(tx, campaign, worker, span, before);
        self.write("leasing a batch", job).await
    }

    async fn renew(&self, lease: Lease, span: Duration) -> Result<(), StoreError> {
        self.write("renewing a lease", move |tx| batches::renew(tx, lease, span)).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.write("ending a lease", move |tx| batches::release(tx, lease)).await
    }

    async fn has_live_leases(&self, campaign: CampaignId) -> Result<bool, StoreError> {
        self.read("looking for leases", move |tx| batches::has_live_leases(tx, campaign)).await
    }

    async fn batches(&self, campaign: CampaignId) -> Result<Vec<BatchRow>, StoreError> {
        self.read("reading batches", move |tx| batches::batches(tx, campaign)).await
    }

    async fn recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        count: u32,
    ) -> Result<Vec<RecipientRow>, StoreError> {
        let job = move |tx: &Transaction<'_>| campaigns::recipients(tx, campaign, first, count);
        self.read("reading recipients", job).await
    }

    async fn change_batch(&self, lease: Lease, change: BatchChange) -> Result<(), StoreError> {
        let job = move |tx: &Transaction<'_>| batches::change(tx, lease, &change);
        self.write("changing a batch", job).await
    }

    async fn reopen(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        self.write("reopening batches", move |tx| batches::reopen(tx, campaign)).await
    }

    async fn settle(&self, campaign: CampaignId, settled: Vec<Settled>) -> Result<(), StoreError> {
        let job = move |tx: &Transaction<'_>| campaigns::settle(tx, campaign, &settled);
        self.write("settling recipients", job).await
    }

    async fn keep_callbacks(&self, received: Vec<Received>) -> Result<(), StoreError> {
        self.write("keeping callbacks", move |tx| callbacks::keep(tx, &received)).await
    }

    async fn add_reports(
        &self,
        campaign: CampaignId,
        reports: Vec<(u32, Report)>,
    ) -> Result<(), StoreError> {
        let job = move |tx: &Transaction<'_>| said::add_reports(tx, campaign, &reports);
        self.write("adding reports", job).await
    }

    async fn reports(&self, campaign: CampaignId, index: u32) -> Result<Reports, StoreError> {
        self.read("reading reports", move |tx| said::reports(tx, campaign, index)).await
    }

    async fn tally(
        &self,
        campaign: CampaignId,
        accepted_by: Timestamp,
    ) -> Result<Vec<TallyRow>, StoreError> {
        self.read("counting", move |tx| tally::tally(tx, campaign, accepted_by)).await
    }

    async fn clicks(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        self.read("counting clicks", move |tx| said::clicks(tx, campaign)).await
    }

    async fn buttons(&self, campaign: CampaignId) -> Result<Vec<ButtonRow>, StoreError> {
        self.read("counting buttons", move |tx| said::buttons(tx, campaign)).await
    }

    async fn contradicted(&self, campaign: CampaignId, limit: u32) -> Result<Vec<u32>, StoreError> {
        self.read("looking for contradictions", move |tx| said::contradicted(tx, campaign, limit))
            .await
    }

    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<Change>, StoreError> {
        self.read("reading changes", move |tx| changes::changes(tx, after, limit)).await
    }

    async fn bodies(&self, after: u64, limit: u32) -> Result<Vec<KeptBody>, StoreError> {
        self.read("reading bodies", move |tx| callbacks::bodies(tx, after, limit)).await
    }

    async fn judge_again(&self, judged: Vec<(u64, Verdict)>) -> Result<(), StoreError> {
        self.write("judging bodies anew", move |tx| callbacks::judge_again(tx, &judged)).await
    }

    async fn forget(&self, whom: Forget) -> Result<u64, StoreError> {
        let forgotten = self.write("forgetting", move |tx| changes::forget(tx, whom)).await?;
        self.writer.bare(changes::scrub).await?;
        Ok(forgotten)
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let job = move |tx: &Transaction<'_>| changes::prune(tx, before);
            let (removed, more) = self.write("removing what is old", job).await?;
            all += removed;
            if !more {
                return Ok(all);
            }
        }
    }

    async fn by_reference(
        &self,
        reference: ReferenceId,
    ) -> Result<Option<(CampaignId, u32)>, StoreError> {
        let job = move |tx: &Transaction<'_>| campaigns::by_reference(tx, &reference);
        self.read("looking up a reference", job).await
    }

    async fn setting(&self, name: &str, proposed: &str) -> Result<String, StoreError> {
        let (name, proposed) = (name.to_owned(), proposed.to_owned());
        self.write("settling a setting", move |tx| campaigns::setting(tx, &name, &proposed)).await
    }
}
