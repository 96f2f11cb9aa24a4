//! The log of changes, and how it and old bodies are removed in pieces.

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::rows::PRUNED_AT_ONCE;
use bsg_rcs_store::{Change, Changed, StoreError, Timestamp};
use rusqlite::{CachedStatement, Row, Transaction, params};

use crate::body_numbers::note_last_body;
use crate::failure::Failure;
use crate::rows::{campaign_column, campaign_id, cursor_column};

/// The log as one transaction goes on with it. One writes at a time, so its order is that of the
/// commits. (AUTOINCREMENT would look up and write its counter for every single change.)
pub(crate) struct Log<'tx> {
    insert: CachedStatement<'tx>,
    at: Timestamp,
    last: i64,
}

impl<'tx> Log<'tx> {
    pub(crate) fn begin(tx: &'tx Transaction<'_>, at: Timestamp) -> Result<Self, Failure> {
        // What is removed from the log counts too: no cursor is given twice.
        let sql = "SELECT max(coalesce((SELECT max(cursor) FROM changes), 0), \
            coalesce((SELECT max(cursor) FROM removed), 0), \
            coalesce((SELECT max(cursor) FROM pruned), 0))";
        let last = tx.prepare_cached(sql)?.query_one([], |row| row.get(0))?;
        let insert = tx.prepare_cached("INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        Ok(Self { insert, at, last })
    }

    pub(crate) fn add(
        &mut self,
        campaign: CampaignId,
        index: u32,
        what: Changed,
    ) -> Result<(), Failure> {
        let (shown, ended) = match what {
            Changed::Reported { shown, ended } => (shown.word(), ended),
            Changed::Clicked => ("", false),
        };
        self.last += 1;
        let columns = params![self.last, self.at.0, campaign_column(campaign), index, shown, ended];
        self.insert.execute(columns)?;
        Ok(())
    }
}

pub(crate) fn changes(
    tx: &Transaction<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<Change>, Failure> {
    let Some(after) = cursor_column(after) else { return Ok(Vec::new()) };
    let sql = "SELECT coalesce(max(cursor), 0) FROM pruned";
    let pruned: i64 = tx.prepare_cached(sql)?.query_one([], |row| row.get(0))?;
    if after < pruned {
        return Err(StoreError::Pruned { first: pruned.cast_unsigned() + 1 }.into());
    }
    let sql = "SELECT cursor, at, campaign, idx, shown, ended FROM changes WHERE cursor > ?1 \
        ORDER BY cursor LIMIT ?2";
    tx.prepare_cached(sql)?.query_and_then(params![after, limit], read_change)?.collect()
}

fn read_change(row: &Row<'_>) -> Result<Change, Failure> {
    let shown: String = row.get(4)?;
    let what = match shown.as_str() {
        "" => Changed::Clicked,
        word => Changed::Reported { shown: Word::read(word)?, ended: row.get(5)? },
    };
    Ok(Change {
        cursor: row.get::<_, i64>(0)?.cast_unsigned(),
        at: Timestamp(row.get(1)?),
        campaign: campaign_id(row.get(2)?),
        index: row.get(3)?,
        what,
    })
}

/// Removes old bodies and the oldest changes, so many at once; whether there may be more.
pub(crate) fn prune(tx: &Transaction<'_>, before: Timestamp) -> Result<(u64, bool), Failure> {
    note_last_body(tx)?;
    let sql = "DELETE FROM callbacks WHERE id IN \
        (SELECT id FROM callbacks WHERE received_at < ?1 LIMIT ?2)";
    let bodies = tx.prepare_cached(sql)?.execute(params![before.0, PRUNED_AT_ONCE])?;
    let changes = prune_changes(tx, before)?;
    let removed = u64::try_from(bodies + changes).unwrap_or(u64::MAX);
    Ok((removed, removed > 0))
}

/// Removes the oldest changes up to the last old one of the first few thousand: what was logged
/// before an old change is old, no matter what the clock said.
fn prune_changes(tx: &Transaction<'_>, before: Timestamp) -> Result<usize, Failure> {
    let sql = "SELECT max(cursor) FROM (SELECT cursor, at FROM changes ORDER BY cursor LIMIT ?2) \
        WHERE at < ?1";
    let window = params![before.0, PRUNED_AT_ONCE];
    let last: Option<i64> = tx.prepare_cached(sql)?.query_one(window, |row| row.get(0))?;
    let Some(last) = last else { return Ok(0) };
    let removed = tx.prepare_cached("DELETE FROM changes WHERE cursor <= ?1")?.execute([last])?;
    tx.prepare_cached("DELETE FROM pruned")?.execute([])?;
    tx.prepare_cached("INSERT INTO pruned VALUES (?1)")?.execute([last])?;
    Ok(removed)
}
