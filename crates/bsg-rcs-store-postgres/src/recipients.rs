//! Recipients as a transaction reads them to change them: locked first, in the order of their keys,
//! and read then, so that what is read is what the locks keep.

use std::collections::{BTreeMap, BTreeSet};

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::sql::{CountChanges, RecipientKey, Standing, StoredReports, last_settled};
use bsg_rcs_store::{BatchState, Settled, StoreError};
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

use crate::counts;
use crate::failure::Failure;
use crate::locks::{LOCK_RECIPIENTS, SHARE_COUNTS, columns, counts_keys};
use crate::rows::{campaign_column, campaign_id, clean, read_standing, small, word};

/// A recipient that is locked.
pub(crate) struct LockedRecipient {
    pub(crate) stored: StoredReports,
    pub(crate) batch_state: Option<BatchState>,
}

/// Locks recipients until the transaction ends, and reads those that are there.
pub(crate) async fn lock(
    tx: &Transaction<'_>,
    keys: &BTreeSet<RecipientKey>,
) -> Result<BTreeMap<RecipientKey, LockedRecipient>, Failure> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let share = tx.prepare_cached(SHARE_COUNTS).await?;
    let lock = tx.prepare_cached(LOCK_RECIPIENTS).await?;
    let read = tx.prepare_cached(READ).await?;
    let shared = counts_keys(keys.iter().map(|(campaign, _)| *campaign));
    let (campaigns, indices) = columns(keys);
    let of_campaigns: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&shared];
    let pair: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&campaigns, &indices];
    // Sent together, carried out one after the other: each sees what the one before waited for.
    let (shared, locked, found) = tokio::join!(
        tx.execute(&share, &of_campaigns),
        tx.execute(&lock, &pair),
        tx.query(&read, &pair),
    );
    shared?;
    locked?;
    found?.iter().map(read_locked).collect()
}

const READ: &str = "SELECT m.campaign, m.idx, m.number, m.outcome, m.shown, m.ended, m.sms, m.billed, \
            m.reports, c.alternative_channel, b.number AS batch, b.state AS batch_state \
        FROM messages m \
        JOIN unnest($1::bigint[], $2::bigint[]) AS asked (campaign, idx) USING (campaign, idx) \
        JOIN campaigns c ON c.id = m.campaign \
        LEFT JOIN LATERAL (SELECT number, state, first, count FROM batches \
            WHERE batches.campaign = m.campaign AND first <= m.idx ORDER BY first DESC LIMIT 1) b \
            ON m.idx < b.first + b.count";

fn read_locked(row: &Row) -> Result<(RecipientKey, LockedRecipient), Failure> {
    let batch: Option<i64> = row.try_get("batch")?;
    let stored = StoredReports {
        batch: batch.map(|number| small(number, "number of a batch")).transpose()?,
        standing: read_standing(row)?,
        reports: row.try_get("reports")?,
        alternative_channel: row.try_get("alternative_channel")?,
        is_forgotten: row.try_get::<_, i64>("number")? == 0,
    };
    let batch_state = word(row.try_get("batch_state")?)?;
    Ok((key(row)?, LockedRecipient { stored, batch_state }))
}

/// A recipient in the first two columns.
pub(crate) fn key(row: &Row) -> Result<RecipientKey, Failure> {
    Ok((campaign_id(row.try_get(0)?), small(row.try_get(1)?, "index of a recipient")?))
}

/// Gives recipients an outcome of their own, and counts them so.
pub(crate) async fn settle(
    tx: &Transaction<'_>,
    id: CampaignId,
    settled: &[Settled],
) -> Result<(), Failure> {
    let keys = settled.iter().map(|to| (id, to.index)).collect();
    let there = lock(tx, &keys).await?;
    if let Some(missing) = settled.iter().find(|to| !there.contains_key(&(id, to.index))) {
        return Err(StoreError::no_recipient(id, missing.index).into());
    }
    let last = last_settled(settled);
    let mut changes = CountChanges::default();
    for (index, (outcome, _)) in &last {
        let Some(LockedRecipient { stored, .. }) = there.get(&(id, *index)) else { continue };
        let after = Standing { outcome: Some(*outcome), ..stored.standing.clone() };
        changes.change(id, stored.batch, stored.standing.clone(), after);
    }
    let indices: Vec<i64> = last.keys().map(|index| i64::from(*index)).collect();
    let outcomes: Vec<&str> = last.values().map(|(outcome, _)| outcome.word()).collect();
    let notes: Vec<_> = last.values().map(|(_, note)| note.map(clean)).collect();
    let sql = "UPDATE messages m SET outcome = new.outcome, note = coalesce(new.note, m.note) \
        FROM unnest($2::bigint[], $3::text[], $4::text[]) AS new (idx, outcome, note) \
        WHERE m.campaign = $1 AND m.idx = new.idx";
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(&statement, &[&campaign_column(id), &indices, &outcomes, &notes]).await?;
    counts::write(tx, &changes).await?;
    Ok(())
}
