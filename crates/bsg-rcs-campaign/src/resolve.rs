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

use bsg_rcs::{MessageFilter, Messages, RemoteMessage};
use bsg_rcs_domain::{Msisdn, ReferenceId, Report};
use bsg_rcs_store::{BatchRow, BatchState, Kind, Outcome, RecipientRow};

use crate::clock::{after, between};
use crate::error::CampaignError;
use crate::progress::Event;
use crate::run::{Run, Settled};
use crate::send::{TRIES, may_pass};

/// Between two looks at a batch that has not settled.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Attempts after which a batch that is never found is held for a person.
const ATTEMPTS_MAX: u32 = 3;

/// What a look-up found of a batch.
#[derive(Debug, Default)]
struct Found {
    remote: Option<u64>,
    /// Index in the campaign, and what was said.
    reports: Vec<(u32, Report)>,
}

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

    /// Looks a batch up: the first, the middle and the last of its references; if one of them is
    /// known, all messages of the campaign that it belongs to. Writes what was found; answers the
    /// platform's campaign (or message, of a single send).
    async fn look_up(&self, batch: &BatchRow) -> Result<Option<u64>, CampaignError> {
        let recipients = self.recipients(batch).await?;
        let wanted: HashMap<ReferenceId, (u32, Msisdn)> =
            recipients.iter().map(|r| (self.reference(r), (r.index, r.number))).collect();
        let messages = self.tools.client.messages();
        let mut found = Found::default();
        for probe in probes(&recipients) {
            let listed = messages.find(self.reference(probe)).await?;
            let remote = listed.iter().find_map(|message| message.campaign);
            found.take(listed, &wanted);
            if let Some(remote) = remote {
                found.remote = Some(remote);
                found.take(all_of(messages, remote).await?, &wanted);
                break;
            }
        }
        if self.campaign.kind == Kind::Single {
            found.remote = found.reports.first().map(|(_, report)| report.message.0);
        }
        self.tools.store.add_reports(self.campaign.id, found.reports).await?;
        Ok(found.remote)
    }
}

/// The first, the middle and the last, each once.
fn probes(recipients: &[RecipientRow]) -> impl Iterator<Item = &RecipientRow> {
    let mut at = vec![0, recipients.len() / 2, recipients.len().saturating_sub(1)];
    at.dedup();
    at.into_iter().filter_map(|at| recipients.get(at))
}

impl Found {
    /// Takes the messages that are wanted: known by reference, and for the same number.
    fn take(&mut self, listed: Vec<RemoteMessage>, wanted: &HashMap<ReferenceId, (u32, Msisdn)>) {
        self.reports.extend(listed.into_iter().filter_map(|message| {
            let (index, number) = wanted.get(&message.reference?)?;
            (message.number == Some(*number)).then_some((*index, message.report))
        }));
    }
}

/// Every message of one of the platform's campaigns.
pub(crate) async fn all_of(
    messages: Messages<'_>,
    remote: u64,
) -> Result<Vec<RemoteMessage>, CampaignError> {
    let filter = MessageFilter { campaign: Some(remote), reference: None };
    let mut all = Vec::new();
    loop {
        let offset = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let page = messages.page(filter, offset, Messages::PAGE_MAX).await?;
        let more = !page.messages.is_empty();
        all.extend(page.messages);
        let total = page.total.and_then(|total| usize::try_from(total).ok());
        if !more || total.is_some_and(|total| all.len() >= total) {
            return Ok(all);
        }
    }
}
