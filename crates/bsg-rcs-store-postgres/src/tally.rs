//! Counting a campaign: the database groups what stands alike in its columns, and the rules that
//! make several such groups one row of the tally stay in Rust, where the other stores have them too.

use std::collections::HashMap;

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::columns::read_money_column;
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{BatchState, Outcome, TallyRow, Timestamp};
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::rows::{campaign_column, word};

pub(crate) async fn tally(
    tx: &Transaction<'_>,
    id: CampaignId,
    accepted_by: Timestamp,
) -> Result<Vec<TallyRow>, Failure> {
    // While a campaign is being prepared its recipients have no batch yet.
    let sql = "SELECT m.outcome, m.shown, m.ended, m.sms, m.billed, b.state, \
        coalesce(b.state = $3 AND b.changed_at <= $2, false), count(*) \
        FROM campaigns c JOIN messages m ON m.campaign = c.id \
        LEFT JOIN batches b ON b.campaign = c.id AND b.number = m.idx / c.batch_cap \
        WHERE c.id = $1 GROUP BY 1, 2, 3, 4, 5, 6, 7";
    let statement = tx.prepare_cached(sql).await?;
    let accepted = BatchState::Accepted.word();
    let found = tx.query(&statement, &[&campaign_column(id), &accepted_by.0, &accepted]).await?;
    let mut counts: HashMap<TallyRow, u64> = HashMap::new();
    for row in &found {
        let group = read_group(row)?;
        *counts.entry(TallyRow { count: 0, ..group.clone() }).or_default() += group.count;
    }
    Ok(counts.into_iter().map(|(row, count)| TallyRow { count, ..row }).collect())
}

fn read_group(row: &Row) -> Result<TallyRow, Failure> {
    let shown = word(row.try_get(1)?)?;
    Ok(TallyRow {
        outcome: Outcome::of(word(row.try_get(0)?)?, shown.is_some(), word(row.try_get(5)?)?),
        shown,
        ended: row.try_get(2)?,
        sms: row.try_get(3)?,
        billed: read_money_column(row.try_get(4)?)?,
        overdue: row.try_get(6)?,
        count: row.try_get::<_, i64>(7)?.cast_unsigned(),
    })
}
