//! The way out of a batch: it is leased, cut, sent, and changed by the holder of its latest lease.
//! Every function runs in a transaction that its caller opens and ends.

use std::time::Duration;

use bsg_rcs_domain::{CampaignId, Money};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::columns::optional_column;
use bsg_rcs_store::{
    BatchChange, BatchRow, BatchState, CampaignState, Lease, Leased, RecipientRow, SendStart,
    StoreError, Timestamp, WorkerId,
};
use rusqlite::{OptionalExtension, Row, Transaction, named_params, params};

use crate::batches::settle;
use crate::failure::Failure;
use crate::rows::{RECIPIENT, batch_columns, campaign_column, read_batch, read_recipient};
use crate::{campaigns, counts};

/// A new claim: the holders of earlier leases are dead.
pub(crate) fn free_all(tx: &Transaction<'_>, id: CampaignId) -> Result<(), Failure> {
    let sql = "UPDATE batches SET leased_by = NULL WHERE campaign = ?1 AND leased_by IS NOT NULL";
    tx.prepare_cached(sql)?.execute([campaign_column(id)])?;
    Ok(())
}

pub(crate) fn lease(
    tx: &Transaction<'_>,
    now: Timestamp,
    campaign: CampaignId,
    worker: WorkerId,
    span: Duration,
    before: u32,
) -> Result<Option<(Lease, BatchRow)>, Failure> {
    // The states stand here by the letter, as in the index of open batches.
    let sql = format!(
        "SELECT {}, leases FROM batches WHERE campaign = :campaign AND first < :before \
         AND state IN ('planned', 'sending', 'unknown') \
         AND (leased_by IS NULL OR leased_until <= :now OR leased_until > :latest) \
         AND EXISTS (SELECT 1 FROM campaigns WHERE id = :campaign AND state = :sends) \
         ORDER BY first LIMIT 1",
        batch_columns()
    );
    let mut statement = tx.prepare_cached(&sql)?;
    let free = named_params! {
        ":campaign": campaign_column(campaign),
        ":before": before,
        ":now": now.0,
        ":latest": Leased::until(now, Leased::SPAN_MAX).0,
        ":sends": CampaignState::Sending.word(),
    };
    let read = |row: &Row<'_>| -> Result<_, Failure> {
        Ok((read_batch(row)?, row.get::<_, i64>("leases")?))
    };
    let found = statement.query_and_then(free, read)?.next().transpose()?;
    let Some((mut row, leases)) = found else { return Ok(None) };
    let serial = leases + 1;
    let leased = Leased { by: worker, until: Leased::until(now, span) };
    let sql = "UPDATE batches SET leases = ?3, leased_by = ?4, leased_until = ?5 \
        WHERE campaign = ?1 AND number = ?2";
    let id = campaign_column(campaign);
    let (by, until) = (worker.0.cast_signed(), leased.until.0);
    tx.prepare_cached(sql)?.execute(params![id, row.number, serial, by, until])?;
    row.leased = Some(leased);
    let lease = Lease { campaign, batch: row.number, serial: serial.cast_unsigned() };
    Ok(Some((lease, row)))
}

pub(crate) fn has_live(
    tx: &Transaction<'_>,
    now: Timestamp,
    id: CampaignId,
) -> Result<bool, Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM batches WHERE campaign = ?1 \
        AND leased_by IS NOT NULL AND leased_until > ?2 AND leased_until <= ?3)";
    let latest = Leased::until(now, Leased::SPAN_MAX);
    let of = params![campaign_column(id), now.0, latest.0];
    Ok(tx.prepare_cached(sql)?.query_one(of, |row| row.get(0))?)
}

pub(crate) fn renew(
    tx: &Transaction<'_>,
    now: Timestamp,
    lease: Lease,
    span: Duration,
) -> Result<(), Failure> {
    latest(tx, lease)?;
    let sql = "UPDATE batches SET leased_until = ?3 WHERE campaign = ?1 AND number = ?2";
    let until = Leased::until(now, span).0;
    let id = campaign_column(lease.campaign);
    tx.prepare_cached(sql)?.execute(params![id, lease.batch, until])?;
    Ok(())
}

pub(crate) fn release(tx: &Transaction<'_>, lease: Lease) -> Result<(), Failure> {
    let sql = "UPDATE batches SET leased_by = NULL \
        WHERE campaign = ?1 AND number = ?2 AND leases = ?3";
    let id = campaign_column(lease.campaign);
    tx.prepare_cached(sql)?.execute(params![id, lease.batch, lease.serial.cast_signed()])?;
    Ok(())
}

pub(crate) fn cut(
    tx: &Transaction<'_>,
    now: Timestamp,
    lease: Lease,
    keep: u32,
    worst: (Option<Money>, Option<Money>),
) -> Result<BatchRow, Failure> {
    latest(tx, lease)?;
    let row = batch(tx, lease)?;
    if row.state != BatchState::Planned || keep == 0 || keep >= row.count {
        return Err(StoreError::no_cut(lease.campaign, lease.batch, keep).into());
    }
    let id = campaign_column(lease.campaign);
    let sql = "SELECT max(number) + 1 FROM batches WHERE campaign = ?1";
    let number: u32 = tx.prepare_cached(sql)?.query_one([id], |row| row.get(0))?;
    let sql = "UPDATE batches SET count = ?3, worst = ?4 WHERE campaign = ?1 AND number = ?2";
    let kept = params![id, lease.batch, keep, optional_column(worst.0)];
    tx.prepare_cached(sql)?.execute(kept)?;
    let sql = "INSERT INTO batches (campaign, number, first, count, state, attempts, changed_at, \
        worst) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)";
    let (first, state) = (row.first + keep, BatchState::Planned.word());
    let worst = optional_column(worst.1);
    let rest = params![id, number, first, row.count - keep, state, now.0, worst];
    tx.prepare_cached(sql)?.execute(rest)?;
    let range = first..row.first + row.count;
    let moved = counts::moved(tx, lease.campaign, range, Some(lease.batch), Some(number))?;
    counts::write(tx, &moved)?;
    batch(tx, lease)
}

pub(crate) fn begin_sending(
    tx: &Transaction<'_>,
    now: Timestamp,
    lease: Lease,
    span: Duration,
) -> Result<SendStart, Failure> {
    latest(tx, lease)?;
    let state = campaigns::existing(tx, lease.campaign)?.state;
    if state != CampaignState::Sending {
        return Ok(SendStart::Not(state));
    }
    let sql = "UPDATE batches SET state = ?3, attempts = attempts + 1, changed_at = ?4, \
        leased_until = ?5 WHERE campaign = ?1 AND number = ?2 RETURNING first, count";
    let (id, until) = (campaign_column(lease.campaign), Leased::until(now, span).0);
    let columns = params![id, lease.batch, BatchState::Sending.word(), now.0, until];
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (first, count) = tx.prepare_cached(sql)?.query_one(columns, read)?;
    Ok(SendStart::Recipients(recipients(tx, lease.campaign, first, count)?))
}

pub(crate) fn change(
    tx: &Transaction<'_>,
    now: Timestamp,
    lease: Lease,
    change: &BatchChange,
) -> Result<(), Failure> {
    latest(tx, lease)?;
    settle(tx, lease.campaign, &change.settled)?;
    let sql = "UPDATE batches SET state = :state, attempts = max(attempts - :never_left, 0), \
        changed_at = :at, note = coalesce(:note, note), remotes = CASE \
            WHEN :remote IS NULL OR instr(' ' || remotes || ' ', ' ' || :remote || ' ') > 0 \
            THEN remotes ELSE trim(remotes || ' ' || :remote) END, \
        leased_by = CASE WHEN :open THEN leased_by END \
        WHERE campaign = :campaign AND number = :number";
    tx.prepare_cached(sql)?.execute(named_params! {
        ":campaign": campaign_column(lease.campaign),
        ":number": lease.batch,
        ":state": change.state.word(),
        ":never_left": change.never_left,
        ":at": now.0,
        ":remote": change.remote.map(u64::cast_signed),
        ":note": change.note,
        ":open": change.state.is_open(),
    })?;
    Ok(())
}

pub(crate) fn recipients(
    tx: &Transaction<'_>,
    id: CampaignId,
    first: u32,
    count: u32,
) -> Result<Vec<RecipientRow>, Failure> {
    let sql = format!(
        "SELECT {RECIPIENT} FROM messages WHERE campaign = ?1 AND idx >= ?2 AND idx < ?2 + ?3 \
         ORDER BY idx"
    );
    let range = params![campaign_column(id), first, count];
    tx.prepare_cached(&sql)?.query_and_then(range, read_recipient)?.collect()
}

fn batch(tx: &Transaction<'_>, lease: Lease) -> Result<BatchRow, Failure> {
    let sql =
        format!("SELECT {} FROM batches WHERE campaign = ?1 AND number = ?2", batch_columns());
    let of = params![campaign_column(lease.campaign), lease.batch];
    let found = tx.prepare_cached(&sql)?.query_and_then(of, read_batch)?.next().transpose()?;
    found.ok_or_else(|| StoreError::no_batch(lease.campaign, lease.batch).into())
}

/// Fails unless this is the batch's latest lease.
fn latest(tx: &Transaction<'_>, lease: Lease) -> Result<(), Failure> {
    let Lease { campaign, batch, serial } = lease;
    let sql = "SELECT leases FROM batches WHERE campaign = ?1 AND number = ?2";
    let of = params![campaign_column(campaign), batch];
    let found: Option<i64> = tx.prepare_cached(sql)?.query_one(of, |row| row.get(0)).optional()?;
    match found {
        None => Err(StoreError::no_batch(campaign, batch).into()),
        Some(latest) if latest.cast_unsigned() == serial => Ok(()),
        Some(_) => Err(StoreError::LeaseLost { campaign, batch }.into()),
    }
}
