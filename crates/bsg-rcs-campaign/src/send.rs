//! Sending one batch: the intent is written, the request leaves, the outcome is written.

use std::time::Duration;

use bsg_rcs::{CampaignSend, ErrorKind, SendOutcome};
use bsg_rcs_domain::{Addressee, Batch, BatchCap};
use bsg_rcs_store::{BatchRow, BatchState, Kind, RecipientRow};

use crate::error::CampaignError;
use crate::progress::Event;
use crate::run::{Run, Settled};

/// How often a call that certainly changed nothing is tried, in all.
pub(crate) const TRIES: u32 = 5;
/// The wait after the first such try; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);

impl Run<'_> {
    /// Sends a batch that was certainly not sent before, or was looked up and not found.
    pub(crate) async fn send(&mut self, batch: &BatchRow) -> Result<Settled, CampaignError> {
        let recipients = self.recipients(batch).await?;
        let to = self.addressees(&recipients)?;
        let mut tries = 1;
        let outcome = loop {
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
            if !self.pause(wait).await {
                return Ok(Settled::Interrupted);
            }
        };
        self.spend(batch.count);
        match outcome {
            SendOutcome::Accepted(remote) => self.accept(batch, Some(remote)).await,
            SendOutcome::Rejected(why) if unsent(batch) == BatchState::Planned => {
                let why = why.to_string();
                self.change(batch, BatchState::Rejected, None, Some(why.clone())).await?;
                Ok(Settled::Rejected { why })
            }
            // This try was refused; an earlier one may have arrived all the same.
            SendOutcome::Rejected(why) => self.unknown(batch, why.to_string()).await,
            SendOutcome::Unknown(unknown) => self.unknown(batch, unknown.why).await,
            SendOutcome::AlreadyKnown(known) => {
                self.unknown(batch, known.refusal.to_string()).await
            }
        }
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
        batch: &BatchRow,
        remote: Option<u64>,
    ) -> Result<Settled, CampaignError> {
        self.change(batch, BatchState::Accepted, remote, None).await?;
        Ok(Settled::Accepted { remote })
    }

    async fn unknown(&mut self, batch: &BatchRow, why: String) -> Result<Settled, CampaignError> {
        let before = match unsent(batch) {
            // The store counts tries that did not leave too; they are none.
            BatchState::Planned => 0,
            _ => batch.attempts,
        };
        let state = BatchState::Unknown;
        let changed_at = self.change(batch, state, None, Some(why.clone())).await?;
        let attempts = before.saturating_add(1);
        let batch = BatchRow { state, changed_at, attempts, note: Some(why), ..batch.clone() };
        // Resolving may send again, which may be unknown again: the future needs a fixed size.
        Box::pin(self.resolve(&batch)).await
    }

    pub(crate) fn addressees(&self, recipients: &[RecipientRow]) -> Result<Batch, CampaignError> {
        let to = recipients
            .iter()
            .map(|to| Addressee { number: to.number, reference: self.reference(to) })
            .collect();
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
