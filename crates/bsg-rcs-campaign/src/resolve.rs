//! Resolving: a batch whose outcome is unknown is looked up by its references before anything of
//! it is sent again.
//!
//! | found of its messages | before it has settled | after |
//! | --- | --- | --- |
//! | all | accepted | accepted |
//! | some | look again | once no more are found, the missing are sent again; after three attempts held |
//! | fewer than callbacks told of | look again | held: looking up is not to be trusted |
//! | none | look again | sent again under the same references; after three attempts held |
//!
//! A message counts as found only if it went to the same number; one that a callback with a valid
//! seal told of counts too. Settling takes longer than the request timeout plus the window of the
//! platform's duplicate guard. That the platform refuses a
//! known reference (A15) and finds an accepted one (A20) is what makes this safe. Who does not trust
//! it says so ([`crate::apply::ApplyOptions::hold_unknown`]): then nothing is sent again, and a person
//! decides.

use std::collections::HashMap;

use bsg_rcs::RemoteMessage;
use bsg_rcs_domain::ReferenceId;
use bsg_rcs_store::{BatchState, Kind, RecipientRow};

use crate::clock::{after, between};
use crate::error::CampaignError;
use crate::progress::Event;
use crate::run::{Held, LOOK_EVERY, Run, Settled};
use crate::send::{TRIES, is_living, may_pass, open};

/// Attempts after which a batch that is never found is held for a person.
const ATTEMPTS_MAX: u32 = 3;

impl Run<'_> {
    /// Settles a batch that was left in the middle.
    pub(crate) async fn resolve(&mut self, batch: &Held) -> Result<Settled, CampaignError> {
        let mut since = batch.changed_at;
        let mut failures = 0;
        let mut found_before = None;
        let mut remote = None;
        loop {
            // Read before looking: what is not found then has not arrived before it settled.
            let now = self.tools.clock.now();
            // If the clock was set back, it settles from then on: not sooner, and not a day later.
            since = since.min(now);
            let wait = between(now, after(since, self.settle));
            match self.look_up(batch).await {
                Ok(found) if found.is_some() && found != remote => {
                    // What was found is not looked up again: where it is must not be forgotten.
                    self.change(batch, BatchState::Unknown, found, None).await?;
                    remote = found;
                }
                Ok(_) => {}
                Err(CampaignError::Client(error)) if failures + 1 < TRIES && may_pass(&error) => {
                    failures += 1;
                    let why = error.to_string();
                    (self.tools.progress)(Event::Unreachable { wait: LOOK_EVERY, why });
                    if !self.pause_with(batch, LOOK_EVERY).await? {
                        return Ok(Settled::Interrupted);
                    }
                    continue;
                }
                Err(other) => return Err(other),
            }
            failures = 0;
            let recipients = self.recipients(batch).await?;
            let living = recipients.iter().filter(|to| is_living(to)).count();
            let missing = open(recipients).len();
            let found = living.saturating_sub(missing);
            // If callbacks alone told of them, the platform's campaign is still to be learnt.
            if missing == 0 && (remote.is_some() || wait.is_zero()) {
                return self.accept(batch, remote).await;
            }
            // A part may be followed by more of it: only what stays as it is counts as all of it.
            if wait.is_zero() && (found == 0 || found_before == Some(found)) {
                return self.conclude(batch, found, remote).await;
            }
            found_before = wait.is_zero().then_some(found);
            let wait = if wait.is_zero() { LOOK_EVERY } else { wait };
            let why = batch.note.clone().unwrap_or_else(|| "its sender stopped".to_owned());
            (self.tools.progress)(Event::Resolving { batch: batch.number, wait, why });
            if !self.pause_with(batch, wait.min(LOOK_EVERY)).await? {
                return Ok(Settled::Interrupted);
            }
        }
    }

    /// How many recipients of a batch can have a message.
    async fn living(&self, batch: &Held) -> Result<usize, CampaignError> {
        let recipients = self.recipients(batch).await?;
        Ok(recipients.iter().filter(|to| is_living(to)).count())
    }

    /// Decides what a settled batch is that was not found whole.
    async fn conclude(
        &mut self,
        batch: &Held,
        found: usize,
        remote: Option<u64>,
    ) -> Result<Settled, CampaignError> {
        let note = format!("{found} of {} messages were found", self.living(batch).await?);
        let undecided = self.hold_unknown() || batch.attempts >= ATTEMPTS_MAX;
        if undecided || (found > 0 && !self.finds_what_was_told(batch).await?) {
            self.change(batch, BatchState::Held, remote, Some(note)).await?;
            return Ok(Settled::Held);
        }
        if found > 0 {
            self.change(batch, BatchState::Unknown, remote, Some(note)).await?;
        }
        Box::pin(self.send(batch)).await
    }

    /// Whether the platform finds a message that a callback told of. If not, that it finds no more of
    /// them says nothing.
    async fn finds_what_was_told(&self, batch: &Held) -> Result<bool, CampaignError> {
        let mut recipients = self.recipients(batch).await?;
        recipients.retain(|to| to.shown.is_some() && is_living(to));
        recipients.truncate(1);
        if recipients.is_empty() {
            return Ok(false);
        }
        let told = self.addressees(&recipients)?;
        Ok(!self.tools.client.look_up(told.addressees()).await?.messages.is_empty())
    }

    /// Looks a batch up by its references, and writes what was found; answers the platform's campaign
    /// (or message, of a single send).
    async fn look_up(&self, batch: &Held) -> Result<Option<u64>, CampaignError> {
        let mut recipients = open(self.recipients(batch).await?);
        if recipients.is_empty() {
            // All are told of; where they are is still to be learnt.
            recipients = self.recipients(batch).await?;
            recipients.retain(is_living);
        }
        if recipients.is_empty() {
            return Ok(None);
        }
        let of = |to: &RecipientRow| Some((self.addressee(to)?.reference, to.index));
        let indices: HashMap<ReferenceId, u32> = recipients.iter().filter_map(of).collect();
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
