//! Campaigns and recipients: each promise about them, and the statements that keep it. Every
//! function runs in a transaction that its caller opens and ends.

use std::collections::BTreeMap;

use bsg_rcs_domain::{CampaignId, ReferenceId};
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{
    CampaignRow, CampaignState, NewRecipient, PlanEnd, RecipientRow, Settled, StoreError,
};
use deadpool_postgres::Transaction;

use crate::batches;
use crate::callbacks::lock_recipients;
use crate::failure::Failure;
use crate::rows::{
    CAMPAIGN, RECIPIENT, campaign_column, campaign_id, clean, read_campaign, read_recipient, small,
};

pub(crate) async fn create(tx: &Transaction<'_>, row: &CampaignRow) -> Result<(), Failure> {
    let sql = "INSERT INTO campaigns (id, kind, name, created_at, state, key, platform, account, \
        message, alternative_channel, start_at, batch_cap) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
    let statement = tx.prepare_cached(sql).await?;
    let written = tx
        .execute(
            &statement,
            &[
                &campaign_column(row.id),
                &row.kind.word(),
                &row.name.as_deref().map(clean),
                &row.created_at.0,
                &CampaignState::Preparing.word(),
                &&row.key.to_bytes()[..],
                &row.platform,
                &row.account,
                &clean(&row.message),
                &row.alternative_channel,
                &row.start_at.map(|at| at.to_string()),
                &i32::from(row.batch_cap),
            ],
        )
        .await?;
    match written {
        0 => Err(StoreError::Exists(format!("campaign {}", row.id)).into()),
        _ => Ok(()),
    }
}

pub(crate) async fn add_recipients(
    tx: &Transaction<'_>,
    id: CampaignId,
    first: u32,
    recipients: &[NewRecipient],
) -> Result<(), Failure> {
    preparation(tx, id).await?;
    StoreError::unless_written(id, written(tx, id).await?, first)?;
    let numbers: Vec<i64> = recipients.iter().map(|to| to.number.as_u64().cast_signed()).collect();
    let labels: Vec<_> = recipients.iter().map(|to| to.label.as_deref().map(clean)).collect();
    let reference = |to: &NewRecipient| to.reference.map(|own| own.as_str().to_owned());
    let references: Vec<_> = recipients.iter().map(reference).collect();
    let sql = "INSERT INTO messages (campaign, idx, number, label, reference) \
        SELECT $1, $2 + place - 1, number, label, reference \
        FROM unnest($3::bigint[], $4::text[], $5::text[]) \
        WITH ORDINALITY AS new (number, label, reference, place)";
    let statement = tx.prepare_cached(sql).await?;
    let first = i64::from(first);
    let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&campaign_column(id), &first, &numbers, &labels, &references];
    tx.execute(&statement, &columns).await?;
    Ok(())
}

pub(crate) async fn finish_plan(
    tx: &Transaction<'_>,
    id: CampaignId,
    end: &PlanEnd,
) -> Result<(), Failure> {
    let row = preparation(tx, id).await?;
    StoreError::unless_written(id, written(tx, id).await?, end.recipients)?;
    if let Some(same) = planned_before(tx, &row, end).await? {
        return Err(StoreError::Planned(same).into());
    }
    batches::plan(tx, &row, end).await?;
    let sql = "UPDATE campaigns SET state = $2, recipients = $3, digest = $4, summary = $5 \
        WHERE id = $1";
    let statement = tx.prepare_cached(sql).await?;
    let (state, recipients) = (CampaignState::Planned.word(), i64::from(end.recipients));
    let summary = clean(&end.summary);
    let id = campaign_column(id);
    tx.execute(&statement, &[&id, &state, &recipients, &end.digest, &summary]).await?;
    Ok(())
}

/// The same plan, if it was made since the moment that is asked about. Until the transaction ends,
/// nobody else makes it.
async fn planned_before(
    tx: &Transaction<'_>,
    row: &CampaignRow,
    end: &PlanEnd,
) -> Result<Option<CampaignId>, Failure> {
    let Some(since) = end.unless_since else { return Ok(None) };
    let lock = tx.prepare_cached("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").await?;
    tx.execute(&lock, &[&end.digest]).await?;
    let sql = "SELECT id FROM campaigns WHERE digest = $1 AND platform = $2 AND account = $3 \
        AND created_at >= $4 AND state <> $5 LIMIT 1";
    let statement = tx.prepare_cached(sql).await?;
    let preparing = CampaignState::Preparing.word();
    let found = tx
        .query_opt(&statement, &[&end.digest, &row.platform, &row.account, &since.0, &preparing])
        .await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?.map(campaign_id))
}

/// The campaign, which is being prepared, and which nobody else changes until the end.
async fn preparation(tx: &Transaction<'_>, id: CampaignId) -> Result<CampaignRow, Failure> {
    let sql = format!("SELECT {CAMPAIGN} FROM campaigns WHERE id = $1 FOR NO KEY UPDATE");
    let statement = tx.prepare_cached(&sql).await?;
    let row = tx.query_opt(&statement, &[&campaign_column(id)]).await?;
    let row = row.as_ref().map(read_campaign).transpose()?;
    let row = row.filter(|row| row.state == CampaignState::Preparing);
    row.ok_or_else(|| StoreError::no_preparation(id).into())
}

/// How many recipients are written: their indexes have no gaps.
async fn written(tx: &Transaction<'_>, id: CampaignId) -> Result<u32, Failure> {
    let sql = "SELECT coalesce(max(idx) + 1, 0) FROM messages WHERE campaign = $1";
    let statement = tx.prepare_cached(sql).await?;
    let row = tx.query_one(&statement, &[&campaign_column(id)]).await?;
    small(row.try_get(0)?, "index of a recipient")
}

pub(crate) async fn discard(tx: &Transaction<'_>, id: CampaignId) -> Result<(), Failure> {
    // What belongs to it goes with it: ON DELETE CASCADE.
    let statement = tx.prepare_cached("DELETE FROM campaigns WHERE id = $1 AND state = $2").await?;
    let preparing = CampaignState::Preparing.word();
    tx.execute(&statement, &[&campaign_column(id), &preparing]).await?;
    Ok(())
}

pub(crate) async fn campaign(
    tx: &Transaction<'_>,
    id: CampaignId,
) -> Result<Option<CampaignRow>, Failure> {
    let statement =
        tx.prepare_cached(&format!("SELECT {CAMPAIGN} FROM campaigns WHERE id = $1")).await?;
    let row = tx.query_opt(&statement, &[&campaign_column(id)]).await?;
    row.as_ref().map(read_campaign).transpose()
}

pub(crate) async fn campaigns(tx: &Transaction<'_>) -> Result<Vec<CampaignRow>, Failure> {
    let sql = format!("SELECT {CAMPAIGN} FROM campaigns ORDER BY created_at DESC, id");
    let statement = tx.prepare_cached(&sql).await?;
    tx.query(&statement, &[]).await?.iter().map(read_campaign).collect()
}

pub(crate) async fn set_state(
    tx: &Transaction<'_>,
    id: CampaignId,
    state: CampaignState,
) -> Result<CampaignState, Failure> {
    let sql = "UPDATE campaigns SET state = CASE WHEN state = $3 THEN state ELSE $2 END \
        WHERE id = $1 RETURNING state";
    let statement = tx.prepare_cached(sql).await?;
    let (state, stopped) = (state.word(), CampaignState::Stopped.word());
    let now = tx.query_opt(&statement, &[&campaign_column(id), &state, &stopped]).await?;
    let now = now.ok_or_else(|| StoreError::no_campaign(id))?;
    Ok(CampaignState::read(now.try_get(0)?)?)
}

pub(crate) async fn set_summary(
    tx: &Transaction<'_>,
    id: CampaignId,
    summary: &str,
) -> Result<(), Failure> {
    let statement = tx.prepare_cached("UPDATE campaigns SET summary = $2 WHERE id = $1").await?;
    match tx.execute(&statement, &[&campaign_column(id), &clean(summary)]).await? {
        0 => Err(StoreError::no_campaign(id).into()),
        _ => Ok(()),
    }
}

pub(crate) async fn recipients(
    tx: &Transaction<'_>,
    id: CampaignId,
    first: u32,
    count: u32,
) -> Result<Vec<RecipientRow>, Failure> {
    let sql = format!(
        "SELECT {RECIPIENT} FROM messages WHERE campaign = $1 AND idx >= $2 AND idx < $2 + $3 \
         ORDER BY idx"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let (first, count) = (i64::from(first), i64::from(count));
    let found = tx.query(&statement, &[&campaign_column(id), &first, &count]).await?;
    found.iter().map(read_recipient).collect()
}

pub(crate) async fn settle(
    tx: &Transaction<'_>,
    id: CampaignId,
    settled: &[Settled],
) -> Result<(), Failure> {
    let pairs = settled.iter().map(|to| (id, to.index));
    let there = lock_recipients(tx, pairs).await?;
    if let Some(missing) = settled.iter().find(|to| !there.contains(&(id, to.index))) {
        return Err(StoreError::no_recipient(id, missing.index).into());
    }
    // Of two that concern one recipient the later counts, and its words if it has any.
    let mut last: BTreeMap<u32, (&str, Option<&str>)> = BTreeMap::new();
    for Settled { index, outcome, note } in settled {
        let before = last.get(index).and_then(|(_, note)| *note);
        last.insert(*index, (outcome.word(), note.as_deref().or(before)));
    }
    let indices: Vec<i64> = last.keys().map(|index| i64::from(*index)).collect();
    let outcomes: Vec<&str> = last.values().map(|(outcome, _)| *outcome).collect();
    let notes: Vec<_> = last.values().map(|(_, note)| note.map(clean)).collect();
    let sql = "UPDATE messages m SET outcome = new.outcome, note = coalesce(new.note, m.note) \
        FROM unnest($2::bigint[], $3::text[], $4::text[]) AS new (idx, outcome, note) \
        WHERE m.campaign = $1 AND m.idx = new.idx";
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(&statement, &[&campaign_column(id), &indices, &outcomes, &notes]).await?;
    Ok(())
}

pub(crate) async fn by_reference(
    tx: &Transaction<'_>,
    reference: &ReferenceId,
) -> Result<Option<(CampaignId, u32)>, Failure> {
    let sql = "SELECT m.campaign, m.idx FROM messages m JOIN campaigns c ON c.id = m.campaign \
        WHERE m.reference = $1 AND c.state <> $2 ORDER BY c.created_at DESC LIMIT 1";
    let statement = tx.prepare_cached(sql).await?;
    let preparing = CampaignState::Preparing.word();
    let found = tx.query_opt(&statement, &[&reference.as_str(), &preparing]).await?;
    let Some(row) = found else { return Ok(None) };
    let index = small(row.try_get(1)?, "index of a recipient")?;
    Ok(Some((campaign_id(row.try_get(0)?), index)))
}

pub(crate) async fn setting(
    tx: &Transaction<'_>,
    name: &str,
    proposed: &str,
) -> Result<String, Failure> {
    let insert =
        tx.prepare_cached("INSERT INTO settings VALUES ($1, $2) ON CONFLICT DO NOTHING").await?;
    let (name, proposed) = (clean(name), clean(proposed));
    tx.execute(&insert, &[&name, &proposed]).await?;
    let select = tx.prepare_cached("SELECT value FROM settings WHERE name = $1").await?;
    Ok(tx.query_one(&select, &[&name]).await?.try_get(0)?)
}
