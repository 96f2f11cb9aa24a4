//! What the store in memory holds, and what changes in it: the calls of the store are beside it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use bsg_rcs_domain::{BatchCap, CampaignId, Money, Report, ReportedStatus, Reports};

use crate::error::StoreError;
use crate::rows::{
    BatchGroup, BatchRow, BatchState, BatchSums, CampaignRow, CampaignState, Change, Changed,
    Click, Lease, Outcome, Received, RecipientRow, Settled, TallyRow, Timestamp,
};
use crate::view::MessageView;

#[derive(Default)]
pub(super) struct State {
    pub(super) campaigns: BTreeMap<CampaignId, Plan>,
    /// By their numbers, from 1, with the moment when they were kept.
    pub(super) callbacks: BTreeMap<u64, (Timestamp, Received)>,
    pub(super) bodies: u64,
    pub(super) changes: Vec<Change>,
    /// The last cursor that was given.
    pub(super) changed: u64,
    /// The last cursor that was removed.
    pub(super) removed: u64,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) claimed: BTreeSet<CampaignId>,
}

/// A campaign and all that belongs to it.
pub(super) struct Plan {
    pub(super) row: CampaignRow,
    /// In the order of their first recipients.
    pub(super) batches: Vec<Batch>,
    pub(super) recipients: Vec<Member>,
    pub(super) clicks: BTreeSet<(u32, Click)>,
    /// When its planner last wrote to it.
    pub(super) alive_at: Timestamp,
}

/// A batch, and how often it was leased.
pub(super) struct Batch {
    pub(super) row: BatchRow,
    pub(super) leases: u64,
}

/// A recipient and what was said of it, of which the row's `shown`, `ended`, `sms` and `billed`
/// are derived.
pub(super) struct Member {
    pub(super) row: RecipientRow,
    pub(super) reports: Reports,
    pub(super) contradicted: bool,
}

impl State {
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

    /// The campaign of a lease and the place of its batch there, if the lease is the latest one.
    pub(super) fn leased(&mut self, lease: Lease) -> Result<(&mut Plan, usize), StoreError> {
        let Lease { campaign, batch, serial } = lease;
        let missing = || StoreError::no_batch(campaign, batch);
        let plan = self.campaigns.get_mut(&campaign).ok_or_else(missing)?;
        let place = plan.batches.iter().position(|found| found.row.number == batch);
        let place = place.ok_or_else(missing)?;
        match plan.batches.get(place) {
            Some(found) if found.leases == serial => Ok((plan, place)),
            _ => Err(StoreError::LeaseLost { campaign, batch }),
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

    /// Another campaign that is as wanted and the same as this one, on the same platform.
    pub(super) fn same_as(
        &self,
        row: &CampaignRow,
        wanted: impl Fn(&CampaignRow) -> bool,
    ) -> Option<CampaignId> {
        let mut others = self.campaigns.values().map(|plan| &plan.row);
        let same = others.find(|other| {
            other.id != row.id
                && !row.digest.is_empty()
                && (&other.digest, &other.platform) == (&row.digest, &row.platform)
                && wanted(other)
        });
        same.map(|other| other.id)
    }
}

impl Plan {
    pub(super) fn written(&self) -> u32 {
        u32::try_from(self.recipients.len()).unwrap_or(u32::MAX)
    }

    /// Puts the campaign into a state that it may be in.
    pub(super) fn becomes(&mut self, state: CampaignState, note: Option<String>, now: Timestamp) {
        self.row.state = state;
        self.row.note = note.filter(|_| state != CampaignState::Sending);
        if state == CampaignState::Sending {
            self.row.begun_at = self.row.begun_at.or(Some(now));
        }
    }

    /// Makes held batches unknown; answers how many there were.
    pub(super) fn reopen(&mut self) -> u64 {
        let mut reopened = 0;
        for row in self.batches.iter_mut().map(|batch| &mut batch.row) {
            if row.state == BatchState::Held {
                (row.state, row.attempts) = (BatchState::Unknown, 0);
                reopened += 1;
            }
        }
        reopened
    }

    pub(super) fn batch_of(&self, index: u32) -> Option<&BatchRow> {
        let behind = self.batches.partition_point(|batch| batch.row.first <= index);
        behind.checked_sub(1).and_then(|place| self.batches.get(place)).map(|batch| &batch.row)
    }

    pub(super) fn members(&self, first: u32, count: u32) -> impl Iterator<Item = &Member> {
        self.recipients.iter().skip(at(first)).take(at(count))
    }

    /// The row of a batch, with what is counted of its recipients.
    pub(super) fn counted(&self, row: &BatchRow) -> BatchRow {
        let is_open = |member: &&Member| {
            let RecipientRow { outcome, shown, ended, .. } = member.row;
            Outcome::is_without_end(outcome, shown.is_some(), ended)
        };
        let open = self.members(row.first, row.count).filter(is_open).count();
        BatchRow { without_end: u32::try_from(open).unwrap_or(u32::MAX), ..row.clone() }
    }

    pub(super) fn sums(&self, now: Timestamp) -> Result<BatchSums, StoreError> {
        let mut sums = BatchSums::default();
        for row in self.batches.iter().map(|batch| self.counted(&batch.row)) {
            sums.add(&BatchGroup {
                state: row.state,
                is_leased: row.leased.is_some_and(|leased| leased.is_live(now)),
                worst: row.worst,
                batches: 1,
                recipients: u64::from(row.count),
                without_end: u64::from(row.without_end),
            })?;
        }
        Ok(sums)
    }

    pub(super) fn tally(&self, now: Timestamp, overdue_after: Duration) -> Vec<TallyRow> {
        let mut counts: HashMap<TallyRow, u64> = HashMap::new();
        for member in &self.recipients {
            let alike = self.standing(member, now, overdue_after);
            *counts.entry(alike).or_default() += 1;
        }
        counts.into_iter().map(|(row, count)| TallyRow { count, ..row }).collect()
    }

    /// How a recipient stands, as a row of the tally that counts none.
    fn standing(&self, member: &Member, now: Timestamp, overdue_after: Duration) -> TallyRow {
        let batch = self.batch_of(member.row.index);
        let row = &member.row;
        TallyRow {
            outcome: Outcome::of(row.outcome, row.shown.is_some(), batch.map(|b| b.state)),
            shown: row.shown,
            ended: row.ended,
            overdue: batch.is_some_and(|batch| batch.is_overdue(now, overdue_after)),
            sms: row.sms,
            billed: row.billed.clone(),
            count: 0,
        }
    }
}

impl Member {
    /// Adds a report; what shows then, if it was new.
    pub(super) fn report(&mut self, report: Report, alternative_channel: bool) -> Option<Changed> {
        // As other stores read it back: a word that was made by hand may be written in capitals.
        let status = ReportedStatus::from_word(report.status.as_str());
        if !self.reports.insert(Report { status, ..report }) {
            return None;
        }
        let view = MessageView::of(&self.reports, alternative_channel);
        let MessageView { shown, ended, sms, billed, contradicted } = view;
        self.contradicted = contradicted;
        let row = &mut self.row;
        (row.shown, row.ended, row.sms, row.billed) = (Some(shown), ended, sms, billed);
        Some(Changed::Reported { shown, ended })
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
    now: Timestamp,
) -> Result<Vec<Batch>, StoreError> {
    let cap = BatchCap::new(row.batch_cap)
        .ok_or_else(|| StoreError::Corrupt(format!("batch cap of campaign {}", row.id)))?;
    let planned = |(number, range): (u32, std::ops::Range<u32>)| BatchRow {
        number,
        first: range.start,
        count: range.end - range.start,
        state: BatchState::Planned,
        attempts: 0,
        changed_at: now,
        remotes: Vec::new(),
        note: None,
        worst: worst.get(at(number)).copied(),
        leased: None,
        without_end: 0,
    };
    let batches = (0..).zip(cap.ranges(row.recipients)).map(planned);
    Ok(batches.map(|row| Batch { row, leases: 0 }).collect())
}
