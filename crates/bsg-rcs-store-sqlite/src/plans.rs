//! Campaigns come and go: they are created, prepared, planned, and discarded in pieces. Every
//! function runs in a transaction that its caller opens and ends.

use bsg_rcs_domain::{CampaignId, ReferenceId};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::sql::{CountChanges, Standing};
use bsg_rcs_store::{
    CampaignRow, CampaignState, Guard, NewRecipient, PlanEnd, StoreError, Timestamp,
};
use rusqlite::{Row, Transaction, named_params, params};

use crate::campaigns::{begun_since, campaign, planned_ever};
use crate::failure::Failure;
use crate::rows::{campaign_column, campaign_id, read_standing};
use crate::{batches, counts};

/// Recipients, or batches, that go in one transaction when a campaign is discarded.
const DISCARDED_AT_ONCE: u32 = 1000;

pub(crate) fn create(
    tx: &Transaction<'_>,
    now: Timestamp,
    row: &CampaignRow,
) -> Result<(), Failure> {
    let sql = "INSERT INTO campaigns (id, kind, name, created_at, state, key, platform, account, \
        message, alternative_channel, digest, start_at, batch_cap, recipients, summary) \
        VALUES (:id, :kind, :name, :created_at, :state, :key, :platform, :account, :message, \
        :alternative_channel, '', :start_at, :batch_cap, 0, '') ON CONFLICT DO NOTHING";
    let written = tx.prepare_cached(sql)?.execute(named_params! {
        ":id": campaign_column(row.id),
        ":kind": row.kind.word(),
        ":name": row.name,
        ":created_at": now.0,
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
    let row = preparation(tx, id)?;
    StoreError::unless_written(id, row.recipients, first)?;
    let sql = "INSERT INTO messages (campaign, idx, number, label, reference) \
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut insert = tx.prepare_cached(sql)?;
    for (index, new) in (first..).zip(recipients) {
        let reference = new.reference.as_ref().map(ReferenceId::as_str);
        let number = new.number.as_u64().cast_signed();
        insert.execute(params![campaign_column(id), index, number, new.label, reference])?;
    }
    let sql = "UPDATE campaigns SET recipients = recipients + ?2 WHERE id = ?1";
    let count = i64::try_from(recipients.len()).unwrap_or(i64::MAX);
    tx.prepare_cached(sql)?.execute(params![campaign_column(id), count])?;
    let mut changes = CountChanges::default();
    changes.add(id, None, Standing::default(), count);
    counts::write(tx, &changes)
}

pub(crate) fn finish_plan(
    tx: &Transaction<'_>,
    now: Timestamp,
    id: CampaignId,
    end: &PlanEnd,
) -> Result<(), Failure> {
    let row = preparation(tx, id)?;
    StoreError::unless_written(id, row.recipients, end.recipients)?;
    let same = match end.guard {
        None => None,
        Some(Guard::Begun { within }) => begun_since(tx, &row, &end.digest, now.before(within))?,
        Some(Guard::Reference) => planned_ever(tx, &row, &end.digest)?,
    };
    if let Some(same) = same {
        return Err(StoreError::Planned(same).into());
    }
    let cap = end.batch_size.unwrap_or(row.batch_cap);
    batches::plan(tx, now, id, cap, end)?;
    counts::plan(tx, id)?;
    let sql = "UPDATE campaigns SET state = ?2, digest = ?3, summary = ?4, batch_cap = ?5 \
        WHERE id = ?1";
    let state = CampaignState::Planned.word();
    let columns = params![campaign_column(id), state, end.digest, end.summary, cap];
    tx.prepare_cached(sql)?.execute(columns)?;
    Ok(())
}

/// The campaign, which is being prepared.
fn preparation(tx: &Transaction<'_>, id: CampaignId) -> Result<CampaignRow, Failure> {
    let row = campaign(tx, id)?.filter(|row| row.state == CampaignState::Preparing);
    row.ok_or_else(|| StoreError::no_preparation(id).into())
}

/// The campaigns that are being prepared.
pub(crate) fn preparations(tx: &Transaction<'_>) -> Result<Vec<CampaignId>, Failure> {
    let sql = "SELECT id FROM campaigns WHERE state = ?1 AND kind IN ('campaign', 'single')";
    let read = |row: &Row<'_>| Ok(campaign_id(row.get(0)?));
    tx.prepare_cached(sql)?.query_and_then([CampaignState::Preparing.word()], read)?.collect()
}

/// The first step of discarding: what is being prepared or was never sent is being prepared from
/// now on. `false` if it is something else.
pub(crate) fn begin_discard(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    let state = campaign(tx, id)?.map(|row| row.state);
    match state {
        Some(CampaignState::Preparing) => Ok(true),
        Some(CampaignState::Planned) if !batches::any_was_tried(tx, id)? => {
            let sql = "UPDATE campaigns SET state = ?2, digest = '' WHERE id = ?1";
            let preparing = CampaignState::Preparing.word();
            tx.prepare_cached(sql)?.execute(params![campaign_column(id), preparing])?;
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
pub(crate) fn discard_some(tx: &Transaction<'_>, id: CampaignId) -> Result<Discarded, Failure> {
    let Some(row) = campaign(tx, id)?.filter(|row| row.state == CampaignState::Preparing) else {
        return Ok(Discarded::Nothing);
    };
    if discard_batches(tx, id)? {
        return Ok(Discarded::More);
    }
    if row.recipients > 0 {
        let left = row.recipients.saturating_sub(DISCARDED_AT_ONCE);
        let gone = counts::moved(tx, id, left..row.recipients, None, None)?;
        counts::write(tx, &gone)?;
        let sql = "DELETE FROM messages WHERE campaign = ?1 AND idx >= ?2";
        tx.prepare_cached(sql)?.execute(params![campaign_column(id), left])?;
        let sql = "UPDATE campaigns SET recipients = ?2 WHERE id = ?1";
        tx.prepare_cached(sql)?.execute(params![campaign_column(id), left])?;
        return Ok(Discarded::More);
    }
    for sql in [
        "DELETE FROM counts WHERE campaign = ?1",
        "DELETE FROM unknown_words WHERE campaign = ?1",
        "DELETE FROM campaigns WHERE id = ?1",
    ] {
        tx.prepare_cached(sql)?.execute([campaign_column(id)])?;
    }
    Ok(Discarded::Everything)
}

/// Removes the last batches, whose recipients are in none from then on; whether there were any.
fn discard_batches(tx: &Transaction<'_>, id: CampaignId) -> Result<bool, Failure> {
    let sql = "SELECT number FROM batches WHERE campaign = ?1 ORDER BY first DESC LIMIT ?2";
    let of = params![campaign_column(id), DISCARDED_AT_ONCE];
    let mut statement = tx.prepare_cached(sql)?;
    let numbers: Vec<u32> = statement.query_map(of, |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut changes = CountChanges::default();
    let sql = "SELECT outcome, shown, ended, sms, billed, count FROM counts \
        WHERE campaign = ?1 AND batch = ?2";
    let mut counted = tx.prepare_cached(sql)?;
    let read = |row: &Row<'_>| -> Result<_, Failure> { Ok((read_standing(row)?, row.get(5)?)) };
    let mut remove =
        tx.prepare_cached("DELETE FROM batches WHERE campaign = ?1 AND number = ?2")?;
    let mut uncount = tx.prepare_cached("DELETE FROM counts WHERE campaign = ?1 AND batch = ?2")?;
    for number in &numbers {
        let of = params![campaign_column(id), number];
        for group in counted.query_and_then(of, read)? {
            let (standing, count) = group?;
            changes.add(id, None, standing, count);
        }
        uncount.execute(of)?;
        remove.execute(of)?;
    }
    counts::write(tx, &changes)?;
    Ok(!numbers.is_empty())
}
