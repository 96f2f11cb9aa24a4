//! One run of applying: the batches one after another, each in the state in which it is found.

use std::time::Duration;

use bsg_rcs_domain::{CampaignStatus, Message, ReferenceId};
use bsg_rcs_store::{
    BatchChange, BatchRow, BatchState, CampaignRow, Kind, RecipientRow, Timestamp,
};

use crate::apply::{Applied, ApplyOptions, Stop, Tools};
use crate::clock::{after, between};
use crate::error::CampaignError;
use crate::kept::message_of;
use crate::progress::Event;

/// One run of applying.
pub(crate) struct Run<'a> {
    pub(crate) tools: &'a Tools,
    pub(crate) campaign: CampaignRow,
    pub(crate) message: Message,
    pub(crate) settle: Duration,
    options: ApplyOptions,
    /// When the rate allows the next batch to leave.
    free_at: Timestamp,
}

/// What became of one batch in this run.
pub(crate) enum Settled {
    /// The platform has its messages, or refused all of its recipients by name.
    Accepted {
        remote: Option<u64>,
    },
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
        settle: Duration,
    ) -> Result<Self, CampaignError> {
        let message = message_of(&campaign)?;
        let free_at = Timestamp(i64::MIN);
        Ok(Self { tools, campaign, message, settle, options, free_at })
    }

    pub(crate) async fn batches(&mut self) -> Result<Applied, CampaignError> {
        let batches = self.tools.store.batches(self.campaign.id).await?;
        let mut held = Vec::new();
        // Refused in an earlier run: that stays, but its cause may be gone for the others.
        let mut refused_before = None;
        let mut settled_recipients = 0;
        for batch in &batches {
            if self.options.first.is_some_and(|first| u64::from(batch.first) >= first) {
                return Ok(Applied::Stopped(Stop::First));
            }
            if batch.state == BatchState::Rejected {
                refused_before = Some(batch.note.clone().unwrap_or_default());
            }
            match self.settle(batch).await? {
                Settled::Accepted { remote: Some(remote) } if self.is_paused(remote).await => {
                    return Ok(Applied::Stopped(Stop::PausedByPlatform { remote }));
                }
                Settled::Accepted { .. } => {}
                Settled::Rejected { why } => return Ok(Applied::Refused { why }),
                Settled::Held => held.push(batch.number),
                Settled::Interrupted => return Ok(Applied::Stopped(Stop::Interrupted)),
            }
            settled_recipients += u64::from(batch.count);
            let of = self.campaign.recipients.into();
            (self.tools.progress)(Event::Batch { settled: settled_recipients, of });
        }
        Ok(match refused_before {
            Some(why) => Applied::Refused { why },
            None if held.is_empty() => Applied::AllSent,
            None => Applied::Held { batches: held },
        })
    }

    /// Does what there is to do for a batch in its state.
    async fn settle(&mut self, batch: &BatchRow) -> Result<Settled, CampaignError> {
        Ok(match batch.state {
            BatchState::Accepted => Settled::Accepted { remote: batch.remotes.last().copied() },
            // It stays refused, and the others have their turn.
            BatchState::Rejected => Settled::Accepted { remote: None },
            BatchState::Held => Settled::Held,
            BatchState::Sending => {
                // Its sender died, and the request may have left long after this was written: it
                // settles from now on.
                let state = BatchState::Unknown;
                let changed_at = self.change(batch, state, None, None).await?;
                self.resolve(&BatchRow { state, changed_at, ..batch.clone() }).await?
            }
            BatchState::Unknown => self.resolve(batch).await?,
            BatchState::Planned if !self.pace().await => Settled::Interrupted,
            BatchState::Planned => self.send(batch).await?,
        })
    }

    /// Writes where a batch stands; answers when.
    pub(crate) async fn change(
        &self,
        batch: &BatchRow,
        state: BatchState,
        remote: Option<u64>,
        note: Option<String>,
    ) -> Result<Timestamp, CampaignError> {
        let at = self.tools.clock.now();
        let change = BatchChange { state, at, remote, note };
        self.tools.store.change_batch(self.campaign.id, batch.number, change).await?;
        Ok(at)
    }

    pub(crate) async fn recipients(
        &self,
        batch: &BatchRow,
    ) -> Result<Vec<RecipientRow>, CampaignError> {
        let id = self.campaign.id;
        Ok(self.tools.store.recipients(id, batch.first, batch.count).await?)
    }

    pub(crate) fn reference(&self, recipient: &RecipientRow) -> ReferenceId {
        recipient.reference.unwrap_or_else(|| {
            self.campaign.key.mint(self.campaign.id, recipient.index, recipient.number)
        })
    }

    /// Whether the platform paused one of its campaigns. Not knowing is no pause.
    async fn is_paused(&self, remote: u64) -> bool {
        if self.campaign.kind == Kind::Single {
            return false;
        }
        let asked = self.tools.client.campaigns().get(remote).await;
        asked.is_ok_and(|campaign| campaign.status == Ok(CampaignStatus::Paused))
    }

    /// Notes that so many recipients leave: the rate decides when the next ones may.
    pub(crate) fn spend(&mut self, recipients: u32) {
        if let Some(rate) = self.options.rate.filter(|rate| *rate > 0) {
            let span = Duration::from_secs(recipients.into()) / rate;
            self.free_at = after(self.tools.clock.now(), span);
        }
    }

    /// Whether what is unknown is left to a person.
    pub(crate) fn hold_unknown(&self) -> bool {
        self.options.hold_unknown
    }

    /// Waits until the rate allows the next batch; `false` if it is not to leave any more.
    async fn pace(&self) -> bool {
        let wait = between(self.tools.clock.now(), self.free_at);
        (wait.is_zero() || self.pause(wait).await) && !self.tools.interrupt.is_raised()
    }

    /// Waits; `false` if the wait was interrupted.
    pub(crate) async fn pause(&self, span: Duration) -> bool {
        let mut interrupt = self.tools.interrupt.clone();
        tokio::select! {
            biased;
            () = interrupt.raised() => false,
            () = self.tools.clock.sleep(span) => true,
        }
    }
}
