//! Callbacks as they came: which recipients they are of, what is kept of them by the letter, and
//! what is set aside.

use bsg_rcs_store::rows::ASIDE_MAX;
use bsg_rcs_store::sql::RecipientKey;
use bsg_rcs_store::{KeptBody, Received, SetAside, StoreError, Timestamp, Verdict};
use rusqlite::{CachedStatement, Row, Transaction, params};

use crate::body_numbers::last_body;
use crate::failure::Failure;
use crate::report_writes::ReportWriter;
use crate::rows::{campaign_column, cursor_column};

pub(crate) fn keep(
    tx: &Transaction<'_>,
    now: Timestamp,
    received: &[Received],
) -> Result<(), Failure> {
    let mut writer = ReportWriter::begin(tx, now)?;
    let mut bodies = Bodies::begin(tx, now)?;
    let mut any_aside = false;
    for Received { body, verdict } in received {
        let why = match verdict {
            Verdict::Ours { campaign, index, callback } => {
                let key = (*campaign, *index);
                match writer.is_forgotten(key)? {
                    None => StoreError::no_recipient(*campaign, *index).to_string(),
                    Some(is_forgotten) => {
                        // What comes of a recipient that was forgotten is not kept by the letter.
                        let body = if is_forgotten { &[][..] } else { body };
                        bodies.keep(body, Ok(key))?;
                        writer.add(key, callback)?;
                        continue;
                    }
                }
            }
            Verdict::SetAside { why } => why.clone(),
        };
        bodies.keep(body, Err(&why))?;
        any_aside = true;
    }
    drop(bodies);
    if any_aside {
        drop_old_asides(tx)?;
    }
    writer.end()
}

/// Of what is set aside, the latest stay.
fn drop_old_asides(tx: &Transaction<'_>) -> Result<(), Failure> {
    let sql = "DELETE FROM callbacks WHERE why IS NOT NULL AND id <= (SELECT id FROM callbacks \
        WHERE why IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?1)";
    tx.prepare_cached(sql)?.execute([ASIDE_MAX])?;
    Ok(())
}

pub(crate) fn judge_again(
    tx: &Transaction<'_>,
    now: Timestamp,
    judged: &[(u64, Verdict)],
) -> Result<(), Failure> {
    let sql = "UPDATE callbacks SET campaign = ?2, idx = ?3, why = ?4, \
        body = CASE WHEN ?5 THEN x'' ELSE body END WHERE id = ?1";
    let mut update = tx.prepare_cached(sql)?;
    let mut writer = ReportWriter::begin(tx, now)?;
    for (id, verdict) in judged {
        let Some(id) = cursor_column(*id) else { continue };
        let (ours, why, is_forgotten) = match verdict {
            Verdict::SetAside { why } => (None, Some(why.clone()), false),
            Verdict::Ours { campaign, index, callback } => {
                let key = (*campaign, *index);
                match writer.is_forgotten(key)? {
                    None => (None, Some(StoreError::no_recipient(key.0, key.1).to_string()), false),
                    Some(is_forgotten) => (Some((key, callback)), None, is_forgotten),
                }
            }
        };
        let (campaign, index) = ours.map(|(key, _)| (campaign_column(key.0), key.1)).unzip();
        if update.execute(params![id, campaign, index, why, is_forgotten])? == 0 {
            continue;
        }
        if let Some((key, callback)) = ours {
            writer.add(key, callback)?;
        }
    }
    writer.end()
}

pub(crate) fn bodies(
    tx: &Transaction<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<KeptBody>, Failure> {
    let Some(after) = cursor_column(after) else { return Ok(Vec::new()) };
    let sql = "SELECT id, body FROM callbacks WHERE id > ?1 ORDER BY id LIMIT ?2";
    let read = |row: &Row<'_>| -> Result<KeptBody, Failure> {
        Ok(KeptBody { id: row.get::<_, i64>(0)?.cast_unsigned(), body: row.get(1)? })
    };
    tx.prepare_cached(sql)?.query_and_then(params![after, limit], read)?.collect()
}

pub(crate) fn set_aside(
    tx: &Transaction<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<SetAside>, Failure> {
    let Some(after) = cursor_column(after) else { return Ok(Vec::new()) };
    let sql = "SELECT id, received_at, why, body FROM callbacks \
        WHERE id > ?1 AND why IS NOT NULL ORDER BY id LIMIT ?2";
    let read = |row: &Row<'_>| -> Result<SetAside, Failure> {
        Ok(SetAside {
            id: row.get::<_, i64>(0)?.cast_unsigned(),
            at: Timestamp(row.get(1)?),
            why: row.get(2)?,
            body: row.get(3)?,
        })
    };
    tx.prepare_cached(sql)?.query_and_then(params![after, limit], read)?.collect()
}

/// Bodies as one transaction adds them: no number is given twice.
struct Bodies<'tx> {
    insert: CachedStatement<'tx>,
    now: Timestamp,
    last: i64,
}

impl<'tx> Bodies<'tx> {
    fn begin(tx: &'tx Transaction<'_>, now: Timestamp) -> Result<Self, Failure> {
        let insert = tx.prepare_cached("INSERT INTO callbacks VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        Ok(Self { insert, now, last: last_body(tx)? })
    }

    /// Keeps a body: which recipient it is of, or why it is set aside.
    fn keep(&mut self, body: &[u8], of: Result<RecipientKey, &str>) -> Result<(), Failure> {
        self.last += 1;
        let (campaign, index) = of.ok().unzip();
        let campaign = campaign.map(campaign_column);
        self.insert.execute(params![self.last, self.now.0, body, campaign, index, of.err()])?;
        Ok(())
    }
}
