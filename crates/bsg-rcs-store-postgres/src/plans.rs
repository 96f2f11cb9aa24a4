//! Campaigns come and go: they are created, prepared, planned, and discarded in pieces. Every
//! function runs in a transaction that its caller opens and ends.

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::rows::{ABANDONED_AFTER, PRUNED_AT_ONCE};
use bsg_rcs_store::sql::{CountChanges, Standing};
use bsg_rcs_store::{CampaignRow, CampaignState, Guard, NewRecipient, PlanEnd, StoreError};
use deadpool_postgres::Transaction;

use crate::campaigns::{begun_since, locked, now, planned_ever};
use crate::failure::Failure;
use crate::locks::{FOLD, own_counts, own_digest};
use crate::rows::{NOW, campaign_column, campaign_id, clean};
use crate::{batches, counts};

pub(crate) async fn create(tx: &Transaction<'_>, row: &CampaignRow) -> Result<(), Failure> {
    let sql = format!(
        "INSERT INTO campaigns (id, kind, name, created_at, alive_at, state, key, platform, \
         account, message, alternative_channel, start_at, batch_cap) \
         VALUES ($1, $2, $3, {NOW}, {NOW}, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT DO NOTHING"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 11] = [
        &campaign_column(row.id),
        &row.kind.word(),
        &row.name.as_deref().map(clean),
        &CampaignState::Preparing.word(),
        &&row.key.to_bytes()[..],
        &row.platform,
        &row.account,
        &clean(&row.message),
        &row.alternative_channel,
        &row.start_at.map(|at| at.to_string()),
        &i32::from(row.batch_cap),
    ];
    match tx.execute(&statement, &columns).await? {
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
    let row = preparation(tx, id).await?;
    StoreError::unless_written(id, row.recipients, first)?;
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
    let count = i64::try_from(recipients.len()).unwrap_or(i64::MAX);
    let sql = format!(
        "UPDATE campaigns SET recipients = recipients + $2, alive_at = {NOW} WHERE id = $1"
    );
    tx.execute(&tx.prepare_cached(&sql).await?, &[&campaign_column(id), &count]).await?;
    let mut changes = CountChanges::default();
    changes.add(id, None, Standing::default(), count);
    counts::write(tx, &changes).await?;
    Ok(())
}

pub(crate) async fn finish_plan(
    tx: &Transaction<'_>,
    id: CampaignId,
    end: &PlanEnd,
) -> Result<(), Failure> {
    own_counts(tx, id).await?;
    if end.guard.is_some() {
        own_digest(tx, &end.digest).await?;
    }
    let row = preparation(tx, id).await?;
    StoreError::unless_written(id, row.recipients, end.recipients)?;
    let same = match end.guard {
        None => None,
        Some(Guard::Begun { within }) => begun_since(tx, &row, &end.digest, within).await?,
        Some(Guard::Reference) => planned_ever(tx, &row, &end.digest).await?,
    };
    if let Some(same) = same {
        return Err(StoreError::Planned(same).into());
    }
    let cap = end.batch_size.unwrap_or(row.batch_cap);
    batches::plan(tx, id, cap, end).await?;
    counts::plan(tx, id).await?;
    let sql = "UPDATE campaigns SET state = $2, digest = $3, summary = $4, batch_cap = $5 \
        WHERE id = $1";
    let statement = tx.prepare_cached(sql).await?;
    let (state, summary) = (CampaignState::Planned.word(), clean(&end.summary));
    let (id, cap) = (campaign_column(id), i32::from(cap));
    tx.execute(&statement, &[&id, &state, &end.digest, &summary, &cap]).await?;
    Ok(())
}

/// The campaign, which is being prepared, and which no other changes until the end.
async fn preparation(tx: &Transaction<'_>, id: CampaignId) -> Result<CampaignRow, Failure> {
    let row = locked(tx, id).await?.filter(|row| row.state == CampaignState::Preparing);
    row.ok_or_else(|| StoreError::no_preparation(id).into())
}

/// The preparations to which nothing was written for long.
pub(crate) async fn abandoned(tx: &Transaction<'_>) -> Result<Vec<CampaignId>, Failure> {
    let since = now(tx).await?.before(ABANDONED_AFTER).0;
    let sql = "SELECT id FROM campaigns WHERE state = 'preparing' \
        AND kind IN ('campaign', 'single') AND alive_at <= $1 ORDER BY id";
    let found = tx.query(&tx.prepare_cached(sql).await?, &[&since]).await?;
    found.iter().map(|row| Ok(campaign_id(row.try_get(0)?))).collect()
}

/// The first step of discarding: what is being prepared or was never sent is being prepared from
/// now on. `false` if it is something else.
pub(crate) async fn begin_discard(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    match locked(tx, id).await?.map(|row| row.state) {
        Some(CampaignState::Preparing) => Ok(true),
        Some(CampaignState::Planned) if !batches::any_was_tried(tx, id).await? => {
            let sql = "UPDATE campaigns SET state = $2, digest = '' WHERE id = $1";
            let preparing = CampaignState::Preparing.word();
            let statement = tx.prepare_cached(sql).await?;
            tx.execute(&statement, &[&campaign_column(id), &preparing]).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// What a piece of discarding came to.
pub(crate) enum Discarded {
    /// There is more.
    More,
    /// All of it is gone.
    Everything,
    /// It is not being prepared any more: its planner was quicker.
    Nothing,
}

/// The next piece of discarding a campaign: batches, then recipients from the last one on, then the
/// campaign itself.
pub(crate) async fn discard_some(
    tx: &Transaction<'_>,
    id: CampaignId,
) -> Result<Discarded, Failure> {
    own_counts(tx, id).await?;
    let row = locked(tx, id).await?.filter(|row| row.state == CampaignState::Preparing);
    let Some(row) = row else { return Ok(Discarded::Nothing) };
    if batches::discard_some(tx, id).await? {
        return Ok(Discarded::More);
    }
    if row.recipients > 0 {
        discard_recipients(tx, &row).await?;
        return Ok(Discarded::More);
    }
    // Both tables of counts at once, while no other carries rows from one to the other.
    let column = campaign_column(id);
    tx.batch_execute(&format!(
        "SELECT pg_advisory_xact_lock({FOLD}); \
         DELETE FROM count_changes WHERE campaign = {column}; \
         DELETE FROM counts WHERE campaign = {column}; \
         DELETE FROM unknown_words WHERE campaign = {column}; \
         DELETE FROM campaigns WHERE id = {column}"
    ))
    .await?;
    Ok(Discarded::Everything)
}

async fn discard_recipients(tx: &Transaction<'_>, row: &CampaignRow) -> Result<(), Failure> {
    let (id, left) = (row.id, row.recipients.saturating_sub(PRUNED_AT_ONCE));
    counts::move_range(tx, id, left..row.recipients, -1, None).await?;
    let (id, left) = (campaign_column(id), i64::from(left));
    for sql in [
        "DELETE FROM clicks WHERE campaign = $1 AND idx >= $2",
        "DELETE FROM messages WHERE campaign = $1 AND idx >= $2",
        "UPDATE campaigns SET recipients = $2 WHERE id = $1",
    ] {
        tx.execute(&tx.prepare_cached(sql).await?, &[&id, &left]).await?;
    }
    Ok(())
}
