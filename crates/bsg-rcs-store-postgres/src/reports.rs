//! What was said of a campaign's messages, read: sets, clicks, buttons, contradictions, and all of
//! it at one moment.

use std::time::Duration;

use bsg_rcs_domain::{CampaignId, Reports};
use bsg_rcs_store::rows::{CONTRADICTED_MAX, UNKNOWN_WORDS_MAX};
use bsg_rcs_store::sql::read_reports;
use bsg_rcs_store::{ButtonRow, Snapshot, StoreError, UnknownWord};
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::rows::{campaign_column, small};
use crate::{batches, campaigns, counts};

/// Everything that a report needs. The transaction sees one state of the database throughout.
pub(crate) async fn snapshot(
    tx: &Transaction<'_>,
    id: CampaignId,
    overdue_after: Duration,
) -> Result<Snapshot, Failure> {
    let campaign = campaigns::campaign(tx, id).await?;
    let now = campaigns::now(tx).await?;
    Ok(Snapshot {
        now,
        campaign: campaign.ok_or_else(|| StoreError::no_campaign(id))?,
        batches: batches::sums(tx, now, id).await?,
        tally: counts::tally(tx, id, now.before(overdue_after)).await?,
        clicks: clicks(tx, id).await?,
        buttons: buttons(tx, id).await?,
        contradicted: contradicted(tx, id, CONTRADICTED_MAX).await?,
        unknown_words: unknown_words(tx, id).await?,
    })
}

pub(crate) async fn reports(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    index: u32,
) -> Result<Reports, Failure> {
    let sql = "SELECT reports FROM messages WHERE campaign = $1 AND idx = $2";
    let statement = tx.prepare_cached(sql).await?;
    let found = tx.query_opt(&statement, &[&campaign_column(campaign), &i64::from(index)]).await?;
    let Some(row) = found else { return Ok(Reports::default()) };
    let unreadable = |_| StoreError::Unreadable { campaign, index };
    Ok(read_reports(row.try_get(0)?).map_err(unreadable)?)
}

pub(crate) async fn clicks(tx: &Transaction<'_>, campaign: CampaignId) -> Result<u64, Failure> {
    let statement = tx.prepare_cached("SELECT count(*) FROM clicks WHERE campaign = $1").await?;
    let row = tx.query_one(&statement, &[&campaign_column(campaign)]).await?;
    Ok(row.try_get::<_, i64>(0)?.cast_unsigned())
}

pub(crate) async fn buttons(
    tx: &Transaction<'_>,
    campaign: CampaignId,
) -> Result<Vec<ButtonRow>, Failure> {
    let sql = "SELECT text, postback, count(*) FROM clicks WHERE campaign = $1 \
        GROUP BY text, postback \
        ORDER BY 3 DESC, text COLLATE \"C\" NULLS FIRST, postback COLLATE \"C\" NULLS FIRST";
    let statement = tx.prepare_cached(sql).await?;
    let read = |row: &Row| -> Result<ButtonRow, Failure> {
        let clicks = row.try_get::<_, i64>(2)?.cast_unsigned();
        Ok(ButtonRow { text: row.try_get(0)?, postback: row.try_get(1)?, clicks })
    };
    tx.query(&statement, &[&campaign_column(campaign)]).await?.iter().map(read).collect()
}

pub(crate) async fn contradicted(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    limit: u32,
) -> Result<Vec<u32>, Failure> {
    let sql = "SELECT idx FROM messages WHERE campaign = $1 AND contradicted ORDER BY idx LIMIT $2";
    let statement = tx.prepare_cached(sql).await?;
    let found = tx.query(&statement, &[&campaign_column(campaign), &i64::from(limit)]).await?;
    found.iter().map(|row| small(row.try_get(0)?, "index of a recipient")).collect()
}

async fn unknown_words(tx: &Transaction<'_>, id: CampaignId) -> Result<Vec<UnknownWord>, Failure> {
    let sql = "SELECT word, sum(reports)::bigint FROM unknown_words WHERE campaign = $1 \
        GROUP BY word ORDER BY word COLLATE \"C\" LIMIT $2";
    let statement = tx.prepare_cached(sql).await?;
    let limit = i64::from(UNKNOWN_WORDS_MAX);
    let read = |row: &Row| -> Result<UnknownWord, Failure> {
        let reports = row.try_get::<_, i64>(1)?.cast_unsigned();
        Ok(UnknownWord { word: row.try_get(0)?, reports })
    };
    tx.query(&statement, &[&campaign_column(id), &limit]).await?.iter().map(read).collect()
}
