//! What the store in memory holds, and what changes in it: the calls of the store are in `memory.rs`.

use std::collections::{BTreeMap, BTreeSet};

use bsg_rcs_domain::{BatchCap, CampaignId, Money, Report, Reports};

use crate::error::StoreError;
use crate::rows::{
    ASIDE_MAX, BatchRow, BatchState, CampaignRow, CampaignState, Change, Changed, Click, Forget,
    Lease, Outcome, Received, RecipientRow, Said, Settled, TallyRow, Timestamp, Verdict,
};
use crate::view::MessageView;

pub(super) struct Kept {
    pub(super) campaigns: BTreeMap<CampaignId, Plan>,
    /// By their numbers, from 1.
    pub(super) callbacks: BTreeMap<u64, Received>,
    pub(super) bodies: u64,
    pub(super) changes: Vec<Change>,
    pub(super) changed: u64,
    pub(super) now: Timestamp,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) claimed: BTreeSet<CampaignId>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            campaigns: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            bodies: 0,
            changes: Vec::new(),
            changed: 0,
            now: Timestamp(0),
            settings: BTreeMap::new(),
            claimed: BTreeSet::new(),
        }
    }
}

/// A campaign and all that belongs to it.
pub(super) struct Plan {
    pub(super) row: CampaignRow,
    pub(super) batches: Vec<Batch>,
    pub(super) recipients: Vec<Member>,
    pub(super) clicks: BTreeSet<(u32, Click)>,
}

/// A batch, and how often it was leased.
pub(super) struct Batch {
    pub(super) row: BatchRow,
    pub(super) leases: u64,
}

/// A recipient and what was said of it, of which the row's `shown`, `ended`, `sms` and `billed` are derived.
pub(super) struct Member {
    pub(super) row: RecipientRow,
    pub(super) reports: Reports,
    pub(super) contradicted: bool,
}

impl Kept {
    pub(super) fn plan(&mut self, id: CampaignId) -> Result<&mut Plan, StoreError> {
        self.campaigns.get_mut(&id).ok_or_else(|| StoreError::no_campaign(id))
    }

    pub(super) fn preparation(&mut self, id: CampaignId) -> Result<&mut Plan, StoreError> {
        self.campaigns
            .get_mut(&id)
            .filter(|plan| plan.row.state == CampaignState::Preparing)
            .ok_or_else(|| StoreError::no_preparation(id))
    }

    pub(super) fn member(&mut self, id: CampaignId, index: u32) -> Result<&mut Member, StoreError> {
        self.campaigns
            .get_mut(&id)
            .and_then(|plan| plan.recipients.get_mut(at(index)))
            .ok_or_else(|| StoreError::no_recipient(id, index))
    }

    /// The batch of a lease, if it is the latest one.
    pub(super) fn leased(&mut self, lease: Lease) -> Result<&mut Batch, StoreError> {
        let Lease { campaign, batch, serial } = lease;
        let found = self.campaigns.get_mut(&campaign);
        let found = found.and_then(|plan| plan.batches.get_mut(at(batch)));
        let found = found.ok_or_else(|| StoreError::no_batch(campaign, batch))?;
        if found.leases == serial {
            Ok(found)
        } else {
            Err(StoreError::LeaseLost { campaign, batch })
        }
    }

    pub(super) fn settle(
        &mut self,
        campaign: CampaignId,
        settled: Vec<Settled>,
    ) -> Result<(), StoreError> {
        for Settled { index, outcome, note } in settled {
            let row = &mut self.member(campaign, index)?.row;
            row.outcome = Some(outcome);
            row.note = note.or(row.note.take());
        }
        Ok(())
    }

    pub(super) fn all_there(
        &mut self,
        campaign: CampaignId,
        mut indices: impl Iterator<Item = u32>,
    ) -> Result<(), StoreError> {
        indices.try_for_each(|index| self.member(campaign, index).map(drop))
    }

    /// The campaign that is the same as this one, planned at `since` or later.
    pub(super) fn planned_before(&self, row: &CampaignRow, since: Timestamp) -> Option<CampaignId> {
        let same = |other: &&Plan| {
            let other = &other.row;
            other.state != CampaignState::Preparing
                && other.created_at >= since
                && (&other.digest, &other.platform, &other.account)
                    == (&row.digest, &row.platform, &row.account)
        };
        self.campaigns.values().find(same).map(|plan| plan.row.id)
    }

    pub(super) fn keep(&mut self, mut received: Received) {
        received.verdict = self.judged(received.verdict);
        if self.is_of_forgotten(&received.verdict) {
            received.body.clear();
        }
        self.bodies += 1;
        self.callbacks.insert(self.bodies, received);
        if self.callbacks.len() <= at(ASIDE_MAX) {
            return;
        }
        let is_aside = |one: &Received| matches!(one.verdict, Verdict::SetAside { .. });
        let aside = self.callbacks.iter().filter(|(_, one)| is_aside(one)).map(|(id, _)| *id);
        let aside: Vec<u64> = aside.collect();
        for id in aside.iter().rev().skip(at(ASIDE_MAX)) {
            self.callbacks.remove(id);
        }
    }

    /// Whether it concerns somebody who was forgotten.
    pub(super) fn is_of_forgotten(&mut self, verdict: &Verdict) -> bool {
        match verdict {
            Verdict::Ours { campaign, index, .. } => {
                self.member(*campaign, *index).is_ok_and(|member| member.row.number.is_none())
            }
            Verdict::SetAside { .. } => false,
        }
    }

    /// A verdict, carried out as far as there is a recipient for it.
    pub(super) fn judged(&mut self, verdict: Verdict) -> Verdict {
        if let Verdict::Ours { campaign, index, said } = verdict.clone()
            && let Err(missing) = self.say(campaign, index, said)
        {
            return Verdict::SetAside { why: missing.to_string() };
        }
        verdict
    }

    pub(super) fn say(
        &mut self,
        campaign: CampaignId,
        index: u32,
        said: Said,
    ) -> Result<(), StoreError> {
        self.all_there(campaign, std::iter::once(index))?;
        let (new, what) = match said {
            Said::Report(report) => {
                let alternative = self.plan(campaign)?.row.alternative_channel;
                self.member(campaign, index)?.report(report, alternative)
            }
            Said::Click(click) => {
                (self.plan(campaign)?.clicks.insert((index, click)), Changed::Clicked)
            }
        };
        if new {
            self.changed += 1;
            let (cursor, at) = (self.changed, self.now);
            self.changes.push(Change { cursor, at, campaign, index, what });
        }
        Ok(())
    }

    pub(super) fn forget(&mut self, whom: Forget) -> u64 {
        let mut forgotten = BTreeSet::new();
        for plan in self.campaigns.values_mut() {
            let (campaign, cap) = (plan.row.id, u32::from(plan.row.batch_cap));
            for member in &mut plan.recipients {
                let row = &mut member.row;
                let meant = match whom {
                    Forget::Number(number) => row.number == Some(number),
                    Forget::Campaign(id) => campaign == id && row.number.is_some(),
                };
                if !meant {
                    continue;
                }
                let batch =
                    row.index.checked_div(cap).and_then(|at| plan.batches.get(self::at(at)));
                if row.outcome.is_none() && member.reports.is_empty() {
                    row.outcome = outcome_of_forgotten(batch.map(|batch| batch.row.state));
                }
                (row.number, row.label, row.reference, row.note) = (None, None, None, None);
                forgotten.insert((campaign, row.index));
            }
        }
        let digits = match whom {
            Forget::Number(number) => number.as_u64().to_string(),
            Forget::Campaign(_) => String::new(),
        };
        for batch in self.campaigns.values_mut().flat_map(|plan| {
            let meant = whom == Forget::Campaign(plan.row.id) || !digits.is_empty();
            plan.batches.iter_mut().filter(move |_| meant)
        }) {
            let note = batch.row.note.take();
            batch.row.note =
                note.filter(|_| !digits.is_empty()).map(|note| note.replace(&digits, FORGOTTEN));
        }
        self.callbacks.retain(|_, kept| match kept.verdict {
            Verdict::Ours { campaign, index, .. } if forgotten.contains(&(campaign, index)) => {
                false
            }
            _ => {
                digits.is_empty()
                    || !kept.body.windows(digits.len()).any(|part| part == digits.as_bytes())
            }
        });
        u64::try_from(forgotten.len()).unwrap_or(u64::MAX)
    }
}

/// What becomes of a recipient of whom nothing is known when its number is forgotten.
pub(super) fn outcome_of_forgotten(batch: Option<BatchState>) -> Option<Outcome> {
    match batch {
        None | Some(BatchState::Planned) => Some(Outcome::Rejected),
        Some(BatchState::Sending | BatchState::Unknown | BatchState::Held) => {
            Some(Outcome::Undetermined)
        }
        Some(BatchState::Accepted | BatchState::Rejected) => None,
    }
}

impl Plan {
    pub(super) fn written(&self) -> u32 {
        u32::try_from(self.recipients.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn batch_of(&self, index: u32) -> Option<&Batch> {
        let number = index.checked_div(u32::from(self.row.batch_cap))?;
        self.batches.get(at(number))
    }

    /// How a recipient stands, as a row of the tally that counts it alone.
    pub(super) fn standing(&self, member: &Member, accepted_by: Timestamp) -> TallyRow {
        let batch = self.batch_of(member.row.index).map(|batch| &batch.row);
        let row = &member.row;
        TallyRow {
            outcome: Outcome::of(row.outcome, row.shown.is_some(), batch.map(|b| b.state)),
            shown: row.shown,
            ended: row.ended,
            overdue: batch.is_some_and(|batch| {
                batch.state == BatchState::Accepted && batch.changed_at <= accepted_by
            }),
            sms: row.sms,
            billed: row.billed.clone(),
            count: 1,
        }
    }
}

impl Member {
    /// Adds a report; whether it was new, and what shows then.
    fn report(&mut self, report: Report, alternative_channel: bool) -> (bool, Changed) {
        let new = self.reports.insert(report);
        let view = MessageView::of(&self.reports, alternative_channel);
        let MessageView { shown, ended, sms, billed, contradicted } = view;
        self.contradicted = contradicted;
        let row = &mut self.row;
        (row.shown, row.ended, row.sms, row.billed) = (Some(shown), ended, sms, billed);
        (new, Changed::Reported { shown, ended })
    }
}

/// An index into a list. On machines where it would not fit, no list is so long either.
pub(super) fn at(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// The planned batches of so many recipients.
pub(super) fn planned_batches(
    row: &CampaignRow,
    worst: &[Money],
) -> Result<Vec<Batch>, StoreError> {
    let cap = BatchCap::new(row.batch_cap)
        .ok_or_else(|| StoreError::Corrupt(format!("batch cap of campaign {}", row.id)))?;
    let planned = |(number, range): (u32, std::ops::Range<u32>)| BatchRow {
        number,
        first: range.start,
        count: range.end - range.start,
        state: BatchState::Planned,
        attempts: 0,
        changed_at: row.created_at,
        remotes: Vec::new(),
        note: None,
        worst: worst.get(at(number)).copied(),
        leased: None,
    };
    let batches = (0..).zip(cap.ranges(row.recipients)).map(planned);
    Ok(batches.map(|row| Batch { row, leases: 0 }).collect())
}

/// What stands in words where a number was.
const FORGOTTEN: &str = "(forgotten)";
