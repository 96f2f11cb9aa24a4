//! Numbers are removed for good, a few thousand rows in a transaction: bodies that hold them, the
//! numbers of recipients, notes.

use std::collections::BTreeSet;

use bsg_rcs_domain::Msisdn;
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::rows::PRUNED_AT_ONCE;
use bsg_rcs_store::sql::{CountChanges, RecipientKey, Standing};
use bsg_rcs_store::view::FORGOTTEN;
use bsg_rcs_store::{Forget, Outcome};
use deadpool_postgres::Transaction;

use crate::counts;
use crate::failure::Failure;
use crate::locks::{self, columns};
use crate::recipients::{self, key};
use crate::rows::campaign_column;

/// Bodies that are looked through in one transaction.
const LOOKED_THROUGH: i64 = 20_000;

/// Recipients that have one of the numbers and stand behind `after`, at most so many, in the order
/// of their columns.
async fn found(
    tx: &Transaction<'_>,
    numbers: Forget,
    after: Option<RecipientKey>,
    limit: i64,
) -> Result<Vec<RecipientKey>, Failure> {
    let (condition, value) = match numbers {
        Forget::Number(number) => ("number = $1 AND number <> 0", number_column(number)),
        Forget::Campaign(id) => ("campaign = $1 AND number <> 0", campaign_column(id)),
    };
    let sql = format!(
        "SELECT campaign, idx FROM messages WHERE {condition} \
         AND ($2::bigint IS NULL OR (campaign, idx) > ($2, $3::bigint)) \
         ORDER BY campaign, idx LIMIT $4"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let (campaign, index) =
        after.map(|(id, index)| (campaign_column(id), i64::from(index))).unzip();
    let found = tx.query(&statement, &[&value, &campaign, &index, &limit]).await?;
    found.iter().map(key).collect()
}

fn number_column(number: Msisdn) -> i64 {
    number.as_u64().cast_signed()
}

/// The recipients that have a number; those of a campaign are too many to be named.
pub(crate) async fn owners(
    tx: &Transaction<'_>,
    numbers: Forget,
) -> Result<BTreeSet<RecipientKey>, Failure> {
    match numbers {
        Forget::Campaign(_) => Ok(BTreeSet::new()),
        Forget::Number(_) => Ok(found(tx, numbers, None, i64::MAX).await?.into_iter().collect()),
    }
}

/// Removes bodies of these recipients, or with these digits, of the next few behind `after`; the
/// last that was looked at, or `None` when all were.
pub(crate) async fn forget_bodies(
    tx: &Transaction<'_>,
    numbers: Forget,
    owners: &BTreeSet<RecipientKey>,
    after: i64,
) -> Result<Option<i64>, Failure> {
    let sql = "SELECT max(id) FROM \
        (SELECT id FROM callbacks WHERE id > $1 ORDER BY id LIMIT $2) w";
    let window = tx.query_one(&tx.prepare_cached(sql).await?, &[&after, &LOOKED_THROUGH]).await?;
    let Some(last) = window.try_get::<_, Option<i64>>(0)? else { return Ok(None) };
    let (digits, campaign) = match numbers {
        Forget::Number(number) => (Some(number.as_u64().to_string().into_bytes()), None),
        Forget::Campaign(id) => (None, Some(campaign_column(id))),
    };
    let sql = "DELETE FROM callbacks WHERE id IN (SELECT id FROM callbacks \
        WHERE id > $1 AND id <= $2 AND (campaign = $3::bigint \
            OR position($4::bytea IN body) > 0 OR (campaign, idx) IN \
                (SELECT * FROM unnest($5::bigint[], $6::bigint[]))) ORDER BY id FOR UPDATE)";
    let statement = tx.prepare_cached(sql).await?;
    let (campaigns, indices) = columns(owners);
    tx.execute(&statement, &[&after, &last, &campaign, &digits, &campaigns, &indices]).await?;
    Ok(Some(last))
}

/// Forgets the next few recipients behind `after`; how many there were, and behind which one to go
/// on. With the last of them go the notes that hold the number, and bodies behind `body`.
pub(crate) async fn forget_some(
    tx: &Transaction<'_>,
    numbers: Forget,
    owners: &BTreeSet<RecipientKey>,
    after: Option<RecipientKey>,
    body: i64,
) -> Result<(u64, Option<RecipientKey>), Failure> {
    let next = found(tx, numbers, after, i64::from(PRUNED_AT_ONCE)).await?;
    let has_more = next.len() >= usize::try_from(PRUNED_AT_ONCE).unwrap_or(usize::MAX);
    let last = next.last().copied().filter(|_| has_more);
    let keys: BTreeSet<RecipientKey> = next.into_iter().collect();
    let forgotten = forget_recipients(tx, &keys, !has_more, numbers).await?;
    if !has_more {
        let of: BTreeSet<RecipientKey> = owners.union(&keys).copied().collect();
        let mut body = body;
        while let Some(last) = forget_bodies(tx, numbers, &of, body).await? {
            body = last;
        }
    }
    Ok((forgotten, last))
}

/// Forgets these recipients, and with the last of them the notes; how many still had a number.
async fn forget_recipients(
    tx: &Transaction<'_>,
    keys: &BTreeSet<RecipientKey>,
    with_notes: bool,
    numbers: Forget,
) -> Result<u64, Failure> {
    let campaigns = || keys.iter().map(|(campaign, _)| *campaign);
    locks::share_counts(tx, campaigns()).await?;
    locks::own_numbers(tx, campaigns()).await?;
    if with_notes {
        // Rows of campaigns and batches come before those of recipients.
        forget_notes(tx, numbers).await?;
    }
    let locked = recipients::lock(tx, keys).await?;
    let mut changes = CountChanges::default();
    let (mut of, mut outcomes) = (BTreeSet::new(), Vec::new());
    for (key, recipient) in locked.iter().filter(|(_, to)| !to.stored.is_forgotten) {
        let standing = &recipient.stored.standing;
        let outcome = Outcome::of_forgotten(recipient.batch_state);
        let is_unknown = standing.outcome.is_none() && standing.shown.is_none();
        let outcome = outcome.filter(|_| is_unknown).or(standing.outcome);
        let after = Standing { outcome, ..standing.clone() };
        changes.change(key.0, recipient.stored.batch, standing.clone(), after);
        of.insert(*key);
        outcomes.push(outcome.map(Word::word));
    }
    let (campaigns, indices) = columns(&of);
    let sql = "UPDATE messages m SET number = 0, label = NULL, reference = NULL, note = NULL, \
            outcome = new.outcome \
        FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS new (campaign, idx, outcome) \
        WHERE m.campaign = new.campaign AND m.idx = new.idx";
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(&statement, &[&campaigns, &indices, &outcomes]).await?;
    counts::write(tx, &changes).await?;
    Ok(u64::try_from(of.len()).unwrap_or(u64::MAX))
}

async fn forget_notes(tx: &Transaction<'_>, numbers: Forget) -> Result<(), Failure> {
    match numbers {
        Forget::Number(number) => {
            let digits = number.as_u64().to_string();
            for table in ["campaigns", "batches"] {
                let sql = format!(
                    "UPDATE {table} SET note = replace(note, $1, $2) \
                     WHERE note IS NOT NULL AND strpos(note, $1) > 0"
                );
                tx.execute(&tx.prepare_cached(&sql).await?, &[&digits, &FORGOTTEN]).await?;
            }
        }
        Forget::Campaign(id) => {
            for sql in [
                "UPDATE campaigns SET note = NULL WHERE id = $1 AND note IS NOT NULL",
                "UPDATE batches SET note = NULL WHERE campaign = $1 AND note IS NOT NULL",
            ] {
                tx.execute(&tx.prepare_cached(sql).await?, &[&campaign_column(id)]).await?;
            }
        }
    }
    Ok(())
}
