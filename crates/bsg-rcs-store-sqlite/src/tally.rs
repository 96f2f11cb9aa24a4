//! Counting a campaign: SQLite groups what stands alike in its columns, and the rules that make
//! several such groups one row of the tally stay in Rust, where the other stores have them too.

use std::collections::HashMap;

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::columns::read_money_column;
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{BatchState, Outcome, TallyRow, Timestamp};
use rusqlite::{Row, Transaction, params};

use crate::failure::Failure;
use crate::rows::{campaign_column, word};

pub(crate) fn tally(
    tx: &Transaction<'_>,
    id: CampaignId,
    accepted_by: Timestamp,
) -> Result<Vec<TallyRow>, Failure> {
    // While a campaign is being prepared its recipients have no batch yet.
    let sql = "SELECT m.outcome, m.shown, m.ended, m.sms, m.billed, b.state, \
        coalesce(b.state = ?3 AND b.changed_at <= ?2, 0), count(*) \
        FROM campaigns c JOIN messages m ON m.campaign = c.id \
        LEFT JOIN batches b ON b.campaign = c.id AND b.number = m.idx / c.batch_cap \
        WHERE c.id = ?1 GROUP BY 1, 2, 3, 4, 5, 6, 7";
    let of = params![campaign_column(id), accepted_by.0, BatchState::Accepted.word()];
    let mut counts: HashMap<TallyRow, u64> = HashMap::new();
    for group in tx.prepare_cached(sql)?.query_and_then(of, read_group)? {
        let group = group?;
        *counts.entry(TallyRow { count: 0, ..group.clone() }).or_default() += group.count;
    }
    Ok(counts.into_iter().map(|(row, count)| TallyRow { count, ..row }).collect())
}

fn read_group(row: &Row<'_>) -> Result<TallyRow, Failure> {
    let shown = word(row.get(1)?)?;
    Ok(TallyRow {
        outcome: Outcome::of(word(row.get(0)?)?, shown.is_some(), word(row.get(5)?)?),
        shown,
        ended: row.get(2)?,
        sms: row.get(3)?,
        billed: read_money_column(&row.get::<_, String>(4)?)?,
        overdue: row.get(6)?,
        count: row.get::<_, i64>(7)?.cast_unsigned(),
    })
}
