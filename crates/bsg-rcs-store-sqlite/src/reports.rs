//! What was said of a campaign's messages, read: sets, clicks, buttons, contradictions, and all of
//! it at one moment.

use std::time::Duration;

use bsg_rcs_domain::{CampaignId, Reports};
use bsg_rcs_store::rows::{CONTRADICTED_MAX, UNKNOWN_WORDS_MAX};
use bsg_rcs_store::sql::read_reports;
use bsg_rcs_store::{ButtonRow, Snapshot, StoreError, Timestamp, UnknownWord};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::failure::Failure;
use crate::rows::campaign_column;
use crate::{batches, campaigns, counts};

pub(crate) fn snapshot(
    tx: &Transaction<'_>,
    now: Timestamp,
    id: CampaignId,
    overdue_after: Duration,
) -> Result<Snapshot, Failure> {
    Ok(Snapshot {
        now,
        campaign: campaigns::existing(tx, id)?,
        batches: batches::sums(tx, now, id)?,
        tally: counts::tally(tx, id, now.before(overdue_after))?,
        clicks: clicks(tx, id)?,
        buttons: buttons(tx, id)?,
        contradicted: contradicted(tx, id, CONTRADICTED_MAX)?,
        unknown_words: unknown_words(tx, id)?,
    })
}

pub(crate) fn reports(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    index: u32,
) -> Result<Reports, Failure> {
    let sql = "SELECT reports FROM messages WHERE campaign = ?1 AND idx = ?2";
    let of = params![campaign_column(campaign), index];
    let column = tx.prepare_cached(sql)?.query_one(of, |row| row.get::<_, String>(0)).optional()?;
    let unreadable = |_| StoreError::Unreadable { campaign, index };
    Ok(read_reports(&column.unwrap_or_default()).map_err(unreadable)?)
}

pub(crate) fn buttons(
    tx: &Transaction<'_>,
    campaign: CampaignId,
) -> Result<Vec<ButtonRow>, Failure> {
    let sql = "SELECT text, postback, count(*) FROM clicks WHERE campaign = ?1 \
        GROUP BY text, postback ORDER BY 3 DESC, text, postback";
    let read = |row: &Row<'_>| -> Result<ButtonRow, Failure> {
        let clicks = row.get::<_, i64>(2)?.cast_unsigned();
        Ok(ButtonRow { text: row.get(0)?, postback: row.get(1)?, clicks })
    };
    tx.prepare_cached(sql)?.query_and_then([campaign_column(campaign)], read)?.collect()
}

pub(crate) fn contradicted(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    limit: u32,
) -> Result<Vec<u32>, Failure> {
    // Without the hint SQLite would read all recipients, which stand in the order that is asked for.
    let sql = "SELECT idx FROM messages INDEXED BY messages_contradicted \
        WHERE campaign = ?1 AND contradicted <> 0 ORDER BY idx LIMIT ?2";
    let read = |row: &Row<'_>| -> Result<u32, Failure> { Ok(row.get(0)?) };
    tx.prepare_cached(sql)?
        .query_and_then(params![campaign_column(campaign), limit], read)?
        .collect()
}

pub(crate) fn clicks(tx: &Transaction<'_>, campaign: CampaignId) -> Result<u64, Failure> {
    let sql = "SELECT count(*) FROM clicks WHERE campaign = ?1";
    let of = [campaign_column(campaign)];
    Ok(tx.prepare_cached(sql)?.query_one(of, |row| row.get::<_, i64>(0))?.cast_unsigned())
}

fn unknown_words(tx: &Transaction<'_>, id: CampaignId) -> Result<Vec<UnknownWord>, Failure> {
    let sql = "SELECT word, reports FROM unknown_words WHERE campaign = ?1 ORDER BY word LIMIT ?2";
    let read = |row: &Row<'_>| -> Result<UnknownWord, Failure> {
        Ok(UnknownWord { word: row.get(0)?, reports: row.get::<_, i64>(1)?.cast_unsigned() })
    };
    let of = params![campaign_column(id), UNKNOWN_WORDS_MAX];
    tx.prepare_cached(sql)?.query_and_then(of, read)?.collect()
}
