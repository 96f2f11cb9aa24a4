//! Batches: where they stand, and who may say so. Every function runs in a transaction that its
//! caller opens and ends.

use std::time::Duration;

use bsg_rcs_domain::{BatchCap, CampaignId};
use bsg_rcs_store::columns::unless_silent;
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{
    BatchChange, BatchRow, BatchState, CampaignRow, CampaignState, Lease, Leased, PlanEnd,
    StoreError, Timestamp, WorkerId,
};
use rusqlite::{OptionalExtension, Row, Transaction, named_params, params};

use crate::campaigns::settle;
use crate::failure::Failure;
use crate::rows::{BATCH, campaign_column, read_batch};

/// Writes the batches of a plan.
pub(crate) fn plan(tx: &Transaction<'_>, row: &CampaignRow, end: &PlanEnd) -> Result<(), Failure> {
    let cap = BatchCap::new(row.batch_cap).ok_or_else(|| Failure::corrupt("batch cap"))?;
    let sql = "INSERT INTO batches (campaign, number, first, count, state, attempts, changed_at, \
        worst) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)";
    let mut insert = tx.prepare_cached(sql)?;
    let mut worst = end.worst.iter();
    for (number, range) in (0_u32..).zip(cap.ranges(end.recipients)) {
        let (count, state) = (range.end - range.start, BatchState::Planned.word());
        let (at, worst) = (row.created_at.0, unless_silent(worst.next()));
        let id = campaign_column(row.id);
        insert.execute(params![id, number, range.start, count, state, at, worst])?;
    }
    Ok(())
}

pub(crate) fn batches(tx: &Transaction<'_>, id: CampaignId) -> Result<Vec<BatchRow>, Failure> {
    let sql = format!("SELECT {BATCH} FROM batches WHERE campaign = ?1 ORDER BY number");
    tx.prepare_cached(&sql)?.query_and_then([campaign_column(id)], read_batch)?.collect()
}

/// A new claim: whoever held a lease before is dead.
pub(crate) fn free_all(tx: &Transaction<'_>, id: CampaignId) -> Result<(), Failure> {
    let sql = "UPDATE batches SET leased_by = NULL WHERE campaign = ?1 AND leased_by IS NOT NULL";
    tx.prepare_cached(sql)?.execute([campaign_column(id)])?;
    Ok(())
}

pub(crate) fn lease(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    worker: WorkerId,
    span: Duration,
    before: u32,
) -> Result<Option<(Lease, BatchRow)>, Failure> {
    let now = now(tx)?;
    let sql = format!(
        "SELECT {BATCH}, leases FROM batches WHERE campaign = :campaign AND first < :before \
         AND state IN (:planned, :sending, :unknown) \
         AND (leased_by IS NULL OR leased_until <= :now OR leased_until > :latest) \
         AND EXISTS (SELECT 1 FROM campaigns WHERE id = :campaign AND state = :sends) \
         ORDER BY number LIMIT 1"
    );
    let mut statement = tx.prepare_cached(&sql)?;
    let free = named_params! {
        ":campaign": campaign_column(campaign),
        ":before": before,
        ":planned": BatchState::Planned.word(),
        ":sending": BatchState::Sending.word(),
        ":unknown": BatchState::Unknown.word(),
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

pub(crate) fn has_live_leases(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    let now = now(tx)?;
    Ok(batches(tx, id)?.iter().any(|row| row.leased.is_some_and(|leased| leased.is_live(now))))
}

pub(crate) fn renew(tx: &Transaction<'_>, lease: Lease, span: Duration) -> Result<(), Failure> {
    latest(tx, lease)?;
    let sql = "UPDATE batches SET leased_until = ?3 WHERE campaign = ?1 AND number = ?2";
    let until = Leased::until(now(tx)?, span).0;
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

pub(crate) fn change(
    tx: &Transaction<'_>,
    lease: Lease,
    change: &BatchChange,
) -> Result<(), Failure> {
    latest(tx, lease)?;
    settle(tx, lease.campaign, &change.settled)?;
    let sql = "UPDATE batches SET state = :state, attempts = attempts + :sending, \
        changed_at = :at, note = coalesce(:note, note), remotes = CASE \
            WHEN :remote IS NULL OR instr(' ' || remotes || ' ', ' ' || :remote || ' ') > 0 \
            THEN remotes ELSE trim(remotes || ' ' || :remote) END, \
        leased_by = CASE WHEN :open THEN leased_by END \
        WHERE campaign = :campaign AND number = :number";
    tx.prepare_cached(sql)?.execute(named_params! {
        ":campaign": campaign_column(lease.campaign),
        ":number": lease.batch,
        ":state": change.state.word(),
        ":sending": change.state == BatchState::Sending,
        ":at": change.at.0,
        ":remote": change.remote.map(u64::cast_signed),
        ":note": change.note,
        ":open": change.state.is_open(),
    })?;
    Ok(())
}

pub(crate) fn reopen(tx: &Transaction<'_>, campaign: CampaignId) -> Result<u64, Failure> {
    let sql = "UPDATE batches SET state = ?2, attempts = 0 WHERE campaign = ?1 AND state = ?3";
    let (unknown, held) = (BatchState::Unknown.word(), BatchState::Held.word());
    let count =
        tx.prepare_cached(sql)?.execute(params![campaign_column(campaign), unknown, held])?;
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
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

/// The clock of leases: this machine's, which all processes on the file share.
pub(crate) fn now(tx: &Transaction<'_>) -> Result<Timestamp, Failure> {
    let sql = "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)";
    Ok(Timestamp(tx.prepare_cached(sql)?.query_one([], |row| row.get(0))?))
}
