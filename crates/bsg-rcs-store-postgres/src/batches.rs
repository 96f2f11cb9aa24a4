//! Batches: where they stand, and what they come to. Every function runs in a transaction that its
//! caller opens and ends.

use bsg_rcs_domain::{BatchCap, CampaignId};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::columns::{optional_column, read_ids, read_money, read_optional};
use bsg_rcs_store::rows::{BatchGroup, PRUNED_AT_ONCE};
use bsg_rcs_store::{BatchRow, BatchState, BatchSums, Leased, OpenRemote, PlanEnd, Timestamp};
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

use crate::counts;
use crate::failure::Failure;
use crate::rows::{NOW, WITHOUT_END, batch_columns, campaign_column, read_batch, small};

/// Writes the batches of a plan.
pub(crate) async fn plan(
    tx: &Transaction<'_>,
    id: CampaignId,
    cap: u16,
    end: &PlanEnd,
) -> Result<(), Failure> {
    let cap = BatchCap::new(cap).ok_or_else(|| Failure::corrupt("batch cap"))?;
    let mut worst = end.worst.iter();
    let (mut firsts, mut counts, mut worsts) = (Vec::new(), Vec::new(), Vec::new());
    for range in cap.ranges(end.recipients) {
        firsts.push(i64::from(range.start));
        counts.push(i64::from(range.end - range.start));
        worsts.push(optional_column(worst.next()));
    }
    let sql = format!(
        "INSERT INTO batches (campaign, number, first, count, state, changed_at, worst) \
         SELECT $1, place - 1, first, count, $2, now.at, worst \
         FROM unnest($3::bigint[], $4::bigint[], $5::text[]) \
         WITH ORDINALITY AS new (first, count, worst, place), (SELECT {NOW} AS at) AS now"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let (id, state) = (campaign_column(id), BatchState::Planned.word());
    tx.execute(&statement, &[&id, &state, &firsts, &counts, &worsts]).await?;
    Ok(())
}

pub(crate) async fn batches(
    tx: &Transaction<'_>,
    id: CampaignId,
    from_first: u32,
    limit: u32,
) -> Result<Vec<BatchRow>, Failure> {
    let sql = format!(
        "SELECT {} FROM batches WHERE campaign = $1 AND first >= $2 ORDER BY first LIMIT $3",
        batch_columns()
    );
    let statement = tx.prepare_cached(&sql).await?;
    let (from, limit) = (i64::from(from_first), i64::from(limit));
    let found = tx.query(&statement, &[&campaign_column(id), &from, &limit]).await?;
    found.iter().map(read_batch).collect()
}

pub(crate) async fn sums(
    tx: &Transaction<'_>,
    now: Timestamp,
    id: CampaignId,
) -> Result<BatchSums, Failure> {
    let sql = format!(
        "SELECT state, worst, leased_by IS NOT NULL AND leased_until > $2 AND leased_until <= $3 \
         AS is_leased, count(*) AS batches, sum(count)::bigint AS recipients, \
         sum({WITHOUT_END})::bigint AS without_end FROM batches WHERE campaign = $1 \
         GROUP BY 1, 2, 3"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let latest = Leased::until(now, Leased::SPAN_MAX);
    let found = tx.query(&statement, &[&campaign_column(id), &now.0, &latest.0]).await?;
    let mut sums = BatchSums::default();
    for row in &found {
        sums.add(&read_group(row)?)?;
    }
    Ok(sums)
}

fn read_group(row: &Row) -> Result<BatchGroup, Failure> {
    Ok(BatchGroup {
        state: Word::read(row.try_get("state")?)?,
        is_leased: row.try_get("is_leased")?,
        worst: read_optional(row.try_get("worst")?, read_money)?,
        batches: small(row.try_get("batches")?, "sum of batches")?,
        recipients: small(row.try_get("recipients")?, "sum of batches")?,
        without_end: small(row.try_get("without_end")?, "sum of batches")?,
    })
}

pub(crate) async fn open_remotes(
    tx: &Transaction<'_>,
    id: CampaignId,
    after: Option<u32>,
    limit: u32,
) -> Result<Vec<OpenRemote>, Failure> {
    let sql = format!(
        "SELECT number, remotes FROM batches WHERE campaign = $1 AND number > $2 \
         AND remotes <> '' AND {WITHOUT_END} > 0 ORDER BY number LIMIT $3"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let (after, limit) = (after.map_or(-1, i64::from), i64::from(limit));
    let rows = tx.query(&statement, &[&campaign_column(id), &after, &limit]).await?;
    let mut found = Vec::new();
    for row in &rows {
        let batch = small(row.try_get("number")?, "number of a batch")?;
        let remotes = read_ids(row.try_get("remotes")?)?.into_iter();
        found.extend(remotes.map(|remote| OpenRemote { batch, remote }));
    }
    Ok(found)
}

/// Whether any batch of a campaign has work left on it.
pub(crate) async fn has_open(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM batches WHERE campaign = $1 \
        AND state IN ('planned', 'sending', 'unknown'))";
    let statement = tx.prepare_cached(sql).await?;
    Ok(tx.query_one(&statement, &[&campaign_column(id)]).await?.try_get(0)?)
}

/// Whether any batch of a campaign was ever on its way.
pub(crate) async fn any_was_tried(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM batches WHERE campaign = $1 \
        AND (state <> 'planned' OR attempts > 0))";
    let statement = tx.prepare_cached(sql).await?;
    Ok(tx.query_one(&statement, &[&campaign_column(id)]).await?.try_get(0)?)
}

/// Makes held batches unknown, as if they had never been tried.
pub(crate) async fn reopen(tx: &Transaction<'_>, id: CampaignId) -> Result<u64, Failure> {
    let sql = "UPDATE batches SET state = $2, attempts = 0 WHERE campaign = $1 AND state = $3";
    let statement = tx.prepare_cached(sql).await?;
    let (unknown, held) = (BatchState::Unknown.word(), BatchState::Held.word());
    Ok(tx.execute(&statement, &[&campaign_column(id), &unknown, &held]).await?)
}

/// Removes the last batches, whose recipients are in none from then on; whether there were any.
pub(crate) async fn discard_some(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    let sql = "SELECT number FROM batches WHERE campaign = $1 ORDER BY first DESC LIMIT $2";
    let statement = tx.prepare_cached(sql).await?;
    let limit = i64::from(PRUNED_AT_ONCE);
    let found = tx.query(&statement, &[&campaign_column(id), &limit]).await?;
    let numbers: Vec<i64> = found.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    if numbers.is_empty() {
        return Ok(false);
    }
    counts::leave_batches(tx, id, &numbers).await?;
    let sql = "DELETE FROM batches WHERE campaign = $1 AND number = ANY($2)";
    tx.execute(&tx.prepare_cached(sql).await?, &[&campaign_column(id), &numbers]).await?;
    Ok(true)
}
