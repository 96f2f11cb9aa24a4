//! The log of changes, and what is removed for good: old bodies, old changes, numbers.

use bsg_rcs_store::rows::PRUNED_AT_ONCE;
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{BatchState, Change, Changed, Forget, Outcome, Timestamp};
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

use crate::batches::now;
use crate::callbacks::Pair;
use crate::failure::Failure;
use crate::rows::{campaign_column, campaign_id, small};

/// Who writes to the log holds this lock until the commit: `CHNG`.
const LOCK: i64 = 0x4348_4e47;

/// Logs changes. It is the last that a transaction does: the lock orders the commits, and whoever
/// holds it waits for nobody.
pub(crate) async fn log(tx: &Transaction<'_>, changed: &[(Pair, Changed)]) -> Result<(), Failure> {
    if changed.is_empty() {
        return Ok(());
    }
    let lock = tx.prepare_cached("SELECT pg_advisory_xact_lock($1)").await?;
    tx.execute(&lock, &[&LOCK]).await?;
    let at = now(tx).await?.0;
    let campaigns: Vec<i64> = changed.iter().map(|((id, _), _)| campaign_column(*id)).collect();
    let indices: Vec<i64> = changed.iter().map(|((_, index), _)| i64::from(*index)).collect();
    let (shown, ended): (Vec<&str>, Vec<bool>) = changed
        .iter()
        .map(|(_, what)| match what {
            Changed::Reported { shown, ended } => (shown.word(), *ended),
            Changed::Clicked => ("", false),
        })
        .unzip();
    let sql = "INSERT INTO changes (at, campaign, idx, shown, ended) \
        SELECT $1, campaign, idx, shown, ended \
        FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::boolean[]) \
        WITH ORDINALITY AS new (campaign, idx, shown, ended, place) ORDER BY place";
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(&statement, &[&at, &campaigns, &indices, &shown, &ended]).await?;
    Ok(())
}

pub(crate) async fn changes(
    tx: &Transaction<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<Change>, Failure> {
    let sql = "SELECT cursor, at, campaign, idx, shown, ended FROM changes WHERE cursor > $1 \
        ORDER BY cursor LIMIT $2";
    let statement = tx.prepare_cached(sql).await?;
    let found = tx.query(&statement, &[&after.cast_signed(), &i64::from(limit)]).await?;
    found.iter().map(read_change).collect()
}

fn read_change(row: &Row) -> Result<Change, Failure> {
    let what = match row.try_get("shown")? {
        "" => Changed::Clicked,
        word => Changed::Reported { shown: Word::read(word)?, ended: row.try_get("ended")? },
    };
    Ok(Change {
        cursor: row.try_get::<_, i64>("cursor")?.cast_unsigned(),
        at: Timestamp(row.try_get("at")?),
        campaign: campaign_id(row.try_get("campaign")?),
        index: small(row.try_get("idx")?, "index of a recipient")?,
        what,
    })
}

/// Removes the oldest bodies and changes, so many at once; whether there may be more.
pub(crate) async fn prune(tx: &Transaction<'_>, before: Timestamp) -> Result<(u64, bool), Failure> {
    let oldest = |table: &str, key: &str, at: &str| {
        format!(
            "DELETE FROM {table} WHERE {at} < $1 AND {key} IN \
             (SELECT {key} FROM {table} ORDER BY {key} LIMIT $2)"
        )
    };
    let most = i64::from(PRUNED_AT_ONCE);
    let bodies = oldest("callbacks", "id", "received_at");
    let bodies = tx.execute(&bodies, &[&before.0, &most]).await?;
    let changes = oldest("changes", "cursor", "at");
    let changes = tx.execute(&changes, &[&before.0, &most]).await?;
    let full = u64::from(PRUNED_AT_ONCE);
    Ok((bodies + changes, bodies == full || changes == full))
}

pub(crate) async fn forget(tx: &Transaction<'_>, whom: Forget) -> Result<u64, Failure> {
    let (condition, value) = match whom {
        Forget::Number(number) => ("number = $1", number.as_u64().cast_signed()),
        Forget::Campaign(id) => ("campaign = $1 AND number <> 0", campaign_column(id)),
    };
    // Locked in the order of the keys, as by everybody.
    let lock = format!(
        "SELECT campaign FROM messages WHERE {condition} ORDER BY campaign, idx FOR NO KEY UPDATE"
    );
    tx.execute(&lock, &[&value]).await?;
    // Bodies first: they are found by the recipients that are about to be forgotten.
    let bodies = format!(
        "DELETE FROM callbacks WHERE (campaign, idx) IN \
         (SELECT campaign, idx FROM messages WHERE {condition})"
    );
    tx.execute(&bodies, &[&value]).await?;
    if let Forget::Number(number) = whom {
        let digits = number.as_u64().to_string();
        let sql = "DELETE FROM callbacks WHERE position($1 IN body) > 0";
        tx.execute(sql, &[&digits.as_bytes()]).await?;
    }
    match whom {
        Forget::Number(number) => {
            let sql = "UPDATE batches SET note = replace(note, $1, '(forgotten)') \
                WHERE strpos(note, $1) > 0";
            tx.execute(sql, &[&number.as_u64().to_string()]).await?
        }
        Forget::Campaign(id) => {
            let sql = "UPDATE batches SET note = NULL WHERE campaign = $1";
            tx.execute(sql, &[&campaign_column(id)]).await?
        }
    };
    let sql = format!(
        "UPDATE messages m SET number = 0, label = NULL, reference = NULL, note = NULL, outcome = CASE \
             WHEN m.outcome IS NOT NULL OR m.shown IS NOT NULL THEN m.outcome \
             ELSE (SELECT CASE WHEN b.state IS NULL OR b.state = $2 THEN $3 \
                 WHEN b.state IN ($4, $5, $7) THEN $6 END \
                 FROM campaigns c LEFT JOIN batches b \
                 ON b.campaign = c.id AND b.number = m.idx / c.batch_cap \
                 WHERE c.id = m.campaign) END \
         WHERE {condition}"
    );
    Ok(tx
        .execute(
            &sql,
            &[
                &value,
                &BatchState::Planned.word(),
                &Outcome::Rejected.word(),
                &BatchState::Sending.word(),
                &BatchState::Unknown.word(),
                &Outcome::Undetermined.word(),
                &BatchState::Held.word(),
            ],
        )
        .await?)
}
