//! Counts of recipients that stand alike: every transaction appends by how much it changes them;
//! now and then what was appended is folded into the base, in one statement.

use std::collections::BTreeMap;

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::columns::money_column;
use bsg_rcs_store::sql::{CountChanges, TallyFold};
use bsg_rcs_store::{BatchState, TallyRow, Timestamp};
use deadpool_postgres::{Client, Transaction};

use crate::failure::Failure;
use crate::locks::FOLD;
use crate::rows::{campaign_column, clean, count_word, read_standing, word};

/// Appends changed counts; how many rows that were.
pub(crate) async fn write(tx: &Transaction<'_>, changes: &CountChanges) -> Result<usize, Failure> {
    let (mut campaigns, mut batches, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut shown, mut ended, mut sms) = (Vec::new(), Vec::new(), Vec::new());
    let (mut billed, mut counts) = (Vec::new(), Vec::new());
    for (campaign, batch, standing, count) in changes.iter() {
        campaigns.push(campaign_column(campaign));
        batches.push(batch.map_or(-1, i64::from));
        outcomes.push(count_word(standing.outcome));
        shown.push(count_word(standing.shown));
        ended.push(standing.ended);
        sms.push(standing.sms);
        billed.push(money_column(&standing.billed));
        counts.push(count);
    }
    if counts.is_empty() {
        return Ok(0);
    }
    let sql = "INSERT INTO count_changes SELECT * FROM unnest($1::bigint[], $2::bigint[], \
        $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::text[], $8::bigint[])";
    let statement = tx.prepare_cached(sql).await?;
    let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
        [&campaigns, &batches, &outcomes, &shown, &ended, &sms, &billed, &counts];
    tx.execute(&statement, &columns).await?;
    Ok(counts.len())
}

/// Appends words that are unknown.
pub(crate) async fn write_words(
    tx: &Transaction<'_>,
    words: &BTreeMap<(CampaignId, String), i64>,
) -> Result<(), Failure> {
    if words.is_empty() {
        return Ok(());
    }
    let campaigns: Vec<i64> = words.keys().map(|(id, _)| campaign_column(*id)).collect();
    let said: Vec<_> = words.keys().map(|(_, word)| clean(word)).collect();
    let counts: Vec<i64> = words.values().copied().collect();
    let sql = "INSERT INTO unknown_words \
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])";
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(&statement, &[&campaigns, &said, &counts]).await?;
    Ok(())
}

/// Counts recipients of a range of indices anew: they are taken from batch `from` and given to
/// batch `to`; -1 is none, and `None` takes them away.
pub(crate) async fn move_range(
    tx: &Transaction<'_>,
    id: CampaignId,
    range: std::ops::Range<u32>,
    from: i64,
    to: Option<i64>,
) -> Result<(), Failure> {
    let sql = "INSERT INTO count_changes \
        SELECT $1, v.batch, g.outcome, g.shown, g.ended, g.sms, g.billed, v.sign * g.count FROM ( \
            SELECT coalesce(outcome, '') AS outcome, coalesce(shown, '') AS shown, ended, sms, \
                billed, count(*) AS count FROM messages \
            WHERE campaign = $1 AND idx >= $2 AND idx < $3 GROUP BY 1, 2, 3, 4, 5) g \
        CROSS JOIN (SELECT $4::bigint AS batch, -1 AS sign UNION ALL \
            SELECT $5::bigint, 1 WHERE $5 IS NOT NULL) v";
    let statement = tx.prepare_cached(sql).await?;
    let (first, end) = (i64::from(range.start), i64::from(range.end));
    tx.execute(&statement, &[&campaign_column(id), &first, &end, &from, &to]).await?;
    Ok(())
}

/// Counts the recipients of batches that were just written, until then in none.
pub(crate) async fn plan(tx: &Transaction<'_>, id: CampaignId) -> Result<(), Failure> {
    let id = campaign_column(id);
    let sql = "SELECT count(*) > 1 OR coalesce(max(outcome || shown || billed), '') <> '' FROM ( \
        SELECT outcome, shown, ended, sms, billed FROM all_counts WHERE campaign = $1 \
        GROUP BY 1, 2, 3, 4, 5 HAVING sum(count) <> 0) g";
    let is_mixed: bool = tx.query_one(&tx.prepare_cached(sql).await?, &[&id]).await?.try_get(0)?;
    let sql = "INSERT INTO count_changes \
        SELECT campaign, batch, outcome, shown, ended, sms, billed, -sum(count)::bigint \
        FROM all_counts WHERE campaign = $1 GROUP BY 1, 2, 3, 4, 5, 6, 7";
    tx.execute(&tx.prepare_cached(sql).await?, &[&id]).await?;
    let sql = if is_mixed {
        "INSERT INTO count_changes SELECT $1, b.number, coalesce(m.outcome, ''), \
         coalesce(m.shown, ''), m.ended, m.sms, m.billed, count(*) FROM batches b \
         JOIN messages m ON m.campaign = $1 AND m.idx >= b.first AND m.idx < b.first + b.count \
         WHERE b.campaign = $1 GROUP BY 2, 3, 4, 5, 6, 7"
    } else {
        "INSERT INTO count_changes SELECT $1, number, '', '', false, false, '', count \
         FROM batches WHERE campaign = $1"
    };
    tx.execute(&tx.prepare_cached(sql).await?, &[&id]).await?;
    Ok(())
}

/// The recipients of these batches are in none from now on.
pub(crate) async fn leave_batches(
    tx: &Transaction<'_>,
    id: CampaignId,
    batches: &[i64],
) -> Result<(), Failure> {
    let sql = "INSERT INTO count_changes \
        SELECT g.campaign, CASE v.sign WHEN 1 THEN -1 ELSE g.batch END, g.outcome, g.shown, \
            g.ended, g.sms, g.billed, v.sign * g.count FROM ( \
            SELECT campaign, batch, outcome, shown, ended, sms, billed, sum(count)::bigint AS count \
            FROM all_counts WHERE campaign = $1 AND batch = ANY($2) \
            GROUP BY 1, 2, 3, 4, 5, 6, 7) g CROSS JOIN (VALUES (1), (-1)) v (sign)";
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(&statement, &[&campaign_column(id), &batches]).await?;
    Ok(())
}

pub(crate) async fn tally(
    tx: &Transaction<'_>,
    id: CampaignId,
    accepted_by: Timestamp,
) -> Result<Vec<TallyRow>, Failure> {
    // One statement: what is folded meanwhile is seen before or after, never both or neither.
    let sql = "SELECT c.outcome, c.shown, c.ended, c.sms, c.billed, b.state, \
        coalesce(b.state = $3 AND b.changed_at <= $2, false) AS is_overdue, \
        sum(c.count)::bigint AS count FROM all_counts c \
        LEFT JOIN batches b ON b.campaign = c.campaign AND b.number = c.batch \
        WHERE c.campaign = $1 GROUP BY 1, 2, 3, 4, 5, 6, 7";
    let statement = tx.prepare_cached(sql).await?;
    let accepted = BatchState::Accepted.word();
    let found = tx.query(&statement, &[&campaign_column(id), &accepted_by.0, &accepted]).await?;
    let mut fold = TallyFold::default();
    for row in &found {
        let batch = word(row.try_get("state")?)?;
        fold.add(read_standing(row)?, batch, row.try_get("is_overdue")?, row.try_get("count")?);
    }
    Ok(fold.rows()?)
}

/// Folds what was appended into the base, unless another is at it. One statement, one round trip.
pub(crate) async fn fold(client: &Client) -> Result<(), Failure> {
    let counts = format!(
        "WITH mine AS MATERIALIZED (SELECT pg_try_advisory_xact_lock({FOLD}) AS is_mine), \
         gone AS (DELETE FROM count_changes WHERE (SELECT is_mine FROM mine) RETURNING *) \
         INSERT INTO counts SELECT campaign, batch, outcome, shown, ended, sms, billed, \
             sum(count)::bigint FROM gone GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2 \
         ON CONFLICT (campaign, batch, outcome, shown, ended, sms, billed) \
         DO UPDATE SET count = counts.count + excluded.count"
    );
    client.execute(&counts, &[]).await?;
    let words = format!(
        "WITH mine AS MATERIALIZED (SELECT pg_try_advisory_xact_lock({FOLD}) AS is_mine), \
         gone AS (DELETE FROM unknown_words WHERE (SELECT is_mine FROM mine) AND campaign IN \
             (SELECT campaign FROM unknown_words GROUP BY campaign HAVING count(*) > 100) \
             RETURNING *) \
         INSERT INTO unknown_words SELECT campaign, word, sum(reports)::bigint FROM gone \
         GROUP BY 1, 2"
    );
    client.execute(&words, &[]).await?;
    Ok(())
}
