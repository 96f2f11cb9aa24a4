//! What is said of recipients, in callbacks or in answers: the sets grow, and whatever is derived
//! of a set that grew is made anew in the same transaction.
//!
//! Recipients are locked first, in the order of their keys: of two transactions that add to one
//! set, the second waits, and derives from what the first has written too.

use std::collections::{BTreeMap, BTreeSet};

use bsg_rcs_domain::{CampaignId, Report, Reports};
use bsg_rcs_store::columns::{money_column, unless_silent};
use bsg_rcs_store::rows::{ASIDE_MAX, Click};
use bsg_rcs_store::view::MessageView;
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{ButtonRow, Changed, KeptBody, Received, Said, StoreError, Verdict};
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

use crate::changes;
use crate::failure::Failure;
use crate::rows::{REPORT, campaign_column, campaign_id, clean, read_report, small};

/// A recipient: its campaign and its index.
pub(crate) type Pair = (CampaignId, u32);

pub(crate) async fn keep(tx: &Transaction<'_>, received: &[Received]) -> Result<(), Failure> {
    let ours: Vec<(Pair, &Said)> = received
        .iter()
        .filter_map(|callback| match &callback.verdict {
            Verdict::Ours { campaign, index, said } => Some(((*campaign, *index), said)),
            Verdict::SetAside { .. } => None,
        })
        .collect();
    let there = lock_recipients(tx, ours.iter().map(|(pair, _)| *pair)).await?;
    keep_bodies(tx, received, &there).await?;
    let (mut reports, mut clicks) = (Vec::new(), Vec::new());
    for (pair, said) in ours.into_iter().filter(|(pair, _)| there.contains(pair)) {
        match said {
            Said::Report(report) => reports.push((pair, report)),
            Said::Click(click) => clicks.push((pair, click)),
        }
    }
    let mut changed = insert_reports(tx, &reports).await?;
    changed.extend(insert_clicks(tx, &clicks).await?);
    changes::log(tx, &changed).await
}

pub(crate) async fn judge_again(
    tx: &Transaction<'_>,
    judged: &[(u64, Verdict)],
) -> Result<(), Failure> {
    let pairs = judged.iter().filter_map(|(_, verdict)| match verdict {
        Verdict::Ours { campaign, index, .. } => Some((*campaign, *index)),
        Verdict::SetAside { .. } => None,
    });
    let there = lock_recipients(tx, pairs).await?;
    let sql = "UPDATE callbacks SET campaign = $2, idx = $3, why = $4, \
        body = CASE WHEN EXISTS (SELECT 1 FROM messages m WHERE m.campaign = $2 AND m.idx = $3 \
            AND m.number = 0) THEN ''::bytea ELSE body END WHERE id = $1";
    let update = tx.prepare_cached(sql).await?;
    let (mut reports, mut clicks) = (Vec::new(), Vec::new());
    for (id, verdict) in judged {
        let (whom, why) = kept_as(verdict, &there);
        let (campaign, index) = whom.unzip();
        let found = tx.execute(&update, &[&id.cast_signed(), &campaign, &index, &why]).await?;
        if let (1.., Some(_), Verdict::Ours { campaign, index, said }) = (found, whom, verdict) {
            match said {
                Said::Report(report) => reports.push(((*campaign, *index), report)),
                Said::Click(click) => clicks.push(((*campaign, *index), click)),
            }
        }
    }
    let mut changed = insert_reports(tx, &reports).await?;
    changed.extend(insert_clicks(tx, &clicks).await?);
    changes::log(tx, &changed).await
}

pub(crate) async fn bodies(
    tx: &Transaction<'_>,
    after: u64,
    limit: u32,
) -> Result<Vec<KeptBody>, Failure> {
    let sql = "SELECT id, body FROM callbacks WHERE id > $1 ORDER BY id LIMIT $2";
    let statement = tx.prepare_cached(sql).await?;
    let found = tx.query(&statement, &[&after.cast_signed(), &i64::from(limit)]).await?;
    let read = |row: &Row| -> Result<KeptBody, Failure> {
        Ok(KeptBody { id: row.try_get::<_, i64>(0)?.cast_unsigned(), body: row.try_get(1)? })
    };
    found.iter().map(read).collect()
}

pub(crate) async fn add_reports(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    reports: &[(u32, Report)],
) -> Result<(), Failure> {
    let there = lock_recipients(tx, reports.iter().map(|(index, _)| (campaign, *index))).await?;
    if let Some((missing, _)) = reports.iter().find(|(at, _)| !there.contains(&(campaign, *at))) {
        return Err(StoreError::no_recipient(campaign, *missing).into());
    }
    let reports = reports.iter().map(|(index, report)| ((campaign, *index), report));
    let changed = insert_reports(tx, &reports.collect::<Vec<_>>()).await?;
    changes::log(tx, &changed).await
}

pub(crate) async fn reports(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    index: u32,
) -> Result<Reports, Failure> {
    let sql = format!("SELECT {REPORT} FROM reports WHERE campaign = $1 AND idx = $2");
    let statement = tx.prepare_cached(&sql).await?;
    let found = tx.query(&statement, &[&campaign_column(campaign), &i64::from(index)]).await?;
    found.iter().map(read_report).collect()
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
        GROUP BY text, postback ORDER BY 3 DESC, text, postback";
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

/// Locks these recipients until the transaction ends; answers which of them there are.
pub(crate) async fn lock_recipients(
    tx: &Transaction<'_>,
    pairs: impl Iterator<Item = Pair>,
) -> Result<BTreeSet<Pair>, Failure> {
    let pairs: BTreeSet<Pair> = pairs.collect();
    if pairs.is_empty() {
        return Ok(pairs);
    }
    let (campaigns, indices) = columns(&pairs);
    let sql = "SELECT m.campaign, m.idx FROM messages m \
        JOIN unnest($1::bigint[], $2::bigint[]) AS asked (campaign, idx) USING (campaign, idx) \
        ORDER BY m.campaign, m.idx FOR NO KEY UPDATE OF m";
    let statement = tx.prepare_cached(sql).await?;
    let found = tx.query(&statement, &[&campaigns, &indices]).await?;
    found.iter().map(pair).collect()
}

fn columns(pairs: &BTreeSet<Pair>) -> (Vec<i64>, Vec<i64>) {
    pairs.iter().map(|(campaign, index)| (campaign_column(*campaign), i64::from(*index))).unzip()
}

async fn keep_bodies(
    tx: &Transaction<'_>,
    received: &[Received],
    there: &BTreeSet<Pair>,
) -> Result<(), Failure> {
    let mut campaigns = Vec::with_capacity(received.len());
    let mut indices = Vec::with_capacity(received.len());
    let mut whys = Vec::with_capacity(received.len());
    for callback in received {
        let (whom, why) = kept_as(&callback.verdict, there);
        campaigns.push(whom.map(|(campaign, _)| campaign));
        indices.push(whom.map(|(_, index)| index));
        whys.push(why);
    }
    let ats: Vec<i64> = received.iter().map(|callback| callback.at.0).collect();
    let bodies: Vec<&[u8]> = received.iter().map(|callback| &callback.body[..]).collect();
    // What comes of somebody who was forgotten is not kept by the letter.
    let sql = "INSERT INTO callbacks (received_at, body, campaign, idx, why) \
        SELECT new.at, CASE WHEN m.number = 0 THEN '' ELSE new.body END, new.campaign, new.idx, \
            new.why \
        FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::text[]) \
        WITH ORDINALITY AS new (at, body, campaign, idx, why, place) \
        LEFT JOIN messages m ON m.campaign = new.campaign AND m.idx = new.idx ORDER BY new.place";
    let statement = tx.prepare_cached(sql).await?;
    tx.execute(&statement, &[&ats, &bodies, &campaigns, &indices, &whys]).await?;
    if whys.iter().any(Option::is_some) {
        // Of what is set aside, the latest stay.
        let sql = "DELETE FROM callbacks WHERE why IS NOT NULL AND id <= (SELECT id FROM callbacks \
            WHERE why IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET $1)";
        let statement = tx.prepare_cached(sql).await?;
        tx.execute(&statement, &[&i64::from(ASIDE_MAX)]).await?;
    }
    Ok(())
}

/// Whom a body concerns and why it is set aside, as columns.
fn kept_as(verdict: &Verdict, there: &BTreeSet<Pair>) -> (Option<(i64, i64)>, Option<String>) {
    match verdict {
        Verdict::SetAside { why } => (None, Some(clean(why).into_owned())),
        Verdict::Ours { campaign, index, .. } if there.contains(&(*campaign, *index)) => {
            (Some((campaign_column(*campaign), i64::from(*index))), None)
        }
        Verdict::Ours { campaign, index, .. } => {
            (None, Some(StoreError::no_recipient(*campaign, *index).to_string()))
        }
    }
}

/// Adds to the sets of recipients that are locked, and derives anew what is derived of them.
async fn insert_reports(
    tx: &Transaction<'_>,
    reports: &[(Pair, &Report)],
) -> Result<Vec<(Pair, Changed)>, Failure> {
    if reports.is_empty() {
        return Ok(Vec::new());
    }
    let of = |read: fn(&Report) -> String| -> Vec<String> {
        reports.iter().map(|(_, report)| read(report)).collect()
    };
    let campaigns: Vec<i64> = reports.iter().map(|((id, _), _)| campaign_column(*id)).collect();
    let indices: Vec<i64> = reports.iter().map(|((_, index), _)| i64::from(*index)).collect();
    let messages: Vec<i64> =
        reports.iter().map(|(_, report)| report.message.0.cast_signed()).collect();
    let statuses = of(|report| clean(report.status.as_str()).into_owned());
    let channels = of(|report| unless_silent(report.channel.map(Word::word)));
    let prices = of(|report| unless_silent(report.price));
    let sent_ats = of(|report| unless_silent(report.sent_at));
    let reported_ats = of(|report| unless_silent(report.reported_at));
    let sql = "INSERT INTO reports SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], \
        $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) \
        ON CONFLICT DO NOTHING RETURNING campaign, idx";
    let statement = tx.prepare_cached(sql).await?;
    let new = tx
        .query(
            &statement,
            &[
                &campaigns,
                &indices,
                &messages,
                &statuses,
                &channels,
                &prices,
                &sent_ats,
                &reported_ats,
            ],
        )
        .await?;
    let grown = new.iter().map(pair).collect::<Result<BTreeSet<_>, _>>()?;
    derive_views(tx, &grown).await
}

async fn insert_clicks(
    tx: &Transaction<'_>,
    clicks: &[(Pair, &Click)],
) -> Result<Vec<(Pair, Changed)>, Failure> {
    if clicks.is_empty() {
        return Ok(Vec::new());
    }
    let campaigns: Vec<i64> = clicks.iter().map(|((id, _), _)| campaign_column(*id)).collect();
    let indices: Vec<i64> = clicks.iter().map(|((_, index), _)| i64::from(*index)).collect();
    let messages: Vec<i64> =
        clicks.iter().map(|(_, click)| click.message.0.cast_signed()).collect();
    let texts: Vec<_> = clicks.iter().map(|(_, click)| click.text.as_deref().map(clean)).collect();
    let postbacks: Vec<_> =
        clicks.iter().map(|(_, click)| click.postback.as_deref().map(clean)).collect();
    let clicked_ats: Vec<Option<String>> =
        clicks.iter().map(|(_, click)| click.clicked_at.map(|at| at.to_string())).collect();
    let sql = "INSERT INTO clicks SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], \
        $4::text[], $5::text[], $6::text[]) ON CONFLICT DO NOTHING RETURNING campaign, idx";
    let statement = tx.prepare_cached(sql).await?;
    let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
        [&campaigns, &indices, &messages, &texts, &postbacks, &clicked_ats];
    let new = tx.query(&statement, &columns).await?;
    new.iter().map(|row| Ok((pair(row)?, Changed::Clicked))).collect()
}

/// A recipient in the first two columns.
fn pair(row: &Row) -> Result<Pair, Failure> {
    Ok((campaign_id(row.try_get(0)?), small(row.try_get(1)?, "index of a recipient")?))
}

async fn derive_views(
    tx: &Transaction<'_>,
    grown: &BTreeSet<Pair>,
) -> Result<Vec<(Pair, Changed)>, Failure> {
    if grown.is_empty() {
        return Ok(Vec::new());
    }
    let (campaigns, indices) = columns(grown);
    let sql = "SELECT r.*, c.alternative_channel FROM reports r \
        JOIN unnest($1::bigint[], $2::bigint[]) AS grown (campaign, idx) USING (campaign, idx) \
        JOIN campaigns c ON c.id = r.campaign";
    let statement = tx.prepare_cached(sql).await?;
    let mut sets: BTreeMap<Pair, (bool, Reports)> = BTreeMap::new();
    for row in &tx.query(&statement, &[&campaigns, &indices]).await? {
        let index = small(row.try_get("idx")?, "index of a recipient")?;
        let pair = (campaign_id(row.try_get("campaign")?), index);
        let (alternative_channel, reports) = sets.entry(pair).or_default();
        *alternative_channel = row.try_get("alternative_channel")?;
        reports.insert(read_report(row)?);
    }
    let views: Vec<(Pair, MessageView)> = sets
        .into_iter()
        .map(|(pair, (alternative, reports))| (pair, MessageView::of(&reports, alternative)))
        .collect();
    let campaigns: Vec<i64> = views.iter().map(|((id, _), _)| campaign_column(*id)).collect();
    let indices: Vec<i64> = views.iter().map(|((_, index), _)| i64::from(*index)).collect();
    let shown: Vec<&str> = views.iter().map(|(_, view)| view.shown.word()).collect();
    let ended: Vec<bool> = views.iter().map(|(_, view)| view.ended).collect();
    let sms: Vec<bool> = views.iter().map(|(_, view)| view.sms).collect();
    let billed: Vec<String> = views.iter().map(|(_, view)| money_column(&view.billed)).collect();
    let sql = "UPDATE messages m SET shown = new.shown, ended = new.ended, sms = new.sms, \
        billed = new.billed, contradicted = new.contradicted \
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::boolean[], $5::boolean[], \
        $6::text[], $7::boolean[]) AS new (campaign, idx, shown, ended, sms, billed, contradicted) \
        WHERE m.campaign = new.campaign AND m.idx = new.idx";
    let statement = tx.prepare_cached(sql).await?;
    let contradicted: Vec<bool> = views.iter().map(|(_, view)| view.contradicted).collect();
    let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
        [&campaigns, &indices, &shown, &ended, &sms, &billed, &contradicted];
    tx.execute(&statement, &columns).await?;
    let changed = |(pair, view): &(Pair, MessageView)| {
        (*pair, Changed::Reported { shown: view.shown, ended: view.ended })
    };
    Ok(views.iter().map(changed).collect())
}
