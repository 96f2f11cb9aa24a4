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
use deadpool_postgres::Transaction;

use crate::campaigns::settle;
use crate::failure::Failure;
use crate::rows::{BATCH, campaign_column, clean, read_batch};

/// Writes the batches of a plan.
pub(crate) async fn plan(
    tx: &Transaction<'_>,
    row: &CampaignRow,
    end: &PlanEnd,
) -> Result<(), Failure> {
    let cap = BatchCap::new(row.batch_cap).ok_or_else(|| Failure::corrupt("batch cap"))?;
    let mut worst = end.worst.iter();
    let (mut firsts, mut counts, mut worsts) = (Vec::new(), Vec::new(), Vec::new());
    for range in cap.ranges(end.recipients) {
        firsts.push(i64::from(range.start));
        counts.push(i64::from(range.end - range.start));
        worsts.push(unless_silent(worst.next()));
    }
    let sql = "INSERT INTO batches (campaign, number, first, count, state, changed_at, worst) \
        SELECT $1, place - 1, first, count, $2, $3, worst \
        FROM unnest($4::bigint[], $5::bigint[], $6::text[]) \
        WITH ORDINALITY AS new (first, count, worst, place)";
    let statement = tx.prepare_cached(sql).await?;
    let (id, state) = (campaign_column(row.id), BatchState::Planned.word());
    let at = row.created_at.0;
    tx.execute(&statement, &[&id, &state, &at, &firsts, &counts, &worsts]).await?;
    Ok(())
}

pub(crate) async fn batches(
    tx: &Transaction<'_>,
    id: CampaignId,
) -> Result<Vec<BatchRow>, Failure> {
    let sql = format!("SELECT {BATCH} FROM batches WHERE campaign = $1 ORDER BY number");
    let statement = tx.prepare_cached(&sql).await?;
    tx.query(&statement, &[&campaign_column(id)]).await?.iter().map(read_batch).collect()
}

pub(crate) async fn lease(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    worker: WorkerId,
    span: Duration,
    before: u32,
) -> Result<Option<(Lease, BatchRow)>, Failure> {
    let id = campaign_column(campaign);
    // The lock keeps the campaign as it is until the lease is written: who stops it waits for that.
    let sends = tx.prepare_cached("SELECT state FROM campaigns WHERE id = $1 FOR SHARE").await?;
    let state = tx.query_opt(&sends, &[&id]).await?;
    let state = state.map(|row| row.try_get::<_, String>(0)).transpose()?;
    if state.as_deref() != Some(CampaignState::Sending.word()) {
        return Ok(None);
    }
    let now = now(tx).await?;
    let sql = format!(
        "UPDATE batches SET leases = leases + 1, leased_by = $2, leased_until = $3 \
         WHERE campaign = $1 AND number = ( \
             SELECT number FROM batches WHERE campaign = $1 AND first < $4 \
             AND state IN ($5, $6, $7) \
             AND (leased_by IS NULL OR leased_until <= $8 OR leased_until > $9) \
             ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED) \
         RETURNING {BATCH}, leases"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let found = tx
        .query_opt(
            &statement,
            &[
                &id,
                &worker.0.cast_signed(),
                &Leased::until(now, span).0,
                &i64::from(before),
                &BatchState::Planned.word(),
                &BatchState::Sending.word(),
                &BatchState::Unknown.word(),
                &now.0,
                &Leased::until(now, Leased::SPAN_MAX).0,
            ],
        )
        .await?;
    let Some(found) = found else { return Ok(None) };
    let row = read_batch(&found)?;
    let serial = found.try_get::<_, i64>("leases")?.cast_unsigned();
    Ok(Some((Lease { campaign, batch: row.number, serial }, row)))
}

pub(crate) async fn has_live_leases(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    let now = now(tx).await?;
    let rows = batches(tx, id).await?;
    Ok(rows.iter().any(|row| row.leased.is_some_and(|leased| leased.is_live(now))))
}

pub(crate) async fn renew(
    tx: &Transaction<'_>,
    lease: Lease,
    span: Duration,
) -> Result<(), Failure> {
    latest(tx, lease).await?;
    let sql = "UPDATE batches SET leased_until = $3 WHERE campaign = $1 AND number = $2";
    let statement = tx.prepare_cached(sql).await?;
    let until = Leased::until(now(tx).await?, span).0;
    let (id, number) = (campaign_column(lease.campaign), i64::from(lease.batch));
    tx.execute(&statement, &[&id, &number, &until]).await?;
    Ok(())
}

pub(crate) async fn release(tx: &Transaction<'_>, lease: Lease) -> Result<(), Failure> {
    let sql = "UPDATE batches SET leased_by = NULL \
        WHERE campaign = $1 AND number = $2 AND leases = $3";
    let statement = tx.prepare_cached(sql).await?;
    let (id, number) = (campaign_column(lease.campaign), i64::from(lease.batch));
    tx.execute(&statement, &[&id, &number, &lease.serial.cast_signed()]).await?;
    Ok(())
}

pub(crate) async fn change(
    tx: &Transaction<'_>,
    lease: Lease,
    change: &BatchChange,
) -> Result<(), Failure> {
    latest(tx, lease).await?;
    settle(tx, lease.campaign, &change.settled).await?;
    let sql = "UPDATE batches SET state = $3, attempts = attempts + $4, changed_at = $5, \
        note = coalesce($6, note), remotes = CASE \
            WHEN $7::text IS NULL OR strpos(' ' || remotes || ' ', ' ' || $7 || ' ') > 0 \
            THEN remotes ELSE btrim(remotes || ' ' || $7) END, \
        leased_by = CASE WHEN $8 THEN leased_by END \
        WHERE campaign = $1 AND number = $2";
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(
        &statement,
        &[
            &campaign_column(lease.campaign),
            &i64::from(lease.batch),
            &change.state.word(),
            &i64::from(change.state == BatchState::Sending),
            &change.at.0,
            &change.note.as_deref().map(clean),
            &change.remote.map(|remote| remote.cast_signed().to_string()),
            &change.state.is_open(),
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn reopen(tx: &Transaction<'_>, campaign: CampaignId) -> Result<u64, Failure> {
    let sql = "UPDATE batches SET state = $2, attempts = 0 WHERE campaign = $1 AND state = $3";
    let statement = tx.prepare_cached(sql).await?;
    let (unknown, held) = (BatchState::Unknown.word(), BatchState::Held.word());
    Ok(tx.execute(&statement, &[&campaign_column(campaign), &unknown, &held]).await?)
}

/// Fails unless this is the batch's latest lease, and keeps it so until the transaction ends.
async fn latest(tx: &Transaction<'_>, lease: Lease) -> Result<(), Failure> {
    let Lease { campaign, batch, serial } = lease;
    let sql = "SELECT leases FROM batches WHERE campaign = $1 AND number = $2 FOR UPDATE";
    let statement = tx.prepare_cached(sql).await?;
    let found = tx.query_opt(&statement, &[&campaign_column(campaign), &i64::from(batch)]).await?;
    match found.map(|row| row.try_get::<_, i64>(0)).transpose()? {
        None => Err(StoreError::no_batch(campaign, batch).into()),
        Some(latest) if latest.cast_unsigned() == serial => Ok(()),
        Some(_) => Err(StoreError::LeaseLost { campaign, batch }.into()),
    }
}

/// The clock of leases: the database's, which all machines share.
pub(crate) async fn now(tx: &Transaction<'_>) -> Result<Timestamp, Failure> {
    let sql = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let statement = tx.prepare_cached(sql).await?;
    Ok(Timestamp(tx.query_one(&statement, &[]).await?.try_get(0)?))
}
