//! The way out of a batch: it is leased, cut, sent, and changed by the holder of its latest lease.
//! Every function runs in a transaction that its caller opens and ends.

use std::time::Duration;

use bsg_rcs_domain::{CampaignId, Money};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::columns::optional_column;
use bsg_rcs_store::{
    BatchChange, BatchRow, BatchState, CampaignState, Lease, Leased, RecipientRow, SendStart,
    StoreError, WorkerId,
};
use deadpool_postgres::Transaction;

use crate::campaigns::{held_state, now};
use crate::failure::Failure;
use crate::recipients::settle;
use crate::rows::{
    NOW, RECIPIENT, batch_columns, campaign_column, clean, read_batch, read_recipient, small,
};
use crate::{counts, locks};

pub(crate) async fn lease(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    worker: WorkerId,
    span: Duration,
    before: u32,
) -> Result<Option<(Lease, BatchRow)>, Failure> {
    // The campaign stays as it is until the lease is written: stopping it waits for that.
    if held_state(tx, campaign).await? != Some(CampaignState::Sending) {
        return Ok(None);
    }
    let now = now(tx).await?;
    // The states stand here by the letter, as in the index of open batches.
    let sql = format!(
        "UPDATE batches SET leases = leases + 1, leased_by = $2, leased_until = $3 \
         WHERE campaign = $1 AND number = ( \
             SELECT number FROM batches WHERE campaign = $1 AND first < $4 \
             AND state IN ('planned', 'sending', 'unknown') \
             AND (leased_by IS NULL OR leased_until <= $5 OR leased_until > $6) \
             ORDER BY first LIMIT 1 FOR UPDATE SKIP LOCKED) \
         RETURNING {}, leases",
        batch_columns()
    );
    let statement = tx.prepare_cached(&sql).await?;
    let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 6] = [
        &campaign_column(campaign),
        &worker.0.cast_signed(),
        &Leased::until(now, span).0,
        &i64::from(before),
        &now.0,
        &Leased::until(now, Leased::SPAN_MAX).0,
    ];
    let Some(found) = tx.query_opt(&statement, &columns).await? else { return Ok(None) };
    let row = read_batch(&found)?;
    let serial = found.try_get::<_, i64>("leases")?.cast_unsigned();
    Ok(Some((Lease { campaign, batch: row.number, serial }, row)))
}

pub(crate) async fn has_live(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    let now = now(tx).await?;
    let sql = "SELECT EXISTS (SELECT 1 FROM batches WHERE campaign = $1 \
        AND leased_by IS NOT NULL AND leased_until > $2 AND leased_until <= $3)";
    let latest = Leased::until(now, Leased::SPAN_MAX);
    let statement = tx.prepare_cached(sql).await?;
    Ok(tx.query_one(&statement, &[&campaign_column(id), &now.0, &latest.0]).await?.try_get(0)?)
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

pub(crate) async fn cut(
    tx: &Transaction<'_>,
    lease: Lease,
    keep: u32,
    worst: (Option<Money>, Option<Money>),
) -> Result<BatchRow, Failure> {
    locks::own_counts(tx, lease.campaign).await?;
    latest(tx, lease).await?;
    let row = batch(tx, lease).await?;
    if row.state != BatchState::Planned || keep == 0 || keep >= row.count {
        return Err(StoreError::no_cut(lease.campaign, lease.batch, keep).into());
    }
    let (id, old) = (campaign_column(lease.campaign), i64::from(lease.batch));
    let sql = "SELECT max(number) + 1 FROM batches WHERE campaign = $1";
    let number: i64 = tx.query_one(&tx.prepare_cached(sql).await?, &[&id]).await?.try_get(0)?;
    let sql = "UPDATE batches SET count = $3, worst = $4 WHERE campaign = $1 AND number = $2";
    let kept = optional_column(worst.0);
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(&statement, &[&id, &old, &i64::from(keep), &kept]).await?;
    let sql = format!(
        "INSERT INTO batches (campaign, number, first, count, state, changed_at, worst) \
         VALUES ($1, $2, $3, $4, $5, {NOW}, $6)"
    );
    let (first, end) = (row.first + keep, row.first + row.count);
    let (start, count) = (i64::from(first), i64::from(end - first));
    let (state, rest) = (BatchState::Planned.word(), optional_column(worst.1));
    let statement = tx.prepare_cached(&sql).await?;
    tx.execute(&statement, &[&id, &number, &start, &count, &state, &rest]).await?;
    counts::move_range(tx, lease.campaign, first..end, old, Some(number)).await?;
    batch(tx, lease).await
}

pub(crate) async fn begin_sending(
    tx: &Transaction<'_>,
    lease: Lease,
    span: Duration,
) -> Result<SendStart, Failure> {
    // Forgetting a number waits until the batch is written as sending, or is seen here; stopping
    // the campaign waits likewise.
    locks::share_numbers(tx, lease.campaign).await?;
    let state = held_state(tx, lease.campaign).await?;
    latest(tx, lease).await?;
    match state {
        Some(CampaignState::Sending) => {}
        Some(other) => return Ok(SendStart::Not(other)),
        None => return Err(StoreError::no_batch(lease.campaign, lease.batch).into()),
    }
    let now = now(tx).await?;
    let sql = "UPDATE batches SET state = $3, attempts = attempts + 1, changed_at = $4, \
        leased_until = $5 WHERE campaign = $1 AND number = $2 RETURNING first, count";
    let (id, number) = (campaign_column(lease.campaign), i64::from(lease.batch));
    let (state, until) = (BatchState::Sending.word(), Leased::until(now, span).0);
    let statement = tx.prepare_cached(sql).await?;
    let row = tx.query_one(&statement, &[&id, &number, &state, &now.0, &until]).await?;
    let first = small(row.try_get("first")?, "first of a batch")?;
    let count = small(row.try_get("count")?, "count of a batch")?;
    Ok(SendStart::Recipients(recipients(tx, lease.campaign, first, count).await?))
}

pub(crate) async fn change(
    tx: &Transaction<'_>,
    lease: Lease,
    change: &BatchChange,
) -> Result<(), Failure> {
    locks::share_counts(tx, std::iter::once(lease.campaign)).await?;
    latest(tx, lease).await?;
    settle(tx, lease.campaign, &change.settled).await?;
    let sql = format!(
        "UPDATE batches SET state = $3, attempts = greatest(attempts - $4, 0), \
         changed_at = {NOW}, note = coalesce($5, note), remotes = CASE \
             WHEN $6::text IS NULL OR strpos(' ' || remotes || ' ', ' ' || $6 || ' ') > 0 \
             THEN remotes ELSE btrim(remotes || ' ' || $6) END, \
         leased_by = CASE WHEN $7 THEN leased_by END \
         WHERE campaign = $1 AND number = $2"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 7] = [
        &campaign_column(lease.campaign),
        &i64::from(lease.batch),
        &change.state.word(),
        &i64::from(change.never_left),
        &change.note.as_deref().map(clean),
        &change.remote.map(|remote| remote.cast_signed().to_string()),
        &change.state.is_open(),
    ];
    tx.execute(&statement, &columns).await?;
    Ok(())
}

pub(crate) async fn recipients(
    tx: &Transaction<'_>,
    id: CampaignId,
    first: u32,
    count: u32,
) -> Result<Vec<RecipientRow>, Failure> {
    let sql = format!(
        "SELECT {RECIPIENT} FROM messages WHERE campaign = $1 AND idx >= $2 AND idx < $2 + $3 \
         ORDER BY idx"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let (first, count) = (i64::from(first), i64::from(count));
    let found = tx.query(&statement, &[&campaign_column(id), &first, &count]).await?;
    found.iter().map(read_recipient).collect()
}

async fn batch(tx: &Transaction<'_>, lease: Lease) -> Result<BatchRow, Failure> {
    let sql =
        format!("SELECT {} FROM batches WHERE campaign = $1 AND number = $2", batch_columns());
    let statement = tx.prepare_cached(&sql).await?;
    let (id, number) = (campaign_column(lease.campaign), i64::from(lease.batch));
    let found = tx.query_opt(&statement, &[&id, &number]).await?;
    let missing = || StoreError::no_batch(lease.campaign, lease.batch);
    read_batch(&found.ok_or_else(missing)?)
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
