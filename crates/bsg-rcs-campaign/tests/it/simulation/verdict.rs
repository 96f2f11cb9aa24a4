//! The judgement: what we report, held against what the platform itself has.

use bsg_rcs_campaign::CampaignReport;
use bsg_rcs_domain::{Amount, MessageStatus, Msisdn};
use bsg_rcs_sandbox::engine::Filter;
use bsg_rcs_store::{BatchState, Outcome};

use super::world::{World, at_once, was_refused};
use crate::stores::*;

/// What would have been reported so far, recipient by recipient.
#[derive(Debug, Default)]
pub(super) struct Verdict(Vec<(Outcome, Option<MessageStatus>)>);

impl Verdict {
    /// Compares what would be reported now with what would have been before: nothing of it is lost.
    pub(super) fn remember(&mut self, world: &mut World) {
        let rows = world.outcomes();
        let leaves_out = world.scene.leaves_out();
        let digits: Vec<u64> = world.scene.numbers.clone();
        for (((row, now), (before, shown)), digits) in rows.iter().zip(&self.0).zip(digits) {
            let lost = match (before, now) {
                (Outcome::Accepted, Outcome::Accepted) | (Outcome::Rejected, Outcome::Rejected) => {
                    false
                }
                // It was taken with its batch, and turns out to have been left out (A21).
                (Outcome::Accepted, Outcome::Rejected) if shown.is_none() => !leaves_out,
                (Outcome::Accepted | Outcome::Rejected, _) => true,
                (Outcome::Undetermined, Outcome::Pending) => true,
                _ => false,
            } && row.number.is_some();
            if lost {
                world.violate(format!("{digits} was {before:?} and is {now:?}"));
            }
            if row.shown < *shown {
                let now = row.shown;
                world.violate(format!("{digits} was {shown:?}, is {now:?}"));
            }
        }
        self.0 = rows.into_iter().map(|(row, outcome)| (outcome, row.shown)).collect();
    }

    /// Judges the end of a run.
    pub(super) fn judge(&self, world: &mut World, report: &CampaignReport) {
        let scene = world.scene.clone();
        let rows = world.outcomes();
        world.tallies.accepted = report.accepted;
        world.tallies.rejected = report.rejected;
        world.tallies.undetermined = report.undetermined;
        if report.pending > 0 && world.stopped_at.is_none() && world.has_untried() {
            world.violate(format!("{} are still pending", report.pending));
        }
        let parts = report.accepted + report.rejected + report.undetermined + report.pending;
        let count = u64::try_from(scene.numbers.len()).unwrap();
        if parts != report.recipients || report.recipients != count {
            world.violate(format!("of {count} recipients the report has {report:?}"));
        }
        let batches = world.id.map(|id| at_once(world.store.batches(id, 0, u32::MAX)).unwrap());
        let batches = batches.unwrap_or_default();
        for (index, number) in (0_u32..).zip(&scene.numbers) {
            let number = Msisdn::from_u64(*number).unwrap();
            let messages = world.platform.messages_to(number).len();
            let (row, outcome) = match rows.get(usize::try_from(index).unwrap()) {
                Some((row, outcome)) => (Some(row), Some(*outcome)),
                None => (None, None),
            };
            let is_forgotten = row.is_some_and(|row| row.number.is_none());
            let batch = batches.iter().find(|b| (b.first..b.first + b.count).contains(&index));
            let in_the_middle = batch.is_some_and(|batch| {
                matches!(batch.state, BatchState::Sending | BatchState::Unknown)
            });
            let right = match outcome {
                // Forgotten after it was sent to, or while that was under way.
                Some(Outcome::Accepted) => messages == 1 || (is_forgotten && messages == 0),
                Some(Outcome::Rejected) => messages == 0,
                Some(Outcome::Undetermined) => messages <= 1,
                // Stopped in the middle.
                Some(Outcome::Pending) if in_the_middle => messages <= 1,
                // Its request is refused over and over, or it was stopped before.
                Some(Outcome::Pending) => messages == 0,
                None => false,
            };
            if !right {
                let digits = number.as_u64();
                world.violate(format!("{digits} is {outcome:?} and has {messages} messages"));
            }
        }
        judge_money(world, report);
    }
}

/// What the platform charged is what we say that it charged, once everything was told.
fn judge_money(world: &mut World, report: &CampaignReport) {
    let Some(id) = world.id else { return };
    let engine = &world.platform.engine;
    let ours: Vec<Msisdn> =
        world.scene.numbers.iter().map(|number| Msisdn::from_u64(*number).unwrap()).collect();
    let charged = engine
        .find(&Filter::default())
        .into_vec()
        .into_iter()
        .map(|ix| engine.at(ix))
        .filter(|message| ours.contains(&message.phone) && message.status().is_delivered())
        .fold(Amount::ZERO, |sum, message| sum.checked_add(message.price).unwrap());
    let billed = Amount::parse(&report.billed).unwrap().amount;
    let batches = at_once(world.store.batches(id, 0, u32::MAX)).unwrap();
    // Of whom it is not known where the platform has them, only callbacks tell.
    let all_told = report.undetermined == 0
        && world.stopped_at.is_none()
        && world.forgotten.is_empty()
        && batches.iter().all(|batch| !batch.remotes.is_empty() || was_refused(batch));
    if billed > charged || (all_told && billed != charged) {
        world.violate(format!("the platform charged {charged}, we say {billed}"));
    }
}
