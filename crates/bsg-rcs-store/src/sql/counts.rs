//! Counts of recipients that stand alike, and how they change.

use std::collections::HashMap;

use bsg_rcs_domain::{CampaignId, MessageStatus, Money};

use crate::error::StoreError;
use crate::rows::{BatchState, Outcome, TallyRow};
use crate::view::MessageView;

/// How a recipient stands, apart from its batch: what a store counts by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Standing {
    /// Its own outcome, if it has one.
    pub outcome: Option<Outcome>,
    /// The status to show, if something was reported.
    pub shown: Option<MessageStatus>,
    /// Whether an end was reported.
    pub ended: bool,
    /// Whether the alternative channel delivered.
    pub sms: bool,
    /// What it is charged.
    pub billed: Vec<Money>,
}

impl Standing {
    /// A recipient with an outcome of its own, and what is derived of its reports.
    pub fn with_view(outcome: Option<Outcome>, view: &MessageView) -> Self {
        Self {
            outcome,
            shown: Some(view.shown),
            ended: view.ended,
            sms: view.sms,
            billed: view.billed.clone(),
        }
    }

    /// Whether an end is still awaited: [`Outcome::is_without_end`].
    pub fn is_without_end(&self) -> bool {
        Outcome::is_without_end(self.outcome, self.shown.is_some(), self.ended)
    }
}

/// A campaign, the number of a batch in it (`None` while it is being prepared), and a standing.
type CountKey = (CampaignId, Option<u32>, Standing);

/// By how much counts change, each way of standing once.
#[derive(Debug, Clone, Default)]
pub struct CountChanges(HashMap<CountKey, i64>);

impl CountChanges {
    /// `count` recipients of a batch stand so from now on; negative: they do not any more.
    pub fn add(
        &mut self,
        campaign: CampaignId,
        batch: Option<u32>,
        standing: Standing,
        count: i64,
    ) {
        *self.0.entry((campaign, batch, standing)).or_default() += count;
    }

    /// One recipient of a batch stands otherwise from now on.
    pub fn change(
        &mut self,
        campaign: CampaignId,
        batch: Option<u32>,
        before: Standing,
        after: Standing,
    ) {
        if before != after {
            self.add(campaign, batch, before, -1);
            self.add(campaign, batch, after, 1);
        }
    }

    /// What changes, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (CampaignId, Option<u32>, &Standing, i64)> {
        let changes = self.0.iter().filter(|(_, count)| **count != 0);
        changes.map(|((campaign, batch, standing), count)| (*campaign, *batch, standing, *count))
    }
}

/// Adds up counts to the rows of a tally.
#[derive(Debug, Default)]
pub struct TallyFold(HashMap<TallyRow, i64>);

impl TallyFold {
    /// Adds `count` recipients that stand so, whose batch is in this state and overdue or not.
    pub fn add(
        &mut self,
        standing: Standing,
        batch: Option<BatchState>,
        is_overdue: bool,
        count: i64,
    ) {
        let Standing { outcome, shown, ended, sms, billed } = standing;
        let outcome = Outcome::of(outcome, shown.is_some(), batch);
        let row = TallyRow { outcome, shown, ended, overdue: is_overdue, sms, billed, count: 0 };
        *self.0.entry(row).or_default() += count;
    }

    /// The rows, without those that count none.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if one counts less than none.
    pub fn rows(self) -> Result<Vec<TallyRow>, StoreError> {
        let counted = self.0.into_iter().filter(|(_, count)| *count != 0);
        counted
            .map(|(row, count)| {
                let count = u64::try_from(count)
                    .map_err(|_| StoreError::Corrupt("count of recipients".to_owned()))?;
                Ok(TallyRow { count, ..row })
            })
            .collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]
mod tests {
    use super::*;

    #[test]
    fn what_changes_and_changes_back_is_no_change() {
        let mut changes = CountChanges::default();
        let rejected = Standing { outcome: Some(Outcome::Rejected), ..Standing::default() };
        let id = CampaignId(1);
        changes.change(id, Some(0), Standing::default(), rejected.clone());
        assert_eq!(changes.iter().count(), 2);
        changes.change(id, Some(0), rejected.clone(), Standing::default());
        changes.change(id, Some(0), rejected.clone(), rejected);
        assert_eq!(changes.iter().count(), 0);
    }

    #[test]
    fn what_stands_alike_is_one_row_and_less_than_none_is_corrupt() {
        let mut fold = TallyFold::default();
        fold.add(Standing::default(), Some(BatchState::Planned), false, 3);
        fold.add(Standing::default(), Some(BatchState::Unknown), false, 4);
        fold.add(Standing::default(), Some(BatchState::Held), false, 0);
        let rows = fold.rows().unwrap();
        let counts: Vec<_> = rows.iter().map(|row| row.count).collect();
        assert_eq!(counts, [7]);
        let mut fold = TallyFold::default();
        fold.add(Standing::default(), None, false, -1);
        fold.rows().unwrap_err();
    }
}
