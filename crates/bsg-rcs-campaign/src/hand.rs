//! A batch in hand: leased, kept leased while work on it goes on, and changed by its holder alone.
//!
//! A heartbeat renews the lease while the holder waits. What the holder may send
//! ends with the lease: [`Hand::gate`] says so at the moment in which a request leaves, also to a
//! process that was suspended in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use bsg_rcs_domain::{Addressee, Batch, BatchCap, Message, Money};
use bsg_rcs_store::{
    BatchChange, BatchRow, BatchState, CampaignRow, Lease, Outcome, RecipientRow, SendStart,
    Settled, StoreError, Timestamp, WorkerId,
};

use tokio::sync::{Notify, Semaphore};

use crate::applied::ApplyOptions;
use crate::clock::{Clock, between};
use crate::error::CampaignError;
use crate::stored_plan::{StoredPlan, UnitPrices};
use crate::tools::Tools;

/// How long a lease lasts. A worker that dies is replaced after this time.
const LEASE: Duration = Duration::from_secs(60);
/// How often it is renewed: three renewals may fail before it ends.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long after its recipients were read a request may leave. The client's own repeats come later
/// only with recipients that were read again: a number may have been forgotten meanwhile.
const FRESH: Duration = Duration::from_secs(5);
/// How long before its end nothing leaves any more: for clocks, and for the way to the socket.
const SAFETY_MARGIN: Duration = Duration::from_secs(5);

/// What all batches of one run of applying share.
pub(crate) struct Work<'a> {
    pub(crate) tools: &'a Tools,
    pub(crate) campaign: CampaignRow,
    pub(crate) message: Message,
    pub(crate) plan: StoredPlan,
    pub(crate) prices: Option<UnitPrices>,
    pub(crate) options: ApplyOptions,
    /// How long an unknown outcome may still change.
    pub(crate) settle: Duration,
    pub(crate) worker: WorkerId,
    /// Batches of this run that wait for their outcome to settle.
    pub(crate) resolving: AtomicU64,
    /// A slot for each request that may be under way at once.
    pub(crate) slots: Semaphore,
    /// Wakes the worker when one more waits: another can be begun.
    pub(crate) has_room: Notify,
    /// Whether a stop condition holds for all batches: nothing leaves any more in this run.
    pub(crate) withheld: Arc<AtomicBool>,
    /// Whether a batch of this run failed: no other is begun, or sent again.
    pub(crate) failed: AtomicBool,
    /// Whether the start has passed: batches go without it.
    pub(crate) start_passed: AtomicBool,
    /// The platform's campaign that took the latest batch of this run; 0 before the first.
    pub(crate) latest_remote: AtomicU64,
}

impl<'a> Work<'a> {
    pub(crate) fn new(
        tools: &'a Tools,
        campaign: CampaignRow,
        plan: StoredPlan,
        options: ApplyOptions,
    ) -> Result<Self, CampaignError> {
        Ok(Self {
            message: crate::stored_plan::message_of(&campaign)?,
            prices: plan.prices()?,
            settle: options.settle.unwrap_or(tools.client.settle_time()),
            worker: WorkerId(u64::from_be_bytes(crate::random::bytes()?)),
            resolving: AtomicU64::new(0),
            slots: Semaphore::new(options.concurrency()),
            has_room: Notify::new(),
            withheld: Arc::default(),
            failed: AtomicBool::new(false),
            start_passed: AtomicBool::new(false),
            latest_remote: AtomicU64::new(0),
            tools,
            campaign,
            plan,
            options,
        })
    }
}

/// The end of a lease as its holder sees it. Of the two clocks the one that went further decides:
/// the monotonic one can stand still while a machine sleeps, the wall clock can be set back.
#[derive(Debug, Default)]
struct LeaseEnd {
    /// When the lease was last renewed, in milliseconds of each clock.
    monotonic: AtomicU64,
    wall: AtomicI64,
    lost: AtomicBool,
}

impl LeaseEnd {
    fn renewed(&self, (monotonic, wall): (Duration, Timestamp)) {
        let millis = u64::try_from(monotonic.as_millis()).unwrap_or(u64::MAX);
        self.monotonic.store(millis, Ordering::SeqCst);
        self.wall.store(wall.0, Ordering::SeqCst);
    }

    /// Whether something may leave.
    fn is_open(&self, clock: &dyn Clock) -> bool {
        let monotonic = Duration::from_millis(self.monotonic.load(Ordering::SeqCst));
        let waited = clock.monotonic().saturating_sub(monotonic);
        let slept = between(Timestamp(self.wall.load(Ordering::SeqCst)), clock.now());
        !self.lost.load(Ordering::SeqCst) && waited.max(slept) + SAFETY_MARGIN < LEASE
    }
}

/// A batch that this run holds a lease of. What its row says is what this run wrote last.
pub(crate) struct Hand<'a> {
    pub(crate) work: &'a Work<'a>,
    pub(crate) row: BatchRow,
    lease: Lease,
    end: Arc<LeaseEnd>,
    /// Since when the outcome is not known, on this process's monotonic clock.
    pub(crate) uncertain_since: Duration,
}

impl<'a> Hand<'a> {
    /// Leases the first batch that needs work, begins before recipient `before`, and has no holder.
    pub(crate) async fn take(
        work: &'a Work<'a>,
        before: u32,
    ) -> Result<Option<Self>, CampaignError> {
        let tools = work.tools;
        let asked_at = (tools.clock.monotonic(), tools.clock.now());
        let leased = tools.store.lease(work.campaign.id, work.worker, LEASE, before).await?;
        let Some((lease, row)) = leased else { return Ok(None) };
        let end = Arc::new(LeaseEnd::default());
        end.renewed(asked_at);
        Ok(Some(Self { work, row, lease, end, uncertain_since: tools.clock.monotonic() }))
    }

    /// Keeps the first `keep` recipients of a planned batch; the rest becomes a batch of its own.
    pub(crate) async fn cut(&mut self, keep: u32) -> Result<(), CampaignError> {
        let worst = match &self.work.prices {
            None => (None, None),
            Some(prices) => {
                let recipients = self.recipients().await?;
                let (first, rest) = recipients
                    .split_at_checked(usize::try_from(keep).unwrap_or(usize::MAX))
                    .ok_or(CampaignError::Corrupt("batch"))?;
                let money = |amount| Money::new(amount, prices.currency());
                (prices.worst(first).map(money), prices.worst(rest).map(money))
            }
        };
        self.row = self.work.tools.store.cut(self.lease, keep, worst).await?;
        Ok(())
    }

    /// Renews the lease.
    async fn renew(&self) -> Result<(), CampaignError> {
        let clock = &self.work.tools.clock;
        let asked_at = (clock.monotonic(), clock.now());
        self.work.tools.store.renew(self.lease, LEASE).await?;
        self.end.renewed(asked_at);
        Ok(())
    }

    /// Renews the lease for ever; answers the error of a lease that was lost.
    async fn beat(&self) -> CampaignError {
        loop {
            self.work.tools.clock.tick(HEARTBEAT).await;
            match self.renew().await {
                Ok(()) => {}
                Err(lost @ CampaignError::Store(StoreError::LeaseLost { .. })) => {
                    self.end.lost.store(true, Ordering::SeqCst);
                    return lost;
                }
                // The lease still lasts a while; the next beat may succeed.
                Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
            }
        }
    }

    /// Waits for `done` and keeps the lease meanwhile.
    ///
    /// # Errors
    /// The lease was lost: `done` is abandoned.
    pub(crate) async fn while_held<T>(
        &self,
        done: impl Future<Output = T>,
    ) -> Result<T, CampaignError> {
        tokio::select! {
            biased;
            done = done => Ok(done),
            lost = self.beat() => Err(lost),
        }
    }

    /// Waits and keeps the lease; `false` if the interrupt was raised.
    pub(crate) async fn pause(&self, span: Duration) -> Result<bool, CampaignError> {
        // A wait on a virtual clock passes time by itself: the lease is renewed around it too.
        let in_time = self.while_held(self.work.tools.pause(span)).await?;
        if !self.end.is_open(&*self.work.tools.clock) || span >= HEARTBEAT {
            self.renew().await?;
        }
        Ok(in_time)
    }

    /// Says at any moment whether the request that begins now may still leave.
    pub(crate) fn gate(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let read_at = self.work.tools.clock.monotonic();
        let (end, clock) = (Arc::clone(&self.end), Arc::clone(&self.work.tools.clock));
        let withheld = Arc::clone(&self.work.withheld);
        move || {
            let is_fresh = clock.monotonic().saturating_sub(read_at) <= FRESH;
            is_fresh && !withheld.load(Ordering::SeqCst) && end.is_open(&*clock)
        }
    }

    /// Writes that the batch is being sent; answers its recipients as they are in that very moment.
    pub(crate) async fn begin_sending(&mut self) -> Result<SendStart, CampaignError> {
        let clock = &self.work.tools.clock;
        let asked_at = (clock.monotonic(), clock.now());
        let begun = self.work.tools.store.begin_sending(self.lease, LEASE).await?;
        if matches!(begun, SendStart::Recipients(_)) {
            self.end.renewed(asked_at);
            self.row.attempts = self.row.attempts.saturating_add(1);
        }
        Ok(begun)
    }

    /// Writes that the last try did not leave: the batch is what it was before.
    pub(crate) async fn take_back(
        &mut self,
        note: Option<String>,
        settled: Vec<Settled>,
    ) -> Result<(), CampaignError> {
        let state = self.unsent();
        let change = BatchChange { note, settled, never_left: true, ..BatchChange::to(state) };
        self.work.tools.store.change_batch(self.lease, change).await?;
        self.row.attempts = self.row.attempts.saturating_sub(1);
        Ok(())
    }

    /// Writes where the batch stands.
    pub(crate) async fn change(
        &mut self,
        state: BatchState,
        remote: Option<u64>,
        note: Option<String>,
    ) -> Result<(), CampaignError> {
        let change = BatchChange { remote, note: note.clone(), ..BatchChange::to(state) };
        self.work.tools.store.change_batch(self.lease, change).await?;
        self.row.state = state;
        self.row.note = note.or(self.row.note.take());
        Ok(())
    }

    /// Writes that the outcome is not known, from now on.
    pub(crate) async fn become_unknown(
        &mut self,
        note: Option<String>,
    ) -> Result<(), CampaignError> {
        self.uncertain_since = self.work.tools.clock.monotonic();
        self.change(BatchState::Unknown, None, note).await
    }

    /// What the batch is if a try of sending it does not leave.
    pub(crate) const fn unsent(&self) -> BatchState {
        match self.row.state {
            BatchState::Planned => BatchState::Planned,
            // An earlier try may have arrived.
            _ => BatchState::Unknown,
        }
    }

    /// Gives the batch back, so that other workers need not wait for the lease to end.
    pub(crate) async fn release(&self) -> Result<(), CampaignError> {
        Ok(self.work.tools.store.release(self.lease).await?)
    }

    pub(crate) async fn recipients(&self) -> Result<Vec<RecipientRow>, CampaignError> {
        let (id, row) = (self.work.campaign.id, &self.row);
        Ok(self.work.tools.store.recipients(id, row.first, row.count).await?)
    }

    /// A recipient as it is sent to and looked up; `None` if its number was forgotten.
    pub(crate) fn addressee(&self, recipient: &RecipientRow) -> Option<Addressee> {
        addressee(&self.work.campaign, recipient)
    }

    pub(crate) fn addressees(&self, recipients: &[RecipientRow]) -> Result<Batch, CampaignError> {
        let to = recipients.iter().filter_map(|to| self.addressee(to)).collect();
        Batch::new(to, BatchCap::PLATFORM).map_err(|_| CampaignError::Corrupt("batch"))
    }
}

/// A recipient with the reference that its message carries; `None` if its number was forgotten.
pub(crate) fn addressee(campaign: &CampaignRow, recipient: &RecipientRow) -> Option<Addressee> {
    let number = recipient.number?;
    let minted = || campaign.key.mint(campaign.id, recipient.index, number);
    Some(Addressee { number, reference: recipient.reference.unwrap_or_else(minted) })
}

/// The recipients that are still to be sent to: not refused by name, not forgotten, and without a
/// known message.
pub(crate) fn open(recipients: Vec<RecipientRow>) -> Vec<RecipientRow> {
    let is_open = |to: &RecipientRow| to.shown.is_none() && is_living(to);
    recipients.into_iter().filter(is_open).collect()
}

/// Whether a recipient can have a message: it was not refused by name, and not forgotten.
pub(crate) fn is_living(to: &RecipientRow) -> bool {
    to.number.is_some() && to.outcome != Some(Outcome::Rejected)
}
