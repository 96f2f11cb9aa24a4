//! Resolving: a batch whose outcome is unknown is looked up by its references before anything of
//! it is sent again.
//!
//! | found of its messages | before it has settled | after |
//! | --- | --- | --- |
//! | all | accepted | accepted |
//! | some | look again | held for a person, the found ones accepted |
//! | none | look again | sent again under the same references; after three attempts held |
//!
//! A message counts as found only if it went to the same number. Settling takes longer than the
//! request timeout plus the window of the platform's duplicate guard. That the platform refuses a
//! known reference (A15) and finds an accepted one (A20) is what makes this safe.

use std::collections::HashMap;
use std::time::Duration;

use bsg_rcs::{MessageFilter, Messages, RemoteMessage};
use bsg_rcs_domain::{Msisdn, ReferenceId, Report};
use bsg_rcs_store::{BatchRow, BatchState, Outcome, RecipientRow};

use crate::apply::{Run, Settled};
use crate::clock::{after, between};
use crate::error::CampaignError;
use crate::progress::Event;

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
        let recipients = self.recipients(batch).await?;
        let settled_at = after(batch.changed_at, self.settle);
        loop {
            let found = self.look_up(&recipients).await?;
            let id = self.campaign.id;
            self.tools.store.add_reports(id, found.reports.clone()).await?;
            let mut seen: Vec<u32> = found.reports.iter().map(|(index, _)| *index).collect();
            seen.sort_unstable();
            seen.dedup();
            if seen.len() == recipients.len() {
                return self.accept(batch, found.remote).await;
            }
            let wait = between(self.tools.clock.now(), settled_at);
            if wait.is_zero() {
                return self.conclude(batch, seen, found.remote).await;
            }
            let why = batch.note.clone().unwrap_or_else(|| "its sender stopped".to_owned());
            (self.tools.progress)(Event::Resolving { batch: batch.number, wait, why });
            if !self.pause(wait.min(LOOK_EVERY)).await {
                return Ok(Settled::Interrupted);
            }
        }
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
    /// known, all messages of the campaign that it belongs to.
    async fn look_up(&self, recipients: &[RecipientRow]) -> Result<Found, CampaignError> {
        let wanted: HashMap<ReferenceId, (u32, Msisdn)> =
            recipients.iter().map(|r| (self.reference(r), (r.index, r.number))).collect();
        let messages = self.tools.client.messages();
        let mut found = Found::default();
        let probes = [0, recipients.len() / 2, recipients.len().saturating_sub(1)];
        for probe in probes.into_iter().filter_map(|at| recipients.get(at)) {
            let listed = messages.find(self.reference(probe)).await?;
            let remote = listed.iter().find_map(|message| message.campaign);
            found.take(listed, &wanted);
            if let Some(remote) = remote {
                found.remote = Some(remote);
                found.take(all_of(messages, remote).await?, &wanted);
                break;
            }
        }
        Ok(found)
    }
}

impl Found {
    /// Takes the messages that are wanted: known by reference, and for the same number.
    fn take(
        &mut self,
        listed: Vec<RemoteMessage>,
        wanted: &HashMap<ReferenceId, (u32, Msisdn)>,
    ) {
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
