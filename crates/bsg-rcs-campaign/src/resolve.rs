//! Resolving: a batch whose outcome is unknown is looked up by its references before anything of
//! it is sent again.
//!
//! | found of its messages | before it has settled | after |
//! | --- | --- | --- |
//! | all | accepted | accepted |
//! | some | look again | held for a person, the found ones accepted |
//! | none | look again | sent again under the same references; after three attempts held |
//!
//! A message counts as found only if it went to the same number; one that a callback with a valid
//! seal told of counts too. Settling takes longer than the request timeout plus the window of the
//! platform's duplicate guard. That the platform refuses a
//! known reference (A15) and finds an accepted one (A20) is what makes this safe.

use std::collections::HashMap;
use std::time::Duration;

use bsg_rcs::RemoteMessage;
use bsg_rcs_domain::ReferenceId;
use bsg_rcs_store::{BatchRow, BatchState, Kind, Outcome};

use crate::clock::{after, between};
use crate::error::CampaignError;
use crate::progress::Event;
use crate::run::{Run, Settled};
use crate::send::{TRIES, may_pass};

/// Between two looks at a batch that has not settled.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Attempts after which a batch that is never found is held for a person.
const ATTEMPTS_MAX: u32 = 3;

impl Run<'_> {
    /// Settles a batch that was left in the middle.
    pub(crate) async fn resolve(&mut self, batch: &BatchRow) -> Result<Settled, CampaignError> {
        let settled_at = after(batch.changed_at, self.settle);
        let mut failures = 0;
        loop {
            let remote = match self.look_up(batch).await {
                Ok(remote) => remote,
                Err(CampaignError::Client(error)) if failures + 1 < TRIES && may_pass(&error) => {
                    failures += 1;
                    let why = error.to_string();
                    (self.tools.progress)(Event::Unreachable { wait: LOOK_EVERY, why });
                    if !self.pause(LOOK_EVERY).await {
                        return Ok(Settled::Interrupted);
                    }
                    continue;
                }
                Err(other) => return Err(other),
            };
            failures = 0;
            let seen = self.told_of(batch).await?;
            let wait = between(self.tools.clock.now(), settled_at);
            let all = seen.len() == usize::try_from(batch.count).unwrap_or(usize::MAX);
            // If callbacks alone told of them, the platform's campaign is still to be learnt.
            if all && (remote.is_some() || wait.is_zero()) {
                return self.accept(batch, remote).await;
            }
            if wait.is_zero() {
                return self.conclude(batch, seen, remote).await;
            }
            let why = batch.note.clone().unwrap_or_else(|| "its sender stopped".to_owned());
            (self.tools.progress)(Event::Resolving { batch: batch.number, wait, why });
            if !self.pause(wait.min(LOOK_EVERY)).await {
                return Ok(Settled::Interrupted);
            }
        }
    }

    /// The indices of the recipients of whom anything was told, by looking up or by callback.
    async fn told_of(&self, batch: &BatchRow) -> Result<Vec<u32>, CampaignError> {
        let recipients = self.recipients(batch).await?;
        Ok(recipients.iter().filter(|r| r.shown.is_some()).map(|r| r.index).collect())
    }

    /// Decides what a settled batch is that was not found whole.
    async fn conclude(
        &mut self,
        batch: &BatchRow,
        seen: Vec<u32>,
        remote: Option<u64>,
    ) -> Result<Settled, CampaignError> {
        if seen.is_empty() && batch.attempts < ATTEMPTS_MAX {
            return Box::pin(self.send(batch)).await;
        }
        let note = format!("{} of {} messages were found", seen.len(), batch.count);
        let accepted = seen.into_iter().map(|index| (index, Outcome::Accepted)).collect();
        self.tools.store.settle(self.campaign.id, accepted).await?;
        self.change(batch, BatchState::Held, remote, Some(note)).await?;
        Ok(Settled::Held)
    }

    /// Looks a batch up by its references, and writes what was found; answers the platform's campaign
    /// (or message, of a single send).
    async fn look_up(&self, batch: &BatchRow) -> Result<Option<u64>, CampaignError> {
        let recipients = self.recipients(batch).await?;
        let indices: HashMap<ReferenceId, u32> =
            recipients.iter().map(|r| (self.reference(r), r.index)).collect();
        let found = self.tools.client.look_up(self.addressees(&recipients)?.addressees()).await?;
        let of =
            |message: RemoteMessage| Some((*indices.get(&message.reference?)?, message.report));
        let reports: Vec<_> = found.messages.into_iter().filter_map(of).collect();
        let remote = match self.campaign.kind {
            Kind::Single => reports.first().map(|(_, report)| report.message.0),
            _ => found.campaign,
        };
        self.tools.store.add_reports(self.campaign.id, reports).await?;
        Ok(remote)
    }
}
