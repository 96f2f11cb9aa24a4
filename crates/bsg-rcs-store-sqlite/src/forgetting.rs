//! Numbers are removed for good, a few thousand rows in a transaction: bodies that hold them, the
//! numbers of recipients, notes.

use std::collections::BTreeSet;
use std::ops::Bound;

use bsg_rcs_domain::{CampaignId, Msisdn};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::sql::{CountChanges, RecipientKey, Standing};
use bsg_rcs_store::view::FORGOTTEN;
use bsg_rcs_store::{Forget, Outcome, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::batches::batch_of;
use crate::body_numbers::{last_body, note_last_body};
use crate::counts;
use crate::failure::{Failure, backend};
use crate::rows::{campaign_column, campaign_id};

/// Recipients that are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u32 = 1000;

/// Bodies that are looked through in one transaction.
const LOOKED_THROUGH: i64 = 10_000;

/// The recipients that have a number, found by looking at all of them: a reader's work, which
/// nothing waits for. Those of a campaign are too many to be named.
pub(crate) fn owners(
    tx: &Transaction<'_>,
    numbers: Forget,
) -> Result<BTreeSet<RecipientKey>, Failure> {
    let Forget::Number(number) = numbers else { return Ok(BTreeSet::new()) };
    let sql = "SELECT campaign, idx FROM messages WHERE number = ?1";
    let read =
        |row: &Row<'_>| -> Result<_, Failure> { Ok((campaign_id(row.get(0)?), row.get(1)?)) };
    tx.prepare_cached(sql)?.query_and_then([number_column(number)], read)?.collect()
}

fn number_column(number: Msisdn) -> i64 {
    number.as_u64().cast_signed()
}

/// Removes bodies of these recipients, or with these digits, of the next few behind `after`; the
/// last that was looked at, or `None` when all were.
pub(crate) fn forget_bodies(
    tx: &Transaction<'_>,
    numbers: Forget,
    owners: &BTreeSet<RecipientKey>,
    after: i64,
) -> Result<Option<i64>, Failure> {
    let first = "SELECT min(id) FROM callbacks WHERE id > ?1";
    let first: Option<i64> = tx.prepare_cached(first)?.query_one([after], |row| row.get(0))?;
    let Some(first) = first else { return Ok(None) };
    let last = first.saturating_add(LOOKED_THROUGH).min(last_body(tx)?);
    let (digits, campaign) = match numbers {
        Forget::Number(number) => (Some(number.as_u64().to_string()), None),
        Forget::Campaign(id) => (None, Some(id)),
    };
    let sql = "SELECT id, campaign, idx, coalesce(instr(body, CAST(?3 AS BLOB)), 0) > 0 \
        FROM callbacks WHERE id >= ?1 AND id <= ?2";
    let mut statement = tx.prepare_cached(sql)?;
    let mut found = Vec::new();
    let mut rows = statement.query(params![first, last, digits])?;
    while let Some(row) = rows.next()? {
        let of = row.get::<_, Option<i64>>(1)?.map(campaign_id);
        let key = of.zip(row.get::<_, Option<u32>>(2)?);
        let is_meant = row.get::<_, bool>(3)?
            || key.is_some_and(|key| owners.contains(&key) || campaign == Some(key.0));
        if is_meant {
            found.push(row.get::<_, i64>(0)?);
        }
    }
    if !found.is_empty() {
        note_last_body(tx)?;
    }
    let mut delete = tx.prepare_cached("DELETE FROM callbacks WHERE id = ?1")?;
    for id in found {
        delete.execute([id])?;
    }
    Ok(Some(last))
}

/// Forgets the recipients that stand behind `after` in the order of their keys, the next few of
/// them; how many there were, and behind which one to go on.
pub(crate) fn forget_some(
    tx: &Transaction<'_>,
    numbers: Forget,
    owners: &BTreeSet<RecipientKey>,
    after: Option<RecipientKey>,
) -> Result<(u64, Option<RecipientKey>), Failure> {
    let next = match numbers {
        Forget::Number(_) => next_of(owners, after),
        Forget::Campaign(id) => next_in(tx, id, after)?,
    };
    let select = "SELECT outcome IS NULL AND shown IS NULL FROM messages \
        WHERE campaign = ?1 AND idx = ?2 AND number <> 0";
    let update = "UPDATE messages SET number = 0, label = NULL, reference = NULL, note = NULL, \
        outcome = coalesce(?3, outcome) WHERE campaign = ?1 AND idx = ?2";
    let mut select = tx.prepare_cached(select)?;
    let mut update = tx.prepare_cached(update)?;
    let (mut changes, mut count) = (CountChanges::default(), 0);
    for (campaign, index) in &next {
        let id = campaign_column(*campaign);
        let is_unknown = select.query_one(params![id, index], |row| row.get(0)).optional()?;
        let Some(is_unknown) = is_unknown else { continue };
        let batch = batch_of(tx, *campaign, *index)?;
        let outcome = Outcome::of_forgotten(batch.map(|(_, state)| state));
        let outcome = outcome.filter(|_| is_unknown);
        update.execute(params![id, index, outcome.map(Word::word)])?;
        count += 1;
        if is_unknown {
            let after = Standing { outcome, ..Standing::default() };
            changes.change(*campaign, batch.map(|(number, _)| number), Standing::default(), after);
        }
    }
    counts::write(tx, &changes)?;
    Ok((count, next.last().copied()))
}

fn next_of(owners: &BTreeSet<RecipientKey>, after: Option<RecipientKey>) -> Vec<RecipientKey> {
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    let behind = owners.range((from, Bound::Unbounded));
    behind.take(usize::try_from(FORGOTTEN_AT_ONCE).unwrap_or(usize::MAX)).copied().collect()
}

fn next_in(
    tx: &Transaction<'_>,
    id: CampaignId,
    after: Option<RecipientKey>,
) -> Result<Vec<RecipientKey>, Failure> {
    let sql = "SELECT idx FROM messages WHERE campaign = ?1 AND idx > ?2 AND number <> 0 \
        ORDER BY idx LIMIT ?3";
    let after = after.map_or(-1, |(_, index)| i64::from(index));
    let read = |row: &Row<'_>| -> Result<_, Failure> { Ok((id, row.get(0)?)) };
    let of = params![campaign_column(id), after, FORGOTTEN_AT_ONCE];
    tx.prepare_cached(sql)?.query_and_then(of, read)?.collect()
}

/// The last step of forgetting: the notes that hold the number, and bodies behind `after`, which
/// came in meanwhile.
pub(crate) fn forget_rest(
    tx: &Transaction<'_>,
    numbers: Forget,
    owners: &BTreeSet<RecipientKey>,
    after: i64,
) -> Result<(), Failure> {
    forget_notes(tx, numbers)?;
    let mut after = after;
    while let Some(last) = forget_bodies(tx, numbers, owners, after)? {
        after = last;
    }
    Ok(())
}

fn forget_notes(tx: &Transaction<'_>, numbers: Forget) -> Result<(), Failure> {
    match numbers {
        Forget::Number(number) => {
            for table in ["batches", "campaigns"] {
                let sql = format!(
                    "UPDATE {table} SET note = replace(note, ?1, ?2) \
                     WHERE note IS NOT NULL AND instr(note, ?1) > 0"
                );
                tx.prepare_cached(&sql)?.execute([&number.as_u64().to_string(), FORGOTTEN])?;
            }
        }
        Forget::Campaign(id) => {
            let of = [campaign_column(id)];
            let sql = "UPDATE batches SET note = NULL WHERE campaign = ?1 AND note IS NOT NULL";
            tx.prepare_cached(sql)?.execute(of)?;
            tx.prepare_cached("UPDATE campaigns SET note = NULL WHERE id = ?1")?.execute(of)?;
        }
    }
    Ok(())
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
