//! Where campaigns stand: each promise about them, and the statements that keep it. Every function
//! runs in a transaction that its caller opens and ends.

use std::collections::BTreeMap;
use std::time::Duration;

use bsg_rcs_domain::{CampaignId, ReferenceId};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::{CampaignFilter, CampaignRow, CampaignState, Owner, StoreError, Timestamp};
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::rows::{CAMPAIGN, NOW, campaign_column, campaign_id, clean, read_campaign, small};
use crate::{batches, locks};

/// The server's clock, which all machines share.
pub(crate) async fn now(tx: &Transaction<'_>) -> Result<Timestamp, Failure> {
    let statement = tx.prepare_cached(&format!("SELECT {NOW}")).await?;
    Ok(Timestamp(tx.query_one(&statement, &[]).await?.try_get(0)?))
}

pub(crate) async fn campaign(
    tx: &Transaction<'_>,
    id: CampaignId,
) -> Result<Option<CampaignRow>, Failure> {
    read(tx, id, "").await
}

/// The campaign, which stays as it is until the transaction ends unless this one changes it.
pub(crate) async fn locked(
    tx: &Transaction<'_>,
    id: CampaignId,
) -> Result<Option<CampaignRow>, Failure> {
    read(tx, id, "FOR NO KEY UPDATE").await
}

/// The state of a campaign, which stays so until the transaction ends.
pub(crate) async fn held_state(
    tx: &Transaction<'_>,
    id: CampaignId,
) -> Result<Option<CampaignState>, Failure> {
    let sql = "SELECT state FROM campaigns WHERE id = $1 FOR SHARE";
    let row = tx.query_opt(&tx.prepare_cached(sql).await?, &[&campaign_column(id)]).await?;
    let state = row.as_ref().map(|row| row.try_get::<_, &str>(0)).transpose()?;
    Ok(state.map(CampaignState::read).transpose()?)
}

async fn read(
    tx: &Transaction<'_>,
    id: CampaignId,
    lock: &str,
) -> Result<Option<CampaignRow>, Failure> {
    let sql = format!("SELECT {CAMPAIGN} FROM campaigns WHERE id = $1 {lock}");
    let row = tx.query_opt(&tx.prepare_cached(&sql).await?, &[&campaign_column(id)]).await?;
    row.as_ref().map(read_campaign).transpose()
}

pub(crate) async fn campaigns(
    tx: &Transaction<'_>,
    filter: &CampaignFilter,
) -> Result<Vec<CampaignRow>, Failure> {
    // Each kind and state is a stretch of the index; the page is the first of all their pages.
    let sql = format!(
        "SELECT page.* FROM unnest($1::text[]) AS k (kind), unnest($2::text[]) AS s (state), \
         LATERAL (SELECT {CAMPAIGN} FROM campaigns c WHERE c.kind = k.kind AND c.state = s.state \
             AND ($3::bigint IS NULL OR (c.created_at, c.id) < ($3, $4::bigint)) \
             ORDER BY c.created_at DESC, c.id DESC LIMIT $5) AS page \
         ORDER BY page.created_at DESC, page.id DESC LIMIT $5"
    );
    let statement = tx.prepare_cached(&sql).await?;
    let distinct = |words: Vec<&'static str>| -> Vec<&'static str> {
        words.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    };
    let kinds = distinct(filter.kinds.iter().map(|kind| kind.word()).collect());
    let states = distinct(filter.states.iter().map(|state| state.word()).collect());
    let (at, id) = filter.before.map(|(at, id)| (at.0, campaign_column(id))).unzip();
    let limit = i64::from(filter.limit);
    let found = tx.query(&statement, &[&kinds, &states, &at, &id, &limit]).await?;
    found.iter().map(read_campaign).collect()
}

pub(crate) async fn set_state(
    tx: &Transaction<'_>,
    id: CampaignId,
    wished: CampaignState,
    note: Option<&str>,
) -> Result<CampaignState, Failure> {
    let state = locked(tx, id).await?.ok_or_else(|| StoreError::no_campaign(id))?.state;
    if !state.grants(wished, batches::has_open(tx, id).await?) {
        return Ok(state);
    }
    becomes(tx, id, wished, note).await?;
    Ok(wished)
}

/// Puts a campaign that is locked into a state that it may be in.
pub(crate) async fn becomes(
    tx: &Transaction<'_>,
    id: CampaignId,
    state: CampaignState,
    note: Option<&str>,
) -> Result<(), Failure> {
    let is_sending = state == CampaignState::Sending;
    let sql = format!(
        "UPDATE campaigns SET state = $2, note = $3, \
         begun_at = CASE WHEN $4 THEN coalesce(begun_at, {NOW}) ELSE begun_at END WHERE id = $1"
    );
    let note = note.filter(|_| !is_sending).map(clean);
    let statement = tx.prepare_cached(&sql).await?;
    tx.execute(&statement, &[&campaign_column(id), &state.word(), &note, &is_sending]).await?;
    Ok(())
}

pub(crate) async fn begin(
    tx: &Transaction<'_>,
    id: CampaignId,
    guard: Option<Duration>,
) -> Result<CampaignState, Failure> {
    let missing = || StoreError::no_campaign(id);
    let digest = campaign(tx, id).await?.ok_or_else(missing)?.digest;
    locks::own_digest(tx, &digest).await?;
    let row = locked(tx, id).await?.ok_or_else(missing)?;
    if let (CampaignState::Planned, Some(within)) = (row.state, guard)
        && let Some(same) = begun_since(tx, &row, &row.digest, within).await?
    {
        return Err(StoreError::Planned(same).into());
    }
    if !row.state.grants(CampaignState::Sending, true) {
        return Ok(row.state);
    }
    becomes(tx, id, CampaignState::Sending, None).await?;
    Ok(CampaignState::Sending)
}

/// Another campaign of this digest and the same platform that was begun within a span before now.
pub(crate) async fn begun_since(
    tx: &Transaction<'_>,
    row: &CampaignRow,
    digest: &str,
    within: Duration,
) -> Result<Option<CampaignId>, Failure> {
    let since = now(tx).await?.before(within).0;
    let sql = "SELECT id FROM campaigns WHERE digest = $1 AND digest <> '' AND platform = $2 \
        AND id <> $3 AND begun_at >= $4 LIMIT 1";
    let statement = tx.prepare_cached(sql).await?;
    let own = campaign_column(row.id);
    let found = tx.query_opt(&statement, &[&digest, &row.platform, &own, &since]).await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?.map(campaign_id))
}

/// Another finished plan of this digest and the same platform and account.
pub(crate) async fn planned_ever(
    tx: &Transaction<'_>,
    row: &CampaignRow,
    digest: &str,
) -> Result<Option<CampaignId>, Failure> {
    let sql = "SELECT id FROM campaigns WHERE digest = $1 AND digest <> '' AND platform = $2 \
        AND account = $3 AND id <> $4 AND state <> 'preparing' LIMIT 1";
    let statement = tx.prepare_cached(sql).await?;
    let own = campaign_column(row.id);
    let found = tx.query_opt(&statement, &[&digest, &row.platform, &row.account, &own]).await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?.map(campaign_id))
}

pub(crate) async fn set_summary(
    tx: &Transaction<'_>,
    id: CampaignId,
    summary: &str,
) -> Result<(), Failure> {
    set_column(tx, "UPDATE campaigns SET summary = $2 WHERE id = $1", id, summary).await
}

pub(crate) async fn set_account(
    tx: &Transaction<'_>,
    id: CampaignId,
    account: &str,
) -> Result<(), Failure> {
    set_column(tx, "UPDATE campaigns SET account = $2 WHERE id = $1", id, account).await
}

async fn set_column(
    tx: &Transaction<'_>,
    sql: &str,
    id: CampaignId,
    value: &str,
) -> Result<(), Failure> {
    let statement = tx.prepare_cached(sql).await?;
    match tx.execute(&statement, &[&campaign_column(id), &clean(value)]).await? {
        0 => Err(StoreError::no_campaign(id).into()),
        _ => Ok(()),
    }
}

/// Makes held batches unknown, and with them a campaign that is done sending.
pub(crate) async fn reopen(tx: &Transaction<'_>, id: CampaignId) -> Result<u64, Failure> {
    let state = locked(tx, id).await?.map(|row| row.state);
    let reopened = batches::reopen(tx, id).await?;
    if reopened > 0 && state == Some(CampaignState::Done) {
        becomes(tx, id, CampaignState::Sending, None).await?;
    }
    Ok(reopened)
}

pub(crate) async fn owners(
    tx: &Transaction<'_>,
    references: &[ReferenceId],
) -> Result<Vec<Option<Owner>>, Failure> {
    let sql = "SELECT DISTINCT ON (m.reference) m.reference, m.campaign, m.idx, c.platform, \
        c.account FROM messages m JOIN campaigns c ON c.id = m.campaign \
        WHERE m.reference = ANY($1) AND c.state <> 'preparing' \
        ORDER BY m.reference, c.created_at DESC, c.id DESC, m.idx";
    let statement = tx.prepare_cached(sql).await?;
    let asked: Vec<&str> = references.iter().map(ReferenceId::as_str).collect();
    let found = tx.query(&statement, &[&asked]).await?;
    let owner = |row: &Row| -> Result<(String, Owner), Failure> {
        let owner = Owner {
            campaign: campaign_id(row.try_get("campaign")?),
            index: small(row.try_get("idx")?, "index of a recipient")?,
            platform: row.try_get("platform")?,
            account: row.try_get("account")?,
        };
        Ok((row.try_get("reference")?, owner))
    };
    let found = found.iter().map(owner).collect::<Result<BTreeMap<_, _>, _>>()?;
    Ok(asked.iter().map(|reference| found.get(*reference).cloned()).collect())
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
