//! Callbacks as they came: whose they are, what is kept of them by the letter, and what is set aside.

use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::rows::ASIDE_MAX;
use bsg_rcs_store::{KeptBody, Received, StoreError, Timestamp, Verdict};
use rusqlite::{CachedStatement, Row, Transaction, params};

use crate::failure::Failure;
use crate::rows::campaign_column;
use crate::said::Saying;

pub(crate) fn keep(tx: &Transaction<'_>, received: &[Received]) -> Result<(), Failure> {
    let mut saying = Saying::begin(tx)?;
    let mut insert =
        tx.prepare_cached("INSERT INTO callbacks VALUES (NULL, ?1, ?2, ?3, ?4, ?5)")?;
    let mut any_aside = false;
    for Received { at, body, verdict } in received {
        let missing = match verdict {
            Verdict::Ours { campaign, index, said } => {
                let whom = (*campaign, *index);
                match saying.number(whom)? {
                    None => StoreError::no_recipient(*campaign, *index).to_string(),
                    Some(number) => {
                        // What comes of somebody who was forgotten is not kept by the letter.
                        let body = if number == 0 { &[][..] } else { body };
                        keep_body(&mut insert, *at, body, Ok(whom))?;
                        saying.say(whom, said)?;
                        continue;
                    }
                }
            }
            Verdict::SetAside { why } => why.clone(),
        };
        keep_body(&mut insert, *at, body, Err(&missing))?;
        any_aside = true;
    }
    if any_aside {
        drop_old_asides(tx)?;
    }
    saying.end()
}

/// Of what is set aside, the latest stay.
fn drop_old_asides(tx: &Transaction<'_>) -> Result<(), Failure> {
    let sql = "DELETE FROM callbacks WHERE why IS NOT NULL AND id <= (SELECT id FROM callbacks \
        WHERE why IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?1)";
    tx.prepare_cached(sql)?.execute([ASIDE_MAX])?;
    Ok(())
}

pub(crate) fn judge_again(tx: &Transaction<'_>, judged: &[(u64, Verdict)]) -> Result<(), Failure> {
    let sql = "UPDATE callbacks SET campaign = ?2, idx = ?3, why = ?4, \
        body = CASE WHEN EXISTS (SELECT 1 FROM messages WHERE campaign = ?2 AND idx = ?3 \
            AND number = 0) THEN x'' ELSE body END WHERE id = ?1";
    let mut update = tx.prepare_cached(sql)?;
    let mut saying = Saying::begin(tx)?;
    for (id, verdict) in judged {
        let (whom, why, said) = match verdict {
            Verdict::SetAside { why } => (None, Some(why.clone()), None),
            Verdict::Ours { campaign, index, said } => match saying.number((*campaign, *index))? {
                None => (None, Some(StoreError::no_recipient(*campaign, *index).to_string()), None),
                Some(_) => (Some((*campaign, *index)), None, Some(said)),
            },
        };
        let (campaign, index) = whom.unzip();
        let columns = params![id.cast_signed(), campaign.map(campaign_column), index, why];
        if update.execute(columns)? == 0 {
            continue;
        }
        if let (Some(whom), Some(said)) = (whom, said) {
            saying.say(whom, said)?;
        }
    }
    saying.end()
}

pub(crate) fn bodies(
    tx: &Transaction<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<KeptBody>, Failure> {
    let sql = "SELECT id, body FROM callbacks WHERE id > ?1 ORDER BY id LIMIT ?2";
    let read = |row: &Row<'_>| -> Result<KeptBody, Failure> {
        Ok(KeptBody { id: row.get::<_, i64>(0)?.cast_unsigned(), body: row.get(1)? })
    };
    tx.prepare_cached(sql)?.query_and_then(params![after.cast_signed(), limit], read)?.collect()
}

/// Keeps a body: of whom it is, or why it is set aside.
fn keep_body(
    insert: &mut CachedStatement<'_>,
    at: Timestamp,
    body: &[u8],
    whom: Result<(CampaignId, u32), &str>,
) -> Result<(), Failure> {
    let (campaign, index) = whom.ok().unzip();
    insert.execute(params![at.0, body, campaign.map(campaign_column), index, whom.err()])?;
    Ok(())
}
