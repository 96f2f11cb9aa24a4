//! The judgement: what we report, held against what the platform itself has.

use bsg_rcs_campaign::CampaignReport;
use bsg_rcs_domain::{Amount, MessageStatus, Msisdn};
use bsg_rcs_sandbox::engine::Filter;
use bsg_rcs_store::{Outcome, Store};

use super::world::{World, at_once};

/// What would have been reported so far, recipient by recipient.
#[derive(Debug, Default)]
pub(super) struct Verdict(Vec<(Outcome, Option<MessageStatus>)>);

impl Verdict {
    /// Compares what would be reported now with what would have been before: nothing of it is lost.
    pub(super) fn remember(&mut self, world: &mut World) {
        let rows = world.outcomes();
        let leaves_out = world.scene.leaves_out();
        for ((row, now), (before, shown)) in rows.iter().zip(&self.0) {
            let lost = match (before, now) {
                (Outcome::Accepted, Outcome::Accepted) | (Outcome::Rejected, Outcome::Rejected) => {
                    false
                }
                // It was taken with its batch, and turns out to have been left out (A21).
                (Outcome::Accepted, Outcome::Rejected) if shown.is_none() => !leaves_out,
                (Outcome::Accepted | Outcome::Rejected, _) => true,
                (Outcome::Undetermined, Outcome::Pending) => true,
                _ => false,
            };
            if lost {
                world.violate(format!(
                    "{} was {before:?} and is {now:?}",
                    row.number.unwrap().as_u64()
                ));
            }
            if row.shown < *shown {
                let now = row.shown;
                world
                    .violate(format!("{} was {shown:?}, is {now:?}", row.number.unwrap().as_u64()));
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
        if report.pending > 0 {
            world.violate(format!("{} are still pending", report.pending));
        }
        let parts = report.accepted + report.rejected + report.undetermined + report.pending;
        let count = u64::try_from(scene.numbers.len()).unwrap();
        if parts != report.recipients || report.recipients != count {
            world.violate(format!("of {count} recipients the report has {report:?}"));
        }
        for number in &scene.numbers {
            let number = Msisdn::from_u64(*number).unwrap();
            let messages = world.platform.messages_to(number).len();
            let outcome = rows.iter().find(|(row, _)| row.number == Some(number)).map(|row| row.1);
            let right = match outcome {
                Some(Outcome::Accepted) => messages == 1,
                Some(Outcome::Rejected) => messages == 0,
                Some(Outcome::Undetermined) => messages <= 1,
                Some(Outcome::Pending) | None => false,
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
    let batches = at_once(world.store.batches(id)).unwrap();
    // Of whom it is not known where the platform has them, only callbacks tell.
    let all_told = report.undetermined == 0
        && batches.iter().all(|batch| {
            !batch.remotes.is_empty() || batch.state == bsg_rcs_store::BatchState::Rejected
        });
    if billed > charged || (all_told && billed != charged) {
        world.violate(format!("the platform charged {charged}, we say {billed}"));
    }
}
