//! Counts of recipients that stand alike: changed in the transaction that changes the recipients,
//! and added up without looking at those.

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::columns::money_column;
use bsg_rcs_store::sql::{CountChanges, TallyFold};
use bsg_rcs_store::{BatchState, TallyRow, Timestamp};
use rusqlite::{Row, Transaction, params};

use crate::failure::Failure;
use crate::rows::{batch_column, campaign_column, count_word, read_standing, word};

/// Writes changed counts.
pub(crate) fn write(tx: &Transaction<'_>, changes: &CountChanges) -> Result<(), Failure> {
    let sql = "INSERT INTO counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
        ON CONFLICT DO UPDATE SET count = count + excluded.count";
    let mut upsert = tx.prepare_cached(sql)?;
    for (campaign, batch, standing, count) in changes.iter() {
        upsert.execute(params![
            campaign_column(campaign),
            batch_column(batch),
            count_word(standing.outcome),
            count_word(standing.shown),
            standing.ended,
            standing.sms,
            money_column(&standing.billed),
            count,
        ])?;
    }
    Ok(())
}

/// Counts recipients of a range of indices anew, each taken from `batch` and given to `to`, or to
/// no batch at all if that is `None`.
pub(crate) fn moved(
    tx: &Transaction<'_>,
    id: CampaignId,
    range: std::ops::Range<u32>,
    from: Option<u32>,
    to: Option<u32>,
) -> Result<CountChanges, Failure> {
    let mut changes = CountChanges::default();
    let sql = "SELECT outcome, shown, ended, sms, billed, count(*) AS count FROM messages \
        WHERE campaign = ?1 AND idx >= ?2 AND idx < ?3 GROUP BY 1, 2, 3, 4, 5";
    let mut statement = tx.prepare_cached(sql)?;
    let of = params![campaign_column(id), range.start, range.end];
    let read = |row: &Row<'_>| -> Result<_, Failure> { Ok((read_standing(row)?, row.get(5)?)) };
    for group in statement.query_and_then(of, read)? {
        let (standing, count): (_, i64) = group?;
        changes.add(id, from, standing.clone(), -count);
        if to.is_some() {
            changes.add(id, to, standing, count);
        }
    }
    Ok(changes)
}

/// Counts the recipients of batches that were just written, until then in none.
pub(crate) fn plan(tx: &Transaction<'_>, id: CampaignId) -> Result<(), Failure> {
    let sql = "SELECT count(*) > 1 OR max(outcome || shown || billed) <> '' FROM counts \
        WHERE campaign = ?1 AND count <> 0";
    let of = [campaign_column(id)];
    let is_mixed: Option<bool> = tx.prepare_cached(sql)?.query_one(of, |row| row.get(0))?;
    tx.prepare_cached("DELETE FROM counts WHERE campaign = ?1")?.execute(of)?;
    let sql = if is_mixed == Some(true) {
        "INSERT INTO counts SELECT ?1, b.number, coalesce(m.outcome, ''), coalesce(m.shown, ''), \
         m.ended, m.sms, m.billed, count(*) FROM batches b JOIN messages m \
         ON m.campaign = ?1 AND m.idx >= b.first AND m.idx < b.first + b.count \
         WHERE b.campaign = ?1 GROUP BY 2, 3, 4, 5, 6, 7"
    } else {
        "INSERT INTO counts SELECT ?1, number, '', '', 0, 0, '', count FROM batches \
         WHERE campaign = ?1"
    };
    tx.prepare_cached(sql)?.execute(of)?;
    Ok(())
}

pub(crate) fn tally(
    tx: &Transaction<'_>,
    id: CampaignId,
    accepted_by: Timestamp,
) -> Result<Vec<TallyRow>, Failure> {
    // Groups of text are cheaper to make than rows of ours.
    let sql = "SELECT c.outcome, c.shown, c.ended, c.sms, c.billed, b.state, \
        coalesce(b.state = ?3 AND b.changed_at <= ?2, 0) AS is_overdue, sum(c.count) AS count \
        FROM counts c LEFT JOIN batches b ON b.campaign = c.campaign AND b.number = c.batch \
        WHERE c.campaign = ?1 GROUP BY 1, 2, 3, 4, 5, 6, 7";
    use bsg_rcs_store::column_enums::Word;
    let of = params![campaign_column(id), accepted_by.0, BatchState::Accepted.word()];
    let mut fold = TallyFold::default();
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query(of)?;
    while let Some(row) = rows.next()? {
        let batch = word(row.get("state")?)?;
        fold.add(read_standing(row)?, batch, row.get("is_overdue")?, row.get("count")?);
    }
    Ok(fold.rows()?)
}
