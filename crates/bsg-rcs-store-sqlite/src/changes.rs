//! The log of changes, and what is removed for good: old bodies, old changes, numbers.

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::rows::PRUNED_AT_ONCE;
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{BatchState, Change, Changed, Forget, Outcome, StoreError, Timestamp};
use rusqlite::{CachedStatement, Connection, Row, Transaction, params};

use crate::batches::now;
use crate::failure::{Failure, backend};
use crate::rows::{campaign_column, campaign_id};

/// The log as one transaction goes on with it. One writes at a time, so its order is that of the
/// commits. (AUTOINCREMENT would look up and write its counter for every single change.)
pub(crate) struct Log<'tx> {
    insert: CachedStatement<'tx>,
    at: Timestamp,
    last: i64,
}

impl<'tx> Log<'tx> {
    pub(crate) fn begin(tx: &'tx Transaction<'_>) -> Result<Self, Failure> {
        // What is removed from the log counts too: no cursor is given twice.
        let sql = "SELECT max(coalesce((SELECT max(cursor) FROM changes), 0), \
            coalesce((SELECT max(cursor) FROM removed), 0))";
        let last = tx.prepare_cached(sql)?.query_one([], |row| row.get(0))?;
        let insert = tx.prepare_cached("INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        Ok(Self { insert, at: now(tx)?, last })
    }

    pub(crate) fn add(
        &mut self,
        campaign: CampaignId,
        index: u32,
        what: Changed,
    ) -> Result<(), Failure> {
        let (shown, ended) = match what {
            Changed::Reported { shown, ended } => (shown.word(), ended),
            Changed::Clicked => ("", false),
        };
        self.last += 1;
        let columns = params![self.last, self.at.0, campaign_column(campaign), index, shown, ended];
        self.insert.execute(columns)?;
        Ok(())
    }
}

pub(crate) fn changes(
    tx: &Transaction<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<Change>, Failure> {
    let sql = "SELECT cursor, at, campaign, idx, shown, ended FROM changes WHERE cursor > ?1 \
        ORDER BY cursor LIMIT ?2";
    let behind = params![after.cast_signed(), limit];
    tx.prepare_cached(sql)?.query_and_then(behind, read_change)?.collect()
}

fn read_change(row: &Row<'_>) -> Result<Change, Failure> {
    let shown: String = row.get(4)?;
    let what = match shown.as_str() {
        "" => Changed::Clicked,
        word => Changed::Reported { shown: Word::read(word)?, ended: row.get(5)? },
    };
    Ok(Change {
        cursor: row.get::<_, i64>(0)?.cast_unsigned(),
        at: Timestamp(row.get(1)?),
        campaign: campaign_id(row.get(2)?),
        index: row.get(3)?,
        what,
    })
}

/// Removes the oldest bodies and changes, so many at once; whether there may be more.
pub(crate) fn prune(tx: &Transaction<'_>, before: Timestamp) -> Result<(u64, bool), Failure> {
    let last = "SELECT max(cursor) FROM changes";
    if let Some(last) = tx.query_one(last, [], |row| row.get::<_, Option<i64>>(0))? {
        tx.execute("DELETE FROM removed", [])?;
        tx.execute("INSERT INTO removed VALUES (?1)", [last])?;
    }
    let oldest = |table: &str, key: &str, at: &str| {
        format!(
            "DELETE FROM {table} WHERE {at} < ?1 AND {key} IN \
             (SELECT {key} FROM {table} ORDER BY {key} LIMIT ?2)"
        )
    };
    let bodies = oldest("callbacks", "id", "received_at");
    let bodies = tx.execute(&bodies, params![before.0, PRUNED_AT_ONCE])?;
    let changes = oldest("changes", "cursor", "at");
    let changes = tx.execute(&changes, params![before.0, PRUNED_AT_ONCE])?;
    let full = usize::try_from(PRUNED_AT_ONCE).unwrap_or(usize::MAX);
    let removed = u64::try_from(bodies + changes).unwrap_or(u64::MAX);
    Ok((removed, bodies == full || changes == full))
}

pub(crate) fn forget(tx: &Transaction<'_>, whom: Forget) -> Result<u64, Failure> {
    // Bodies first: they are found by the recipients that are about to be forgotten.
    let (condition, value) = match whom {
        Forget::Number(number) => ("number = ?1", number.as_u64().cast_signed()),
        Forget::Campaign(id) => ("campaign = ?1 AND number <> 0", campaign_column(id)),
    };
    tx.execute(
        &format!(
            "DELETE FROM callbacks WHERE (campaign, idx) IN \
             (SELECT campaign, idx FROM messages WHERE {condition})"
        ),
        [value],
    )?;
    if let Forget::Number(number) = whom {
        let sql = "DELETE FROM callbacks WHERE instr(body, CAST(?1 AS BLOB)) > 0";
        tx.execute(sql, [number.as_u64().to_string()])?;
    }
    match whom {
        Forget::Number(number) => {
            let sql = "UPDATE batches SET note = replace(note, ?1, '(forgotten)') \
                WHERE instr(note, ?1) > 0";
            tx.execute(sql, [number.as_u64().to_string()])?
        }
        Forget::Campaign(id) => {
            let sql = "UPDATE batches SET note = NULL WHERE campaign = ?1";
            tx.execute(sql, [campaign_column(id)])?
        }
    };
    let sql = format!(
        "UPDATE messages SET number = 0, label = NULL, reference = NULL, note = NULL, outcome = CASE \
             WHEN outcome IS NOT NULL OR shown IS NOT NULL THEN outcome \
             ELSE coalesce((SELECT CASE WHEN b.state = ?2 THEN ?3 WHEN b.state IN (?4, ?5, ?7) THEN ?6 \
                 END FROM batches b JOIN campaigns c ON c.id = b.campaign \
                 WHERE b.campaign = messages.campaign AND b.number = messages.idx / c.batch_cap), \
                 CASE WHEN EXISTS (SELECT 1 FROM batches b WHERE b.campaign = messages.campaign) \
                 THEN NULL ELSE ?3 END) END \
         WHERE {condition}"
    );
    let forgotten = tx.execute(
        &sql,
        params![
            value,
            BatchState::Planned.word(),
            Outcome::Rejected.word(),
            BatchState::Sending.word(),
            BatchState::Unknown.word(),
            Outcome::Undetermined.word(),
            BatchState::Held.word(),
        ],
    )?;
    Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
}

/// Carries the log over into the file and empties it, so that it holds nothing that was removed.
pub(crate) fn scrub(connection: &Connection) -> Result<(), StoreError> {
    const DOING: &str = "clearing the log";
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    match busy {
        Ok(0) => Ok(()),
        Ok(_) => {
            let why = "another process reads the store: what was forgotten is still in its log; \
                once that is through, forget again";
            Err(backend(DOING, why))
        }
        Err(error) => Err(backend(DOING, error)),
    }
}
