//! The store: each call of the trait is one transaction.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, ReferenceId, Report, Reports};
use bsg_rcs_store::{
    BatchChange, BatchRow, ButtonRow, CampaignRow, CampaignState, Change, Claim, Forget, KeptBody,
    Lease, NewRecipient, PlanEnd, Received, RecipientRow, Settled, Store, StoreError, TallyRow,
    Timestamp, Verdict, WorkerId,
};

use crate::connect::{self, Way};
use crate::failure::Failure;
use crate::{batches, callbacks, campaigns, changes, migrations, tally};

/// How often a transaction is repeated that the database undid for the sake of another.
const TRIES: u32 = 5;

/// A store in a PostgreSQL database, which any number of processes on any number of machines
/// share. Clones share its connections, eight at most.
///
/// It lives in a schema of its own, `bsg_rcs` unless another is named, and needs the right to
/// create that once. Leases run by the database's clock.
#[derive(Clone)]
pub struct PostgresStore {
    way: Arc<Way>,
}

/// Runs work in a transaction, and commits it; again, if the database undid it for another's sake.
macro_rules! transact {
    ($store:expr, $doing:literal, $tx:ident => $work:expr) => {{
        let mut tries = 1;
        loop {
            let worked: Result<_, Failure> = async {
                let mut client = $store.way.connection().await?;
                let $tx = client.transaction().await?;
                let answer = $work.await?;
                $tx.commit().await?;
                Ok(answer)
            }
            .await;
            match worked {
                Err(failure) if tries < TRIES && failure.may_be_repeated() => tries += 1,
                worked => break worked.map_err(|failure| failure.into_store($doing)),
            }
        }
    }};
}

impl PostgresStore {
    /// Opens the store in the database of this URL, in the schema `bsg_rcs`; makes it, or brings
    /// one of an earlier version up to date.
    ///
    /// # Errors
    /// [`StoreError::Open`] if the database cannot be reached or lets us not work in the schema;
    /// [`StoreError::Newer`] if a later version of this program wrote it.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_in(url, "bsg_rcs").await
    }

    /// Opens the store in a schema of this name, so that one database can hold several.
    ///
    /// # Errors
    /// As [`PostgresStore::open`], and if the name has others than lower-case letters, digits and
    /// underscores, or does not begin with a letter.
    pub async fn open_in(url: &str, schema: &str) -> Result<Self, StoreError> {
        let way = connect::way(url, schema)?;
        let refused = |why: String| StoreError::Open { place: way.place.to_string(), why };
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !schema.starts_with(|first: char| first.is_ascii_lowercase())
            || !schema.bytes().all(plain)
        {
            let why = "a schema is named with lower-case letters, digits and underscores";
            return Err(refused(why.to_owned()));
        }
        let mut client = way.first().await?;
        match migrations::run(&mut client, schema, &way.place).await {
            Ok(()) => Ok(Self { way: Arc::new(way) }),
            Err(Failure::Store(error)) => Err(error),
            Err(Failure::Postgres(error)) => Err(refused(crate::failure::words(&error))),
        }
    }
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("place", &self.way.place).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn create(&self, campaign: CampaignRow) -> Result<(), StoreError> {
        transact!(self, "creating a campaign", tx => campaigns::create(&tx, &campaign))
    }

    async fn add_recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        recipients: Vec<NewRecipient>,
    ) -> Result<(), StoreError> {
        transact!(self, "writing recipients", tx => {
            campaigns::add_recipients(&tx, campaign, first, &recipients)
        })
    }

    async fn finish_plan(&self, campaign: CampaignId, end: PlanEnd) -> Result<(), StoreError> {
        transact!(self, "finishing a plan", tx => campaigns::finish_plan(&tx, campaign, &end))
    }

    async fn discard(&self, campaign: CampaignId) -> Result<(), StoreError> {
        transact!(self, "discarding a campaign", tx => campaigns::discard(&tx, campaign))
    }

    async fn campaign(&self, id: CampaignId) -> Result<Option<CampaignRow>, StoreError> {
        transact!(self, "reading a campaign", tx => campaigns::campaign(&tx, id))
    }

    async fn campaigns(&self) -> Result<Vec<CampaignRow>, StoreError> {
        transact!(self, "listing campaigns", tx => campaigns::campaigns(&tx))
    }

    async fn set_state(
        &self,
        id: CampaignId,
        state: CampaignState,
    ) -> Result<CampaignState, StoreError> {
        transact!(self, "changing a campaign", tx => campaigns::set_state(&tx, id, state))
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn set_summary(&self, id: CampaignId, summary: String) -> Result<(), StoreError> {
        transact!(self, "changing a plan", tx => campaigns::set_summary(&tx, id, &summary))
    }

    async fn claim(&self, _id: CampaignId) -> Result<Claim, StoreError> {
        Ok(Claim::new(()))
    }

    async fn lease(
        &self,
        campaign: CampaignId,
        worker: WorkerId,
        span: Duration,
        before: u32,
    ) -> Result<Option<(Lease, BatchRow)>, StoreError> {
        transact!(self, "leasing a batch", tx => {
            batches::lease(&tx, campaign, worker, span, before)
        })
    }

    async fn renew(&self, lease: Lease, span: Duration) -> Result<(), StoreError> {
        transact!(self, "renewing a lease", tx => batches::renew(&tx, lease, span))
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        transact!(self, "ending a lease", tx => batches::release(&tx, lease))
    }

    async fn has_live_leases(&self, campaign: CampaignId) -> Result<bool, StoreError> {
        transact!(self, "looking for leases", tx => batches::has_live_leases(&tx, campaign))
    }

    async fn batches(&self, campaign: CampaignId) -> Result<Vec<BatchRow>, StoreError> {
        transact!(self, "reading batches", tx => batches::batches(&tx, campaign))
    }

    async fn recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        count: u32,
    ) -> Result<Vec<RecipientRow>, StoreError> {
        transact!(self, "reading recipients", tx => {
            campaigns::recipients(&tx, campaign, first, count)
        })
    }

    async fn change_batch(&self, lease: Lease, change: BatchChange) -> Result<(), StoreError> {
        transact!(self, "changing a batch", tx => batches::change(&tx, lease, &change))
    }

    async fn reopen(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        transact!(self, "reopening batches", tx => batches::reopen(&tx, campaign))
    }

    async fn settle(&self, campaign: CampaignId, settled: Vec<Settled>) -> Result<(), StoreError> {
        transact!(self, "settling recipients", tx => campaigns::settle(&tx, campaign, &settled))
    }

    async fn keep_callbacks(&self, received: Vec<Received>) -> Result<(), StoreError> {
        transact!(self, "keeping callbacks", tx => callbacks::keep(&tx, &received))
    }

    async fn add_reports(
        &self,
        campaign: CampaignId,
        reports: Vec<(u32, Report)>,
    ) -> Result<(), StoreError> {
        transact!(self, "adding reports", tx => callbacks::add_reports(&tx, campaign, &reports))
    }

    async fn reports(&self, campaign: CampaignId, index: u32) -> Result<Reports, StoreError> {
        transact!(self, "reading reports", tx => callbacks::reports(&tx, campaign, index))
    }

    async fn tally(
        &self,
        campaign: CampaignId,
        accepted_by: Timestamp,
    ) -> Result<Vec<TallyRow>, StoreError> {
        transact!(self, "counting", tx => tally::tally(&tx, campaign, accepted_by))
    }

    async fn clicks(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        transact!(self, "counting clicks", tx => callbacks::clicks(&tx, campaign))
    }

    async fn buttons(&self, campaign: CampaignId) -> Result<Vec<ButtonRow>, StoreError> {
        transact!(self, "counting buttons", tx => callbacks::buttons(&tx, campaign))
    }

    async fn contradicted(&self, campaign: CampaignId, limit: u32) -> Result<Vec<u32>, StoreError> {
        transact!(self, "looking for contradictions", tx => callbacks::contradicted(&tx, campaign, limit))
    }

    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<Change>, StoreError> {
        transact!(self, "reading changes", tx => changes::changes(&tx, after, limit))
    }

    async fn bodies(&self, after: u64, limit: u32) -> Result<Vec<KeptBody>, StoreError> {
        transact!(self, "reading bodies", tx => callbacks::bodies(&tx, after, limit))
    }

    async fn judge_again(&self, judged: Vec<(u64, Verdict)>) -> Result<(), StoreError> {
        transact!(self, "judging bodies anew", tx => callbacks::judge_again(&tx, &judged))
    }

    async fn forget(&self, whom: Forget) -> Result<u64, StoreError> {
        transact!(self, "forgetting", tx => changes::forget(&tx, whom))
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let (removed, more) =
                transact!(self, "removing what is old", tx => changes::prune(&tx, before))?;
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
        transact!(self, "looking up a reference", tx => campaigns::by_reference(&tx, &reference))
    }

    async fn setting(&self, name: &str, proposed: &str) -> Result<String, StoreError> {
        transact!(self, "settling a setting", tx => campaigns::setting(&tx, name, proposed))
    }
}
