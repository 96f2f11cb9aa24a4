//! Where campaigns stand: each promise about them, and the statements that keep it. Every function
//! runs in a transaction that its caller opens and ends.

use std::cmp::Reverse;
use std::time::Duration;

use bsg_rcs_domain::{CampaignId, ReferenceId};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::{
    CampaignFilter, CampaignRow, CampaignState, Kind, Owner, StoreError, Timestamp,
};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::batches;
use crate::failure::Failure;
use crate::rows::{CAMPAIGN, campaign_column, campaign_id, read_campaign};

pub(crate) fn campaign(
    tx: &Transaction<'_>,
    id: CampaignId,
) -> Result<Option<CampaignRow>, Failure> {
    let sql = format!("SELECT {CAMPAIGN} FROM campaigns WHERE id = ?1");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut rows = statement.query_and_then([campaign_column(id)], read_campaign)?;
    rows.next().transpose()
}

/// The campaign, which must be there.
pub(crate) fn existing(tx: &Transaction<'_>, id: CampaignId) -> Result<CampaignRow, Failure> {
    campaign(tx, id)?.ok_or_else(|| StoreError::no_campaign(id).into())
}

pub(crate) fn campaigns(
    tx: &Transaction<'_>,
    filter: &CampaignFilter,
) -> Result<Vec<CampaignRow>, Failure> {
    let mut rows = Vec::new();
    // Each kind and state is a stretch of the index; the page is the first of all their pages.
    for kind in [Kind::Campaign, Kind::Single].iter().filter(|kind| filter.kinds.contains(kind)) {
        let states = CampaignState::ALL.iter().filter(|state| filter.states.contains(state));
        for state in states {
            rows.extend(stretch(tx, *kind, *state, filter)?);
        }
    }
    rows.sort_by_key(|row| Reverse((row.created_at, row.id.0.cast_signed())));
    rows.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
    Ok(rows)
}

fn stretch(
    tx: &Transaction<'_>,
    kind: Kind,
    state: CampaignState,
    filter: &CampaignFilter,
) -> Result<Vec<CampaignRow>, Failure> {
    let behind = if filter.before.is_some() { "AND (created_at, id) < (?4, ?5)" } else { "" };
    let sql = format!(
        "SELECT {CAMPAIGN} FROM campaigns WHERE kind = ?1 AND state = ?2 {behind} \
         ORDER BY created_at DESC, id DESC LIMIT ?3"
    );
    let mut statement = tx.prepare_cached(&sql)?;
    let (kind, state, limit) = (kind.word(), state.word(), filter.limit);
    match filter.before {
        None => statement.query_and_then(params![kind, state, limit], read_campaign)?.collect(),
        Some((at, id)) => {
            let page = params![kind, state, limit, at.0, campaign_column(id)];
            statement.query_and_then(page, read_campaign)?.collect()
        }
    }
}

pub(crate) fn set_state(
    tx: &Transaction<'_>,
    now: Timestamp,
    id: CampaignId,
    wished: CampaignState,
    note: Option<&str>,
) -> Result<CampaignState, Failure> {
    let state = existing(tx, id)?.state;
    if !state.grants(wished, batches::has_open(tx, id)?) {
        return Ok(state);
    }
    becomes(tx, now, id, wished, note)?;
    Ok(wished)
}

/// Puts a campaign into a state that it may be in.
pub(crate) fn becomes(
    tx: &Transaction<'_>,
    now: Timestamp,
    id: CampaignId,
    state: CampaignState,
    note: Option<&str>,
) -> Result<(), Failure> {
    let is_sending = state == CampaignState::Sending;
    let sql = "UPDATE campaigns SET state = ?2, note = ?3, \
        begun_at = CASE WHEN ?4 THEN coalesce(begun_at, ?5) ELSE begun_at END WHERE id = ?1";
    let note = note.filter(|_| !is_sending);
    let columns = params![campaign_column(id), state.word(), note, is_sending, now.0];
    tx.prepare_cached(sql)?.execute(columns)?;
    Ok(())
}

pub(crate) fn begin(
    tx: &Transaction<'_>,
    now: Timestamp,
    id: CampaignId,
    guard: Option<Duration>,
) -> Result<CampaignState, Failure> {
    let row = existing(tx, id)?;
    if let (CampaignState::Planned, Some(within)) = (row.state, guard)
        && let Some(same) = begun_since(tx, &row, &row.digest, now.before(within))?
    {
        return Err(StoreError::Planned(same).into());
    }
    if !row.state.grants(CampaignState::Sending, true) {
        return Ok(row.state);
    }
    becomes(tx, now, id, CampaignState::Sending, None)?;
    Ok(CampaignState::Sending)
}

/// Another campaign of this digest and the same platform that was begun since a moment.
pub(crate) fn begun_since(
    tx: &Transaction<'_>,
    row: &CampaignRow,
    digest: &str,
    since: Timestamp,
) -> Result<Option<CampaignId>, Failure> {
    let sql = "SELECT id FROM campaigns WHERE digest = ?1 AND digest <> '' AND platform = ?2 \
        AND id <> ?3 AND begun_at >= ?4 LIMIT 1";
    let same = params![digest, row.platform, campaign_column(row.id), since.0];
    let found = tx.prepare_cached(sql)?.query_one(same, |row| row.get(0)).optional()?;
    Ok(found.map(campaign_id))
}

/// Another finished plan of this digest and the same platform and account.
pub(crate) fn planned_ever(
    tx: &Transaction<'_>,
    row: &CampaignRow,
    digest: &str,
) -> Result<Option<CampaignId>, Failure> {
    let sql = "SELECT id FROM campaigns WHERE digest = ?1 AND digest <> '' AND platform = ?2 \
        AND account = ?3 AND id <> ?4 AND state <> ?5 LIMIT 1";
    let preparing = CampaignState::Preparing.word();
    let same = params![digest, row.platform, row.account, campaign_column(row.id), preparing];
    let found = tx.prepare_cached(sql)?.query_one(same, |row| row.get(0)).optional()?;
    Ok(found.map(campaign_id))
}

pub(crate) fn set_summary(
    tx: &Transaction<'_>,
    id: CampaignId,
    summary: &str,
) -> Result<(), Failure> {
    set_column(tx, "UPDATE campaigns SET summary = ?2 WHERE id = ?1", id, summary)
}

pub(crate) fn set_account(
    tx: &Transaction<'_>,
    id: CampaignId,
    account: &str,
) -> Result<(), Failure> {
    set_column(tx, "UPDATE campaigns SET account = ?2 WHERE id = ?1", id, account)
}

fn set_column(tx: &Transaction<'_>, sql: &str, id: CampaignId, value: &str) -> Result<(), Failure> {
    match tx.prepare_cached(sql)?.execute(params![campaign_column(id), value])? {
        0 => Err(StoreError::no_campaign(id).into()),
        _ => Ok(()),
    }
}

pub(crate) fn owners(
    tx: &Transaction<'_>,
    references: &[ReferenceId],
) -> Result<Vec<Option<Owner>>, Failure> {
    let sql = "SELECT m.campaign, m.idx, c.platform, c.account FROM messages m \
        JOIN campaigns c ON c.id = m.campaign WHERE m.reference = ?1 AND c.state <> ?2 \
        ORDER BY c.created_at DESC, c.id DESC LIMIT 1";
    let mut statement = tx.prepare_cached(sql)?;
    let preparing = CampaignState::Preparing.word();
    let mut owner = |reference: &ReferenceId| -> Result<Option<Owner>, Failure> {
        let found = statement.query_one(params![reference.as_str(), preparing], |row| {
            Ok(Owner {
                campaign: campaign_id(row.get(0)?),
                index: row.get(1)?,
                platform: row.get(2)?,
                account: row.get(3)?,
            })
        });
        Ok(found.optional()?)
    };
    references.iter().map(&mut owner).collect()
}

pub(crate) fn setting(tx: &Transaction<'_>, name: &str, proposed: &str) -> Result<String, Failure> {
    let insert = "INSERT INTO settings VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    tx.prepare_cached(insert)?.execute([name, proposed])?;
    let select = "SELECT value FROM settings WHERE name = ?1";
    Ok(tx.prepare_cached(select)?.query_one([name], |row| row.get(0))?)
}
