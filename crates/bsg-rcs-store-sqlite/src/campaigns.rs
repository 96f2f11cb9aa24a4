//! Campaigns and recipients: each promise about them, and the statements that keep it.
//! Every function runs in a transaction that its caller opens and ends.

use bsg_rcs_domain::{CampaignId, ReferenceId};
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{
    CampaignRow, CampaignState, NewRecipient, PlanEnd, RecipientRow, Settled, StoreError,
};
use rusqlite::{OptionalExtension, Transaction, named_params, params};

use crate::batches;
use crate::failure::Failure;
use crate::rows::{
    CAMPAIGN, RECIPIENT, campaign_column, campaign_id, read_campaign, read_recipient,
};

pub(crate) fn create(tx: &Transaction<'_>, row: &CampaignRow) -> Result<(), Failure> {
    let sql = "INSERT INTO campaigns VALUES (:id, :kind, :name, :created_at, :state, :key, \
        :platform, :account, :message, :alternative_channel, '', :start_at, :batch_cap, 0, '') \
        ON CONFLICT DO NOTHING";
    let written = tx.prepare_cached(sql)?.execute(named_params! {
        ":id": campaign_column(row.id),
        ":kind": row.kind.word(),
        ":name": row.name,
        ":created_at": row.created_at.0,
        ":state": CampaignState::Preparing.word(),
        ":key": row.key.to_bytes(),
        ":platform": row.platform,
        ":account": row.account,
        ":message": row.message,
        ":alternative_channel": row.alternative_channel,
        ":start_at": row.start_at.map(|at| at.to_string()),
        ":batch_cap": row.batch_cap,
    })?;
    match written {
        0 => Err(StoreError::Exists(format!("campaign {}", row.id)).into()),
        _ => Ok(()),
    }
}

pub(crate) fn add_recipients(
    tx: &Transaction<'_>,
    id: CampaignId,
    first: u32,
    recipients: &[NewRecipient],
) -> Result<(), Failure> {
    preparation(tx, id)?;
    StoreError::unless_written(id, written(tx, id)?, first)?;
    let sql = "INSERT INTO messages (campaign, idx, number, label, reference) \
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = tx.prepare_cached(sql)?;
    for (index, new) in (first..).zip(recipients) {
        let reference = new.reference.as_ref().map(ReferenceId::as_str);
        let number = new.number.as_u64().cast_signed();
        insert.execute(params![campaign_column(id), index, number, new.label, reference])?;
    }
    Ok(())
}

pub(crate) fn finish_plan(
    tx: &Transaction<'_>,
    id: CampaignId,
    end: &PlanEnd,
) -> Result<(), Failure> {
    let row = preparation(tx, id)?;
    StoreError::unless_written(id, written(tx, id)?, end.recipients)?;
    if let Some(same) = planned_before(tx, &row, end)? {
        return Err(StoreError::Planned(same).into());
    }
    batches::plan(tx, &row, end)?;
    let sql = "UPDATE campaigns SET state = ?2, recipients = ?3, digest = ?4, summary = ?5 \
        WHERE id = ?1";
    let state = CampaignState::Planned.word();
    let columns = params![campaign_column(id), state, end.recipients, end.digest, end.summary];
    tx.prepare_cached(sql)?.execute(columns)?;
    Ok(())
}

/// The same plan, if it was made since the moment that is asked about.
fn planned_before(
    tx: &Transaction<'_>,
    row: &CampaignRow,
    end: &PlanEnd,
) -> Result<Option<CampaignId>, Failure> {
    let Some(since) = end.unless_since else { return Ok(None) };
    let sql = "SELECT id FROM campaigns WHERE digest = ?1 AND platform = ?2 AND account = ?3 \
        AND created_at >= ?4 AND state <> ?5 LIMIT 1";
    let preparing = CampaignState::Preparing.word();
    let same = params![end.digest, row.platform, row.account, since.0, preparing];
    let found = tx.prepare_cached(sql)?.query_one(same, |row| row.get(0)).optional()?;
    Ok(found.map(campaign_id))
}

/// The campaign, which is being prepared.
fn preparation(tx: &Transaction<'_>, id: CampaignId) -> Result<CampaignRow, Failure> {
    let row = campaign(tx, id)?.filter(|row| row.state == CampaignState::Preparing);
    row.ok_or_else(|| StoreError::no_preparation(id).into())
}

/// How many recipients are written: their indexes have no gaps.
fn written(tx: &Transaction<'_>, id: CampaignId) -> Result<u32, Failure> {
    let sql = "SELECT coalesce(max(idx) + 1, 0) FROM messages WHERE campaign = ?1";
    Ok(tx.prepare_cached(sql)?.query_one([campaign_column(id)], |row| row.get(0))?)
}

pub(crate) fn discard(tx: &Transaction<'_>, id: CampaignId) -> Result<(), Failure> {
    // What belongs to it goes with it: ON DELETE CASCADE.
    let sql = "DELETE FROM campaigns WHERE id = ?1 AND state = ?2";
    let preparing = CampaignState::Preparing.word();
    tx.prepare_cached(sql)?.execute(params![campaign_column(id), preparing])?;
    Ok(())
}

pub(crate) fn campaign(
    tx: &Transaction<'_>,
    id: CampaignId,
) -> Result<Option<CampaignRow>, Failure> {
    let sql = format!("SELECT {CAMPAIGN} FROM campaigns WHERE id = ?1");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut rows = statement.query_and_then([campaign_column(id)], read_campaign)?;
    rows.next().transpose()
}

pub(crate) fn campaigns(tx: &Transaction<'_>) -> Result<Vec<CampaignRow>, Failure> {
    let sql = format!("SELECT {CAMPAIGN} FROM campaigns ORDER BY created_at DESC, id");
    tx.prepare_cached(&sql)?.query_and_then([], read_campaign)?.collect()
}

pub(crate) fn set_state(
    tx: &Transaction<'_>,
    id: CampaignId,
    state: CampaignState,
) -> Result<CampaignState, Failure> {
    let sql = "UPDATE campaigns SET state = CASE WHEN state = ?3 THEN state ELSE ?2 END \
        WHERE id = ?1 RETURNING state";
    let change = params![campaign_column(id), state.word(), CampaignState::Stopped.word()];
    let now =
        tx.prepare_cached(sql)?.query_one(change, |row| row.get::<_, String>(0)).optional()?;
    Ok(CampaignState::read(&now.ok_or_else(|| StoreError::no_campaign(id))?)?)
}

pub(crate) fn set_summary(
    tx: &Transaction<'_>,
    id: CampaignId,
    summary: &str,
) -> Result<(), Failure> {
    let sql = "UPDATE campaigns SET summary = ?2 WHERE id = ?1";
    match tx.prepare_cached(sql)?.execute(params![campaign_column(id), summary])? {
        0 => Err(StoreError::no_campaign(id).into()),
        _ => Ok(()),
    }
}

pub(crate) fn recipients(
    tx: &Transaction<'_>,
    id: CampaignId,
    first: u32,
    count: u32,
) -> Result<Vec<RecipientRow>, Failure> {
    let sql = format!(
        "SELECT {RECIPIENT} FROM messages WHERE campaign = ?1 AND idx >= ?2 AND idx < ?2 + ?3 \
         ORDER BY idx"
    );
    let range = params![campaign_column(id), first, count];
    tx.prepare_cached(&sql)?.query_and_then(range, read_recipient)?.collect()
}

pub(crate) fn settle(
    tx: &Transaction<'_>,
    id: CampaignId,
    settled: &[Settled],
) -> Result<(), Failure> {
    let sql = "UPDATE messages SET outcome = ?3, note = coalesce(?4, note) \
        WHERE campaign = ?1 AND idx = ?2";
    let mut update = tx.prepare_cached(sql)?;
    for Settled { index, outcome, note } in settled {
        if update.execute(params![campaign_column(id), index, outcome.word(), note])? == 0 {
            return Err(StoreError::no_recipient(id, *index).into());
        }
    }
    Ok(())
}

pub(crate) fn by_reference(
    tx: &Transaction<'_>,
    reference: &ReferenceId,
) -> Result<Option<(CampaignId, u32)>, Failure> {
    let sql = "SELECT m.campaign, m.idx FROM messages m JOIN campaigns c ON c.id = m.campaign \
        WHERE m.reference = ?1 AND c.state <> ?2 ORDER BY c.created_at DESC LIMIT 1";
    let owner = params![reference.as_str(), CampaignState::Preparing.word()];
    let found = tx
        .prepare_cached(sql)?
        .query_one(owner, |row| Ok((campaign_id(row.get(0)?), row.get(1)?)))
        .optional()?;
    Ok(found)
}

pub(crate) fn setting(tx: &Transaction<'_>, name: &str, proposed: &str) -> Result<String, Failure> {
    let insert = "INSERT INTO settings VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    tx.prepare_cached(insert)?.execute([name, proposed])?;
    let select = "SELECT value FROM settings WHERE name = ?1";
    Ok(tx.prepare_cached(select)?.query_one([name], |row| row.get(0))?)
}
