//! Everything that can be seen of a store, in words that can be compared.

use std::fmt::Debug;
use std::time::Duration;

use super::super::fixtures::{LONG, batches, campaigns};
use super::id_of;
use super::operations::{DIFFERENT, own_reference};
use crate::error::StoreError;
use crate::rows::{
    BatchRow, CampaignFilter, CampaignRow, Change, Kind, Leased, TallyRow, Timestamp,
};
use crate::store::Store;

/// How a store is looked at.
pub(super) struct Eyes {
    /// Whether moments and cursors are compared.
    pub(super) with_moments: bool,
}

impl Eyes {
    fn moment(&self, at: Timestamp) -> Timestamp {
        if self.with_moments { at } else { Timestamp(0) }
    }

    pub(super) fn batch(&self, row: BatchRow) -> BatchRow {
        let leased = |leased: Leased| Leased { until: self.moment(leased.until), ..leased };
        BatchRow { changed_at: self.moment(row.changed_at), leased: row.leased.map(leased), ..row }
    }

    fn campaign(&self, row: CampaignRow) -> CampaignRow {
        let created_at = self.moment(row.created_at);
        let begun_at = row.begun_at.map(|at| self.moment(at));
        CampaignRow { created_at, begun_at, ..row }
    }

    fn change(&self, change: Change) -> Change {
        let cursor = if self.with_moments { change.cursor } else { 0 };
        Change { cursor, at: self.moment(change.at), ..change }
    }

    /// All of it, piece by piece.
    pub(super) async fn look(&self, store: &dyn Store) -> Vec<String> {
        let mut seen = Vec::new();
        let rows = campaigns(store).await;
        self.look_at_pages(store, &rows).await;
        let rows: Vec<_> = rows.into_iter().map(|row| self.campaign(row)).collect();
        seen.push(piece("campaigns", rows));
        for id in 0..DIFFERENT {
            self.look_at(store, id, &mut seen).await;
        }
        let mut abandoned = store.abandoned().await.unwrap();
        abandoned.sort();
        seen.push(piece("abandoned", abandoned));
        self.look_at_callbacks(store, &mut seen).await;
        seen
    }

    /// Pages say what the whole list says.
    async fn look_at_pages(&self, store: &dyn Store, all: &[CampaignRow]) {
        let singles: Vec<_> = all.iter().filter(|row| row.kind == Kind::Single).cloned().collect();
        let filter = CampaignFilter { kinds: vec![Kind::Single], ..CampaignFilter::default() };
        assert_eq!(store.campaigns(filter).await.unwrap(), singles, "those of one kind");
        if let Some(first) = all.first() {
            let before = Some((first.created_at, first.id));
            let filter = CampaignFilter { before, limit: 1, ..CampaignFilter::default() };
            let second: Vec<_> = all.iter().skip(1).take(1).cloned().collect();
            assert_eq!(store.campaigns(filter).await.unwrap(), second, "the page behind the first");
        }
    }

    async fn look_at(&self, store: &dyn Store, place: u8, seen: &mut Vec<String>) {
        let id = id_of(place);
        let row = store.campaign(id).await.unwrap().map(|row| self.campaign(row));
        let is_there = row.is_some();
        seen.push(piece("campaign", row));
        let rows = batches(store, id).await;
        let page = store.batches(id, 2, 1).await.unwrap();
        let expected: Vec<_> = rows.iter().filter(|row| row.first >= 2).take(1).cloned().collect();
        assert_eq!(page, expected, "a page of the batches");
        seen.push(piece(
            "batches",
            rows.into_iter().map(|row| self.batch(row)).collect::<Vec<_>>(),
        ));
        let recipients = store.recipients(id, 0, u32::MAX).await.unwrap();
        for recipient in &recipients {
            seen.push(piece("reports", store.reports(id, recipient.index).await.unwrap()));
        }
        seen.push(piece("recipients", recipients));
        let sums = store.batch_sums(id).await;
        seen.push(piece("sums", sums.as_ref().map_err(StoreError::to_string)));
        for overdue_after in [Duration::ZERO, LONG] {
            let tally = sorted(store.tally(id, overdue_after).await.unwrap());
            if let Ok(snapshot) = store.snapshot(id, overdue_after).await {
                assert_eq!(sorted(snapshot.tally), tally, "a snapshot counts as a tally does");
                assert_eq!(Some(&snapshot.batches), sums.as_ref().ok(), "and sums as sums do");
                seen.push(piece("unknown words", snapshot.unknown_words));
                seen.push(piece("contradicted", snapshot.contradicted));
                seen.push(piece("buttons", (snapshot.clicks, snapshot.buttons)));
            } else {
                assert!(!is_there || sums.is_err(), "a campaign has a snapshot");
            }
            seen.push(piece("tally", tally));
        }
        seen.push(piece("clicks", store.clicks(id).await.unwrap()));
        seen.push(piece("leases", store.has_live_leases(id).await.unwrap()));
        let all = store.open_remotes(id, None, u32::MAX).await.unwrap();
        let page = store.open_remotes(id, Some(0), 1).await.unwrap();
        seen.push(piece("open remotes", (all, page)));
    }

    async fn look_at_callbacks(&self, store: &dyn Store, seen: &mut Vec<String>) {
        let bodies = store.bodies(0, u32::MAX).await.unwrap();
        let id = |id: u64| if self.with_moments { id } else { 0 };
        let bodies: Vec<_> = bodies.into_iter().map(|one| (id(one.id), one.body)).collect();
        seen.push(piece("bodies", bodies));
        let aside = store.set_aside(0, u32::MAX).await.unwrap();
        let aside: Vec<_> = aside
            .into_iter()
            .map(|one| (id(one.id), self.moment(one.at), one.why, one.body))
            .collect();
        seen.push(piece("set aside", aside));
        // Behind what was removed, if anything was.
        let changes = match store.changes(0, u32::MAX).await {
            Err(StoreError::Pruned { first }) => {
                seen.push(piece("pruned", id(first)));
                store.changes(first - 1, u32::MAX).await.unwrap()
            }
            found => found.unwrap(),
        };
        let changes: Vec<_> = changes.into_iter().map(|change| self.change(change)).collect();
        seen.push(piece("changes", changes));
        let references = (0..6).map(own_reference).collect();
        seen.push(piece("owners", store.owners(references).await.unwrap()));
    }
}

fn sorted(mut rows: Vec<TallyRow>) -> Vec<TallyRow> {
    rows.sort_by_cached_key(|row| format!("{row:?}"));
    rows
}

fn piece(what: &str, value: impl Debug) -> String {
    format!("{what}: {value:?}")
}
