//! The log of changes. Transactions append to it without waiting for one another; changes are given
//! their cursors when the log is read, those that are committed by then, under a lock that the
//! server takes and frees in one statement batch. So what is committed later stands behind
//! everything that was ever answered.

use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::rows::PRUNED_AT_ONCE;
use bsg_rcs_store::sql::RecipientKey;
use bsg_rcs_store::{Change, Changed, StoreError, Timestamp};
use deadpool_postgres::{Client, Transaction};
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::locks::LOG;
use crate::rows::{NOW, campaign_column, campaign_id, cursor_column, small};

/// Changes that are given cursors in one statement.
const SEALED_AT_ONCE: u32 = 10_000;

/// Logs changes.
pub(crate) async fn log(
    tx: &Transaction<'_>,
    changed: &[(RecipientKey, Changed)],
) -> Result<(), Failure> {
    if changed.is_empty() {
        return Ok(());
    }
    let campaigns: Vec<i64> = changed.iter().map(|((id, _), _)| campaign_column(*id)).collect();
    let indices: Vec<i64> = changed.iter().map(|((_, index), _)| i64::from(*index)).collect();
    let (shown, ended): (Vec<&str>, Vec<bool>) = changed
        .iter()
        .map(|(_, what)| match what {
            Changed::Reported { shown, ended } => (shown.word(), *ended),
            Changed::Clicked => ("", false),
        })
        .unzip();
    let sql = format!(
        "INSERT INTO fresh_changes (at, campaign, idx, shown, ended) \
         SELECT now.at, campaign, idx, shown, ended \
         FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::boolean[]) \
         WITH ORDINALITY AS new (campaign, idx, shown, ended, place), (SELECT {NOW} AS at) AS now \
         ORDER BY place"
    );
    let statement = tx.prepare_cached(&sql).await?;
    tx.execute(&statement, &[&campaigns, &indices, &shown, &ended]).await?;
    Ok(())
}

/// Gives cursors to the changes that are committed and have none. One round trip: the lock is not
/// held while the server waits for us.
pub(crate) async fn seal(client: &Client) -> Result<(), Failure> {
    let any = "SELECT EXISTS (SELECT 1 FROM fresh_changes)";
    let seal = format!(
        "SELECT pg_advisory_xact_lock({LOG}); \
         WITH sealed AS (DELETE FROM fresh_changes WHERE seq <= (SELECT max(seq) FROM \
             (SELECT seq FROM fresh_changes ORDER BY seq LIMIT {SEALED_AT_ONCE}) first) \
             RETURNING *) \
         INSERT INTO changes (at, campaign, idx, shown, ended) \
         SELECT at, campaign, idx, shown, ended FROM sealed ORDER BY seq"
    );
    // What comes in meanwhile is left to the next: a log that grows for ever is read all the same.
    for _ in 0..100 {
        let statement = client.prepare_cached(any).await?;
        if !client.query_one(&statement, &[]).await?.try_get::<_, bool>(0)? {
            break;
        }
        client.batch_execute(&seal).await?;
    }
    Ok(())
}

pub(crate) async fn changes(
    tx: &Transaction<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<Change>, Failure> {
    let Some(after) = cursor_column(after) else { return Ok(Vec::new()) };
    // One statement: what is removed meanwhile is seen before or after, never in between.
    let sql = "SELECT pruned.cursor AS pruned, page.* FROM \
            (SELECT coalesce(max(cursor), 0) AS cursor FROM pruned) AS pruned \
        LEFT JOIN (SELECT cursor, at, campaign, idx, shown, ended FROM changes \
            WHERE cursor > $1 ORDER BY cursor LIMIT $2) AS page ON true ORDER BY page.cursor";
    let statement = tx.prepare_cached(sql).await?;
    let found = tx.query(&statement, &[&after, &i64::from(limit)]).await?;
    let mut changes = Vec::with_capacity(found.len());
    for row in &found {
        let pruned: i64 = row.try_get("pruned")?;
        if after < pruned {
            return Err(StoreError::Pruned { first: pruned.cast_unsigned() + 1 }.into());
        }
        if row.try_get::<_, Option<i64>>("cursor")?.is_some() {
            changes.push(read_change(row)?);
        }
    }
    Ok(changes)
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

/// Removes old bodies and the oldest changes, so many at once; whether there may be more.
pub(crate) async fn prune(tx: &Transaction<'_>, before: Timestamp) -> Result<(u64, bool), Failure> {
    let most = i64::from(PRUNED_AT_ONCE);
    let sql = "DELETE FROM callbacks WHERE id IN \
        (SELECT id FROM callbacks WHERE received_at < $1 ORDER BY id LIMIT $2 FOR UPDATE)";
    let bodies = tx.execute(&tx.prepare_cached(sql).await?, &[&before.0, &most]).await?;
    let changes = prune_changes(tx, before).await?;
    Ok((bodies + changes, bodies + changes > 0))
}

/// Removes the oldest changes up to the last old one of the first few thousand: what was logged
/// before an old change is old, no matter what the clock said.
async fn prune_changes(tx: &Transaction<'_>, before: Timestamp) -> Result<u64, Failure> {
    let sql = "SELECT max(cursor) FROM (SELECT cursor, at FROM changes ORDER BY cursor LIMIT $2) w \
        WHERE at < $1";
    let statement = tx.prepare_cached(sql).await?;
    let window = tx.query_one(&statement, &[&before.0, &i64::from(PRUNED_AT_ONCE)]).await?;
    let Some(last) = window.try_get::<_, Option<i64>>(0)? else { return Ok(0) };
    let sql = "INSERT INTO pruned VALUES (0, $1) \
        ON CONFLICT (id) DO UPDATE SET cursor = greatest(pruned.cursor, excluded.cursor)";
    tx.execute(&tx.prepare_cached(sql).await?, &[&last]).await?;
    let sql = "DELETE FROM changes WHERE cursor <= $1";
    Ok(tx.execute(&tx.prepare_cached(sql).await?, &[&last]).await?)
}
