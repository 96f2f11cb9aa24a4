//! Numbers are removed from everything that the store in memory holds.

use std::collections::BTreeSet;

use bsg_rcs_domain::CampaignId;

use super::state::{Plan, State};
use crate::rows::{Forget, Outcome, Verdict};
use crate::view::FORGOTTEN;

impl State {
    pub(super) fn forget(&mut self, numbers: Forget) -> u64 {
        let digits = match numbers {
            Forget::Number(number) => Some(number.as_u64().to_string()),
            Forget::Campaign(_) => None,
        };
        let mut forgotten = BTreeSet::new();
        for plan in self.campaigns.values_mut() {
            let id = plan.row.id;
            forgotten.extend(plan.forget(numbers).into_iter().map(|index| (id, index)));
            match (numbers, &digits) {
                (_, Some(digits)) => {
                    plan.rewrite_notes(|note| Some(note.replace(digits, FORGOTTEN)))
                }
                (Forget::Campaign(meant), None) if meant == id => plan.rewrite_notes(|_| None),
                _ => {}
            }
        }
        let holds = |body: &[u8]| {
            let digits = digits.as_deref().map(str::as_bytes);
            digits.is_some_and(|digits| body.windows(digits.len()).any(|part| part == digits))
        };
        let is_of = |verdict: &Verdict, all: &BTreeSet<(CampaignId, u32)>| match verdict {
            Verdict::Ours { campaign, .. } if numbers == Forget::Campaign(*campaign) => true,
            Verdict::Ours { campaign, index, .. } => all.contains(&(*campaign, *index)),
            Verdict::SetAside { .. } => false,
        };
        self.callbacks.retain(|_, (_, one)| !is_of(&one.verdict, &forgotten) && !holds(&one.body));
        u64::try_from(forgotten.len()).unwrap_or(u64::MAX)
    }
}

impl Plan {
    /// Forgets numbers of this campaign; answers the recipients that had them.
    fn forget(&mut self, numbers: Forget) -> Vec<u32> {
        let is_meant = |number: Option<bsg_rcs_domain::Msisdn>| match numbers {
            Forget::Number(meant) => number == Some(meant),
            Forget::Campaign(id) => self.row.id == id && number.is_some(),
        };
        let meant = self.recipients.iter().filter(|member| is_meant(member.row.number));
        let meant: Vec<(u32, Option<Outcome>)> = meant
            .map(|member| {
                let batch = self.batch_of(member.row.index).map(|batch| batch.state);
                (member.row.index, Outcome::of_forgotten(batch))
            })
            .collect();
        for (index, outcome) in &meant {
            let Some(member) = self.recipients.get_mut(super::state::at(*index)) else { continue };
            let row = &mut member.row;
            if row.outcome.is_none() && member.reports.is_empty() {
                row.outcome = *outcome;
            }
            (row.number, row.label, row.reference, row.note) = (None, None, None, None);
        }
        meant.into_iter().map(|(index, _)| index).collect()
    }

    fn rewrite_notes(&mut self, rewrite: impl Fn(String) -> Option<String>) {
        let batches = self.batches.iter_mut().map(|batch| &mut batch.row.note);
        for note in batches.chain(std::iter::once(&mut self.row.note)) {
            *note = note.take().and_then(&rewrite);
        }
    }
}
