//! Batches: where they stand, and what they come to. Every function runs in a transaction that its
//! caller opens and ends.

use std::collections::BTreeMap;

use bsg_rcs_domain::{BatchCap, CampaignId};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::columns::{optional_column, read_ids, read_money, read_optional};
use bsg_rcs_store::rows::BatchGroup;
use bsg_rcs_store::sql::{CountChanges, Standing, last_settled};
use bsg_rcs_store::{
    BatchRow, BatchState, BatchSums, Leased, OpenRemote, PlanEnd, Settled, StoreError, Timestamp,
};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::counts;
use crate::failure::Failure;
use crate::rows::{WITHOUT_END, batch_columns, campaign_column, read_batch, read_standing};

/// Writes the batches of a plan.
pub(crate) fn plan(
    tx: &Transaction<'_>,
    now: Timestamp,
    id: CampaignId,
    cap: u16,
    end: &PlanEnd,
) -> Result<(), Failure> {
    let cap = BatchCap::new(cap).ok_or_else(|| Failure::corrupt("batch cap"))?;
    let sql = "INSERT INTO batches (campaign, number, first, count, state, attempts, changed_at, \
        worst) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)";
    let mut insert = tx.prepare_cached(sql)?;
    let mut worst = end.worst.iter();
    for (number, range) in (0_u32..).zip(cap.ranges(end.recipients)) {
        let (count, state) = (range.end - range.start, BatchState::Planned.word());
        let worst = optional_column(worst.next());
        let id = campaign_column(id);
        insert.execute(params![id, number, range.start, count, state, now.0, worst])?;
    }
    Ok(())
}

pub(crate) fn batches(
    tx: &Transaction<'_>,
    id: CampaignId,
    from_first: u32,
    limit: u32,
) -> Result<Vec<BatchRow>, Failure> {
    let sql = format!(
        "SELECT {} FROM batches WHERE campaign = ?1 AND first >= ?2 ORDER BY first LIMIT ?3",
        batch_columns()
    );
    let page = params![campaign_column(id), from_first, limit];
    tx.prepare_cached(&sql)?.query_and_then(page, read_batch)?.collect()
}

pub(crate) fn sums(
    tx: &Transaction<'_>,
    now: Timestamp,
    id: CampaignId,
) -> Result<BatchSums, Failure> {
    let sql = format!(
        "SELECT state, worst, leased_by IS NOT NULL AND leased_until > ?2 AND leased_until <= ?3 \
         AS is_leased, count(*) AS batches, sum(count) AS recipients, sum({WITHOUT_END}) \
         AS without_end FROM batches WHERE campaign = ?1 GROUP BY 1, 2, 3"
    );
    let latest = Leased::until(now, Leased::SPAN_MAX);
    let mut statement = tx.prepare_cached(&sql)?;
    let mut sums = BatchSums::default();
    let of = params![campaign_column(id), now.0, latest.0];
    for group in statement.query_and_then(of, read_group)? {
        sums.add(&group?)?;
    }
    Ok(sums)
}

fn read_group(row: &Row<'_>) -> Result<BatchGroup, Failure> {
    let count = |column| -> Result<u64, Failure> {
        u64::try_from(row.get::<_, i64>(column)?).map_err(|_| Failure::corrupt("sum of batches"))
    };
    Ok(BatchGroup {
        state: Word::read(&row.get::<_, String>("state")?)?,
        is_leased: row.get("is_leased")?,
        worst: read_optional(&row.get::<_, String>("worst")?, read_money)?,
        batches: count("batches")?,
        recipients: count("recipients")?,
        without_end: count("without_end")?,
    })
}

pub(crate) fn open_remotes(
    tx: &Transaction<'_>,
    id: CampaignId,
    after: Option<u32>,
    limit: u32,
) -> Result<Vec<OpenRemote>, Failure> {
    let sql = format!(
        "SELECT number, remotes FROM batches WHERE campaign = ?1 AND number > ?2 \
         AND remotes <> '' AND {WITHOUT_END} > 0 ORDER BY number LIMIT ?3"
    );
    let after = after.map_or(-1, i64::from);
    let page = params![campaign_column(id), after, limit];
    let mut statement = tx.prepare_cached(&sql)?;
    let mut found = Vec::new();
    let read = |row: &Row<'_>| -> Result<(u32, String), Failure> { Ok((row.get(0)?, row.get(1)?)) };
    for row in statement.query_and_then(page, read)? {
        let (batch, remotes) = row?;
        let remotes = read_ids(&remotes)?.into_iter();
        found.extend(remotes.map(|remote| OpenRemote { batch, remote }));
    }
    Ok(found)
}

/// Whether any batch of a campaign has work left on it.
pub(crate) fn has_open(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM batches WHERE campaign = ?1 \
        AND state IN ('planned', 'sending', 'unknown'))";
    Ok(tx.prepare_cached(sql)?.query_one([campaign_column(id)], |row| row.get(0))?)
}

/// Whether any batch of a campaign was ever on its way.
pub(crate) fn any_was_tried(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM batches WHERE campaign = ?1 \
        AND (state <> 'planned' OR attempts > 0))";
    Ok(tx.prepare_cached(sql)?.query_one([campaign_column(id)], |row| row.get(0))?)
}

/// Makes held batches unknown, as if they had never been tried.
pub(crate) fn reopen(tx: &Transaction<'_>, id: CampaignId) -> Result<u64, Failure> {
    let sql = "UPDATE batches SET state = ?2, attempts = 0 WHERE campaign = ?1 AND state = ?3";
    let (unknown, held) = (BatchState::Unknown.word(), BatchState::Held.word());
    let count = tx.prepare_cached(sql)?.execute(params![campaign_column(id), unknown, held])?;
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Gives recipients an outcome of their own, and counts them so.
pub(crate) fn settle(
    tx: &Transaction<'_>,
    id: CampaignId,
    settled: &[Settled],
) -> Result<(), Failure> {
    let select = "SELECT outcome, shown, ended, sms, billed FROM messages \
        WHERE campaign = ?1 AND idx = ?2";
    let update = "UPDATE messages SET outcome = ?3, note = coalesce(?4, note) \
        WHERE campaign = ?1 AND idx = ?2";
    let mut select = tx.prepare_cached(select)?;
    let mut update = tx.prepare_cached(update)?;
    let mut before = BTreeMap::new();
    for Settled { index, .. } in settled {
        let of = params![campaign_column(id), index];
        let found = select.query_and_then(of, read_standing)?.next().transpose()?;
        before.insert(*index, found.ok_or_else(|| StoreError::no_recipient(id, *index))?);
    }
    let mut changes = CountChanges::default();
    for (index, (outcome, note)) in last_settled(settled) {
        update.execute(params![campaign_column(id), index, outcome.word(), note])?;
        let Some(before) = before.remove(&index) else { continue };
        let after = Standing { outcome: Some(outcome), ..before.clone() };
        let batch = batch_of(tx, id, index)?.map(|(number, _)| number);
        changes.change(id, batch, before, after);
    }
    counts::write(tx, &changes)
}

/// The state of the batch that a recipient is in, and its number; none while there is none.
pub(crate) fn batch_of(
    tx: &Transaction<'_>,
    id: CampaignId,
    index: u32,
) -> Result<Option<(u32, BatchState)>, Failure> {
    let sql = "SELECT number, state FROM (SELECT number, state, first, count FROM batches \
        WHERE campaign = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1) \
        WHERE ?2 < first + count";
    let of = params![campaign_column(id), index];
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
    let found = tx.prepare_cached(sql)?.query_one(of, read).optional()?;
    Ok(match found {
        Some((number, state)) => Some((number, BatchState::read(&state)?)),
        None => None,
    })
}
