//! Sending one batch: the intent is written, the request leaves, the outcome is written.
//!
//! What leaves is the open part of the batch: recipients of whom a message is known, and those that
//! the platform refused by name, are left out. So a batch that was refused for some of its
//! recipients goes out without them, and one that arrived in part is completed.

use std::time::Duration;

use bsg_rcs::{CampaignSend, ErrorKind, Rejection, SendOutcome};
use bsg_rcs_domain::{Batch, BatchCap};
use bsg_rcs_store::{BatchChange, BatchRow, BatchState, Kind, Outcome, RecipientRow};

use crate::error::CampaignError;
use crate::progress::Event;
use crate::run::{Held, Run, Settled};

/// How often a call that certainly changed nothing is tried, in all.
pub(crate) const TRIES: u32 = 5;
/// The wait after the first such try; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How often recipients that are refused by name are taken out of a batch before it counts as
/// refused as a whole.
const ROUNDS: u32 = 10;

/// The recipients that are still to be sent to. Who was forgotten is none of them.
pub(crate) fn open(recipients: Vec<RecipientRow>) -> Vec<RecipientRow> {
    let is_open = |to: &RecipientRow| to.shown.is_none() && is_living(to);
    recipients.into_iter().filter(is_open).collect()
}

/// Whether a recipient can have a message: it was not refused by name, and not forgotten.
pub(crate) fn is_living(to: &RecipientRow) -> bool {
    to.number.is_some() && to.outcome != Some(Outcome::Rejected)
}

/// What came of one exchange.
enum Sent {
    /// There was none.
    Settled(Settled),
    Outcome(SendOutcome<u64>),
}

impl Run<'_> {
    /// Sends what is open of a batch that was certainly not sent before, or was looked up and not
    /// found.
    pub(crate) async fn send(&mut self, batch: &Held) -> Result<Settled, CampaignError> {
        for _ in 0..ROUNDS {
            let recipients = open(self.recipients(batch).await?);
            if recipients.is_empty() {
                return self.accept(batch, None).await;
            }
            match self.send_once(batch, &recipients).await? {
                Sent::Settled(settled) => return Ok(settled),
                Sent::Outcome(SendOutcome::Rejected(why))
                    if self.take_out(batch, &recipients, &why).await? => {}
                Sent::Outcome(outcome) => return self.conclude_send(batch, outcome).await,
            }
        }
        let why = "the platform refused more recipients each time".to_owned();
        self.refused(batch, why).await
    }

    /// One exchange, tried again while it certainly does not leave.
    async fn send_once(
        &mut self,
        batch: &Held,
        recipients: &[RecipientRow],
    ) -> Result<Sent, CampaignError> {
        let to = self.addressees(recipients)?;
        let mut tries = 1;
        let outcome = loop {
            self.hold(batch).await?;
            self.change(batch, BatchState::Sending, None, None).await?;
            let error = match self.exchange(&to).await {
                Ok(outcome) => break outcome,
                Err(error) => error,
            };
            // This try did not leave, so the batch is what it was before.
            self.change(batch, unsent(batch), None, None).await?;
            if tries == TRIES || !may_pass(&error) {
                return Err(error.into());
            }
            let wait = FIRST_WAIT * 2_u32.pow(tries - 1);
            tries += 1;
            (self.tools.progress)(Event::Unreachable { wait, why: error.to_string() });
            if !self.pause_with(batch, wait).await? {
                return Ok(Sent::Settled(Settled::Interrupted));
            }
        };
        self.spend(u32::try_from(recipients.len()).unwrap_or(u32::MAX));
        Ok(Sent::Outcome(outcome))
    }

    /// Takes out of a batch the recipients that the platform refused by name; whether there were
    /// any, and nothing else was wrong.
    async fn take_out(
        &self,
        batch: &Held,
        recipients: &[RecipientRow],
        why: &Rejection,
    ) -> Result<bool, CampaignError> {
        let named = why.recipients();
        let refused = named.iter().map(|at| {
            let note = Some(why.words_for(*at));
            let index = recipients.get(*at)?.index;
            Some(bsg_rcs_store::Settled { index, outcome: Outcome::Rejected, note })
        });
        let Some(refused) = refused.collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())
        else {
            return Ok(false);
        };
        let change = BatchChange::to(unsent(batch), self.tools.clock.now());
        let change = BatchChange { settled: refused, ..change };
        self.tools.store.change_batch(batch.lease, change).await?;
        Ok(true)
    }

    async fn conclude_send(
        &mut self,
        batch: &Held,
        outcome: SendOutcome<u64>,
    ) -> Result<Settled, CampaignError> {
        match outcome {
            SendOutcome::Accepted(remote) => self.accept(batch, Some(remote)).await,
            SendOutcome::Rejected(why) => self.refused(batch, why.to_string()).await,
            SendOutcome::Unknown(unknown) => self.unknown(batch, unknown.why).await,
            SendOutcome::AlreadyKnown(known) => {
                self.unknown(batch, known.refusal.to_string()).await
            }
        }
    }

    /// A batch that was refused as a whole.
    async fn refused(&mut self, batch: &Held, why: String) -> Result<Settled, CampaignError> {
        if unsent(batch) != BatchState::Planned {
            // This try was refused; an earlier one may have arrived all the same.
            return self.unknown(batch, why).await;
        }
        self.change(batch, BatchState::Rejected, None, Some(why.clone())).await?;
        Ok(Settled::Rejected { why })
    }

    async fn exchange(&self, to: &Batch) -> Result<SendOutcome<u64>, bsg_rcs::Error> {
        let client = &self.tools.client;
        match (self.campaign.kind, to.addressees()) {
            (Kind::Single, [only]) => {
                let send = bsg_rcs::SingleSend::to(only.number).reference(only.reference);
                let outcome = client.messages().send(&self.message, &send).await?;
                Ok(outcome.map(|message| message.report.message.0))
            }
            _ => {
                let send = CampaignSend { to: to.clone(), start_at: self.campaign.start_at };
                let outcome = client.campaigns().send(&self.message, &send).await?;
                Ok(outcome.map(|campaign| campaign.id))
            }
        }
    }

    pub(crate) async fn accept(
        &self,
        batch: &Held,
        remote: Option<u64>,
    ) -> Result<Settled, CampaignError> {
        self.change(batch, BatchState::Accepted, remote, None).await?;
        Ok(Settled::Accepted)
    }

    async fn unknown(&mut self, batch: &Held, why: String) -> Result<Settled, CampaignError> {
        let before = match unsent(batch) {
            // The store counts tries that did not leave too; they are none.
            BatchState::Planned => 0,
            _ => batch.attempts,
        };
        let state = BatchState::Unknown;
        let changed_at = self.change(batch, state, None, Some(why.clone())).await?;
        let mut batch = batch.standing(state, changed_at);
        batch.row.attempts = before.saturating_add(1);
        batch.row.note = Some(why);
        // Resolving may send again, which may be unknown again: the future needs a fixed size.
        Box::pin(self.resolve(&batch)).await
    }

    pub(crate) fn addressees(&self, recipients: &[RecipientRow]) -> Result<Batch, CampaignError> {
        let to = recipients.iter().filter_map(|to| self.addressee(to)).collect();
        Batch::new(to, BatchCap::PLATFORM).map_err(|_| CampaignError::Corrupt("batch"))
    }
}

/// What a batch is if this try of sending it did not leave.
fn unsent(batch: &BatchRow) -> BatchState {
    match batch.state {
        BatchState::Planned => BatchState::Planned,
        // An earlier try may have arrived.
        _ => BatchState::Unknown,
    }
}

/// Whether a call that failed may succeed later, as it is.
pub(crate) fn may_pass(error: &bsg_rcs::Error) -> bool {
    !matches!(error.kind(), ErrorKind::KeyRefused(_) | ErrorKind::Request(_))
}
