//! One run of applying: it leases one batch after another and settles each in the state in which
//! it is found, until there is none left.

use std::ops::Deref;
use std::time::Duration;

use bsg_rcs_domain::{Addressee, Message};
use bsg_rcs_store::{
    BatchChange, BatchRow, BatchState, CampaignRow, CampaignState, Lease, Leased, RecipientRow,
    StoreError, Timestamp, WorkerId,
};

use crate::apply::{Applied, ApplyOptions, Stop, Tools};
use crate::brakes::Brakes;
use crate::clock::{after, between};
use crate::error::CampaignError;
use crate::kept::message_of;
use crate::plan::random;
use crate::progress::Event;

/// Between two looks at a batch that has not settled, or that another worker is at.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How far the clocks of machines that share a store may be apart without a word.
const CLOCKS_APART: Duration = Duration::from_secs(60);

/// One run of applying.
pub(crate) struct Run<'a> {
    pub(crate) tools: &'a Tools,
    pub(crate) campaign: CampaignRow,
    pub(crate) message: Message,
    pub(crate) settle: Duration,
    options: ApplyOptions,
    worker: WorkerId,
    /// When the lease of the batch at hand was given or renewed.
    leased_at: Timestamp,
    /// When the last batch left, and how long the rate keeps the next one back.
    left: Option<(Timestamp, Duration)>,
}

/// A batch that this run holds a lease of. What its row says is what this run wrote last.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) row: BatchRow,
    pub(crate) lease: Lease,
}

impl Held {
    /// The same batch, standing elsewhere.
    pub(crate) fn standing(&self, state: BatchState, changed_at: Timestamp) -> Self {
        Self { row: BatchRow { state, changed_at, ..self.row.clone() }, lease: self.lease }
    }
}

impl Deref for Held {
    type Target = BatchRow;

    fn deref(&self) -> &BatchRow {
        &self.row
    }
}

/// What became of one batch in this run.
pub(crate) enum Settled {
    /// The platform has its messages, or refused all of its recipients by name.
    Accepted,
    Rejected {
        why: String,
    },
    Held,
    /// Still to be settled: the run was interrupted.
    Interrupted,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        tools: &'a Tools,
        campaign: CampaignRow,
        options: ApplyOptions,
    ) -> Result<Self, CampaignError> {
        let message = message_of(&campaign)?;
        let settle = options.settle.unwrap_or(tools.client.settle_time());
        let worker = WorkerId(u64::from_be_bytes(random()?));
        let leased_at = tools.clock.now();
        Ok(Self { tools, campaign, message, settle, options, worker, leased_at, left: None })
    }

    pub(crate) async fn batches(&mut self) -> Result<Applied, CampaignError> {
        let rows = self.tools.store.batches(self.campaign.id).await?;
        let mut brakes = Brakes::of(self.tools, &self.campaign, &rows, self.options.max_cost)?;
        self.look_at_clock(&rows);
        let closed = rows.iter().filter(|row| !row.state.is_open());
        let mut settled: u64 = closed.map(|row| u64::from(row.count)).sum();
        loop {
            let rows = self.tools.store.batches(self.campaign.id).await?;
            brakes.look_at_funds(&rows).await;
            if let Some(remote) = brakes.paused_remote(&rows).await {
                return Ok(Applied::Stopped(Stop::PausedByPlatform { remote }));
            }
            if !self.pace().await {
                return Ok(Applied::Stopped(Stop::Interrupted));
            }
            let Some(batch) = self.next().await? else {
                match self.conclusion().await? {
                    Some(applied) => return Ok(applied),
                    // Others are at the rest: it is ours if they die.
                    None if self.pause(LOOK_EVERY).await => continue,
                    None => return Ok(Applied::Stopped(Stop::Interrupted)),
                }
            };
            if self.tools.interrupt.is_raised() {
                self.tools.store.release(batch.lease).await?;
                return Ok(Applied::Stopped(Stop::Interrupted));
            }
            if let Some(stop) = brakes.over_cap(&batch).await? {
                self.tools.store.release(batch.lease).await?;
                return Ok(Applied::Stopped(stop));
            }
            match self.settle(&batch).await {
                Ok(Settled::Accepted) => self.tell(&batch, BatchState::Accepted),
                Ok(Settled::Rejected { why }) => {
                    self.tell(&batch, BatchState::Rejected);
                    return Ok(Applied::Refused { why });
                }
                Ok(Settled::Held) => self.tell(&batch, BatchState::Held),
                Ok(Settled::Interrupted) => {
                    self.tools.store.release(batch.lease).await?;
                    return Ok(Applied::Stopped(Stop::Interrupted));
                }
                // It is another's now, who looks up what this run may have sent.
                Err(CampaignError::Store(error @ StoreError::LeaseLost { .. })) => {
                    tracing::warn!("{error}");
                    continue;
                }
                Err(error) => {
                    // The lease ends by itself too, only later.
                    let _ = self.tools.store.release(batch.lease).await;
                    return Err(error);
                }
            }
            settled += u64::from(batch.count);
            let of = self.campaign.recipients.into();
            (self.tools.progress)(Event::Batch { settled, of });
        }
    }

    fn tell(&self, batch: &Held, outcome: BatchState) {
        (self.tools.progress)(Event::Settled { batch: batch.number, outcome });
    }

    /// Tells if the clock was set back. Nothing is lost by it: what waits, waits from now on.
    fn look_at_clock(&self, rows: &[BatchRow]) {
        let now = self.tools.clock.now();
        let latest = rows.iter().map(|row| row.changed_at).max().unwrap_or(now);
        let by = between(now, latest);
        if by > CLOCKS_APART {
            (self.tools.progress)(Event::ClockSetBack { by });
        }
    }

    /// The first batch that needs work and that nobody is at.
    async fn next(&mut self) -> Result<Option<Held>, CampaignError> {
        let (store, id) = (&self.tools.store, self.campaign.id);
        self.leased_at = self.tools.clock.now();
        let leased = store.lease(id, self.worker, self.lease_span(), self.before()).await?;
        Ok(leased.map(|(lease, row)| Held { row, lease }))
    }

    /// The recipient before which the batches begin that are sent.
    fn before(&self) -> u32 {
        self.options.first.map_or(u32::MAX, |first| u32::try_from(first).unwrap_or(u32::MAX))
    }

    /// How long a batch is not given to others unless its lease is renewed: twice as long as a send
    /// takes to settle, however short a time was asked for.
    fn lease_span(&self) -> Duration {
        let settle = self.settle.max(self.tools.client.settle_time());
        settle.saturating_mul(2).min(Leased::SPAN_MAX)
    }

    /// Renews the lease once a part of it is over.
    pub(crate) async fn hold(&mut self, batch: &Held) -> Result<(), CampaignError> {
        let now = self.tools.clock.now();
        if now < self.leased_at || between(self.leased_at, now) > self.lease_span() / 4 {
            self.tools.store.renew(batch.lease, self.lease_span()).await?;
            self.leased_at = now;
        }
        Ok(())
    }

    /// How applying ends, now that nothing is left to lease; `None` while others are at it.
    async fn conclusion(&self) -> Result<Option<Applied>, CampaignError> {
        let (store, id) = (&self.tools.store, self.campaign.id);
        let campaign = store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
        let rows = store.batches(id).await?;
        let open = |row: &&BatchRow| row.state.is_open();
        if rows.iter().filter(open).any(|row| row.first < self.before()) {
            return Ok(match campaign.state {
                CampaignState::Sending => None,
                CampaignState::Stopped => Some(Applied::Stopped(Stop::ForGood)),
                _ => Some(Applied::Stopped(Stop::Elsewhere)),
            });
        }
        if rows.iter().any(|row| row.state.is_open()) {
            return Ok(Some(Applied::Stopped(Stop::First)));
        }
        if let Some(refused) = rows.iter().rfind(|row| row.state == BatchState::Rejected) {
            let why = refused.note.clone().unwrap_or_default();
            return Ok(Some(Applied::Refused { why }));
        }
        let held = rows.iter().filter(|row| row.state == BatchState::Held);
        let batches: Vec<u32> = held.map(|row| row.number).collect();
        Ok(Some(if batches.is_empty() { Applied::AllSent } else { Applied::Held { batches } }))
    }

    /// Does what there is to do for a batch in its state.
    async fn settle(&mut self, batch: &Held) -> Result<Settled, CampaignError> {
        match batch.state {
            BatchState::Sending => {
                // Its sender died, and the request may have left long after this was written: it
                // settles from now on.
                let state = BatchState::Unknown;
                let changed_at = self.change(batch, state, None, None).await?;
                self.resolve(&batch.standing(state, changed_at)).await
            }
            BatchState::Planned => self.send(batch).await,
            // A store gives open batches only.
            _ => self.resolve(batch).await,
        }
    }

    /// Writes where a batch stands; answers when.
    pub(crate) async fn change(
        &self,
        batch: &Held,
        state: BatchState,
        remote: Option<u64>,
        note: Option<String>,
    ) -> Result<Timestamp, CampaignError> {
        let at = self.tools.clock.now();
        let change = BatchChange { remote, note, ..BatchChange::to(state, at) };
        self.tools.store.change_batch(batch.lease, change).await?;
        Ok(at)
    }

    pub(crate) async fn recipients(
        &self,
        batch: &BatchRow,
    ) -> Result<Vec<RecipientRow>, CampaignError> {
        let id = self.campaign.id;
        Ok(self.tools.store.recipients(id, batch.first, batch.count).await?)
    }

    /// A recipient as it is written to and looked up; `None` if its number was forgotten.
    pub(crate) fn addressee(&self, recipient: &RecipientRow) -> Option<Addressee> {
        let number = recipient.number?;
        let minted = || self.campaign.key.mint(self.campaign.id, recipient.index, number);
        Some(Addressee { number, reference: recipient.reference.unwrap_or_else(minted) })
    }

    /// Notes that so many recipients leave: the rate decides when the next ones may.
    pub(crate) fn spend(&mut self, recipients: u32) {
        if let Some(rate) = self.options.rate.filter(|rate| *rate > 0) {
            let span = Duration::from_secs(recipients.into()) / rate;
            self.left = Some((self.tools.clock.now(), span));
        }
    }

    /// Whether what is unknown is left to a person.
    pub(crate) fn hold_unknown(&self) -> bool {
        self.options.hold_unknown
    }

    /// Waits until the rate allows the next batch; `false` if the wait was interrupted.
    async fn pace(&self) -> bool {
        let Some((left, span)) = self.left else { return true };
        // Never longer than the rate asks for, should the clock have been set back.
        let wait = between(self.tools.clock.now(), after(left, span)).min(span);
        wait.is_zero() || self.pause(wait).await
    }

    /// Waits while a batch is held; `false` if the wait was interrupted.
    pub(crate) async fn pause_with(
        &mut self,
        batch: &Held,
        span: Duration,
    ) -> Result<bool, CampaignError> {
        self.hold(batch).await?;
        Ok(self.pause(span).await)
    }

    /// Waits; `false` if the wait was interrupted.
    async fn pause(&self, span: Duration) -> bool {
        let mut interrupt = self.tools.interrupt.clone();
        tokio::select! {
            biased;
            () = interrupt.raised() => false,
            () = self.tools.clock.sleep(span) => true,
        }
    }
}
