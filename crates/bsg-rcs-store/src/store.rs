//! The trait, and in prose what every implementation promises.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, ReferenceId, Report};

use crate::error::StoreError;
use crate::rows::{
    BatchChange, BatchRow, ButtonRow, CampaignRow, CampaignState, Change, Forget, KeptBody, Lease,
    NewRecipient, PlanEnd, Received, RecipientRow, Settled, TallyRow, Timestamp, Verdict, WorkerId,
};

/// The right to work on one campaign, until it is dropped or its process dies.
#[must_use = "the claim ends when it is dropped"]
pub struct Claim {
    _guard: Box<dyn Send + Sync>,
}

impl Claim {
    /// A claim that ends when `guard` is dropped.
    pub fn new(guard: impl Send + Sync + 'static) -> Self {
        Self { _guard: Box::new(guard) }
    }
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claim")
    }
}

/// Keeps campaigns, batches, messages and callbacks.
///
/// # What every implementation promises
///
/// - **Durable before answered.** When a method answers `Ok`, what it wrote survives the death of
///   the process and, but for stores that say otherwise, of the machine.
/// - **Whole or not at all.** What one call writes is seen whole or not at all, by this process
///   and by others on the same store, also when the process dies in between.
/// - **Reports are a set.** Writing a report that is there already changes nothing; the order of
///   writing changes nothing. Beside the set stands [`crate::view::MessageView`] of it, never
///   older than the set.
/// - **Side by side.** Methods may be called at once from many tasks, and the same store may be
///   open in several processes: one that applies, one that takes callbacks, one that reports.
/// - **Dropped calls.** A call whose future is dropped was carried out whole or not at all.
/// - **No judgement.** A store does not check that a change of state makes sense; its caller does,
///   and holds a [`Claim`] of the campaign and a [`Lease`] of the batch while doing so.
/// - **One holder a batch.** Of all leases of a batch only the latest can change it. Leases run by
///   the store's own clock, for the clocks of many machines differ.
#[async_trait]
pub trait Store: Send + Sync {
    /// Writes a new campaign: in state [`CampaignState::Preparing`], with no recipients and an
    /// empty digest and summary, whatever the row says.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if its id is taken.
    async fn create(&self, campaign: CampaignRow) -> Result<(), StoreError>;

    /// Appends recipients to a campaign that is being prepared; `first` is the index of the first
    /// of them, and equals the number of recipients written so far.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if no such campaign is being prepared, or fewer are written;
    /// [`StoreError::Exists`] if more are. Nothing is written then.
    async fn add_recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        recipients: Vec<NewRecipient>,
    ) -> Result<(), StoreError>;

    /// Ends the preparation: sets `recipients`, `digest` and `summary`, writes the batches
    /// ([`bsg_rcs_domain::BatchCap::ranges`] of the row's `batch_cap`, all planned, changed when
    /// the campaign was created) and makes the campaign [`CampaignState::Planned`].
    ///
    /// # Errors
    /// [`StoreError::Missing`] if no such campaign is being prepared, or fewer recipients are
    /// written than `end` says; [`StoreError::Exists`] if more are; [`StoreError::Planned`] if the
    /// same was planned before, also by another process at the same moment. It goes on being
    /// prepared then.
    async fn finish_plan(&self, campaign: CampaignId, end: PlanEnd) -> Result<(), StoreError>;

    /// Removes a campaign that is being prepared, and its recipients. Any other is left alone.
    async fn discard(&self, campaign: CampaignId) -> Result<(), StoreError>;

    /// The campaign, if there is one.
    async fn campaign(&self, id: CampaignId) -> Result<Option<CampaignRow>, StoreError>;

    /// All campaigns, the youngest first.
    async fn campaigns(&self) -> Result<Vec<CampaignRow>, StoreError>;

    /// Changes where a campaign stands, unless it was stopped for good: that stays. Answers where
    /// it stands now.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such campaign.
    async fn set_state(
        &self,
        id: CampaignId,
        state: CampaignState,
    ) -> Result<CampaignState, StoreError>;

    /// Whether many processes, on many machines, may work on one campaign at once.
    fn is_shared(&self) -> bool;

    /// Writes anew what planning found.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such campaign.
    async fn set_summary(&self, id: CampaignId, summary: String) -> Result<(), StoreError>;

    /// Begins to work on a campaign. A store that is not shared lets one process and task in at a
    /// time: two claims of one campaign never live at once, a claim ends with its process, however
    /// that dies, and with a new claim every earlier lease of the campaign is over. A shared store
    /// lets in whoever comes.
    ///
    /// # Errors
    /// [`StoreError::Claimed`] while another lives, of a store that is not shared.
    async fn claim(&self, id: CampaignId) -> Result<Claim, StoreError>;

    /// Leases the first batch that is open ([`crate::BatchState::is_open`]), begins before
    /// recipient `before`, and is not leased; for `span` of the store's clock. `None` if there is
    /// none, or the campaign is not [`CampaignState::Sending`]. Of many that ask at once, each is
    /// given another batch.
    async fn lease(
        &self,
        campaign: CampaignId,
        worker: WorkerId,
        span: Duration,
        before: u32,
    ) -> Result<Option<(Lease, BatchRow)>, StoreError>;

    /// Lets a lease last for `span` from now.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else was given the batch.
    async fn renew(&self, lease: Lease, span: Duration) -> Result<(), StoreError>;

    /// Ends a lease, so that others need not wait for it. One that is lost already is no error.
    async fn release(&self, lease: Lease) -> Result<(), StoreError>;

    /// Whether somebody works on a batch of a campaign, by leases that are not over.
    async fn has_live_leases(&self, campaign: CampaignId) -> Result<bool, StoreError>;

    /// The campaign's batches, in order.
    async fn batches(&self, campaign: CampaignId) -> Result<Vec<BatchRow>, StoreError>;

    /// The recipients with index `first` to `first + count - 1`, in order; fewer where they end.
    async fn recipients(
        &self,
        campaign: CampaignId,
        first: u32,
        count: u32,
    ) -> Result<Vec<RecipientRow>, StoreError>;

    /// Changes the batch of a lease. A `remote` is added to those that are known, once; a `remote`
    /// or `note` of `None` leaves what is there. A batch that is not open any more is not leased
    /// any more, and this very lease can still change it.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else was given the batch meanwhile;
    /// [`StoreError::Missing`] if there is no such batch, or one of `settled` is not there. Nothing
    /// is written then.
    async fn change_batch(&self, lease: Lease, change: BatchChange) -> Result<(), StoreError>;

    /// Makes every held batch of a campaign unknown again, as if it had never been tried; answers how
    /// many there were.
    async fn reopen(&self, campaign: CampaignId) -> Result<u64, StoreError>;

    /// Gives recipients an outcome of their own.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if one of them is not there; nothing is written then.
    async fn settle(&self, campaign: CampaignId, settled: Vec<Settled>) -> Result<(), StoreError>;

    /// Keeps callbacks, with what they say of our recipients, all in one transaction. Reports and
    /// clicks are sets; bodies are kept as often as they came. An index beyond the campaign's
    /// recipients, or an unknown campaign, is kept as set aside; of what is set aside, the latest
    /// [`crate::rows::ASIDE_MAX`] bodies.
    async fn keep_callbacks(&self, received: Vec<Received>) -> Result<(), StoreError>;

    /// Adds reports that were asked for rather than called back.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if one of the recipients is not there; nothing is written then.
    async fn add_reports(
        &self,
        campaign: CampaignId,
        reports: Vec<(u32, Report)>,
    ) -> Result<(), StoreError>;

    /// The reports of one recipient.
    async fn reports(
        &self,
        campaign: CampaignId,
        index: u32,
    ) -> Result<bsg_rcs_domain::Reports, StoreError>;

    /// Counts the campaign's recipients by how they stand, each way of standing in one row.
    /// `overdue` in a row says whether their batch was accepted at or before `accepted_by`.
    async fn tally(
        &self,
        campaign: CampaignId,
        accepted_by: Timestamp,
    ) -> Result<Vec<TallyRow>, StoreError>;

    /// How many clicks the campaign has; the same click told twice counts once.
    async fn clicks(&self, campaign: CampaignId) -> Result<u64, StoreError>;

    /// The campaign's buttons that were clicked, the most clicked first.
    async fn buttons(&self, campaign: CampaignId) -> Result<Vec<ButtonRow>, StoreError>;

    /// The first recipients, in order, whose reports contradict each other.
    async fn contradicted(&self, campaign: CampaignId, limit: u32) -> Result<Vec<u32>, StoreError>;

    /// The changes behind a cursor (0 is before the first), in the order of their commits: what is
    /// committed later stands behind everything that was ever answered.
    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<Change>, StoreError>;

    /// The kept bodies with greater numbers than `after` (0 is before the first), in order.
    async fn bodies(&self, after: u64, limit: u32) -> Result<Vec<KeptBody>, StoreError>;

    /// Judges kept bodies anew, by their numbers, and adds what they say; those that are gone are
    /// passed over. All in one transaction.
    async fn judge_again(&self, judged: Vec<(u64, Verdict)>) -> Result<(), StoreError>;

    /// Forgets numbers: those of the recipients, with their labels, notes and own references, bodies
    /// that hold them, and notes of batches as far as they do. Counts, statuses and money stay. Who was not sent to yet is not any more:
    /// rejected if its batch was planned, undetermined if that was under way or held. What is kept of them
    /// later holds no body. Answers how many recipients there were.
    async fn forget(&self, whom: Forget) -> Result<u64, StoreError>;

    /// Removes kept bodies that came in before a moment, and changes that were logged before it, the
    /// oldest first, a few thousand in a transaction; what stands behind a younger one stays with it.
    /// Answers how many.
    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Finds the recipient that carries a caller's own reference; of several, one of the youngest
    /// campaign. Campaigns that are being prepared are passed over: nothing of them was sent.
    async fn by_reference(
        &self,
        reference: ReferenceId,
    ) -> Result<Option<(CampaignId, u32)>, StoreError>;

    /// The setting of this name; where there is none, `proposed` becomes it. The first writer
    /// wins, also among processes.
    async fn setting(&self, name: &str, proposed: &str) -> Result<String, StoreError>;
}
