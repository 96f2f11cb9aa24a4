//! What is said of recipients, in callbacks or in answers: the sets grow, and whatever is derived
//! of a set that grew is made anew in the same transaction. A repetition costs no more than a
//! look.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bsg_rcs_domain::{CampaignId, Report, Reports};
use bsg_rcs_store::columns::{money_column, unless_silent};
use bsg_rcs_store::rows::{ASIDE_MAX, Click};
use bsg_rcs_store::view::MessageView;
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{ButtonRow, Changed, KeptBody, Received, Said, StoreError, Timestamp, Verdict};
use rusqlite::{OptionalExtension, Row, Transaction, named_params, params};

use crate::batches::now;
use crate::changes;
use crate::failure::Failure;
use crate::rows::{REPORT, campaign_column, read_report};

/// Recipients whose set of reports grew, with the whole set where it was empty before: that need not
/// be read.
type Grown = BTreeMap<(CampaignId, u32), Option<Reports>>;

/// What stands of a recipient before something is said of it.
struct Recipient {
    campaign: CampaignId,
    index: u32,
    /// As its column has it: 0 if it was forgotten.
    number: i64,
    /// Whether nothing was reported of it yet.
    untold: bool,
}

pub(crate) fn keep(tx: &Transaction<'_>, received: &[Received]) -> Result<(), Failure> {
    let mut grown = Grown::new();
    for callback in received {
        match &callback.verdict {
            Verdict::SetAside { why } => {
                keep_body(tx, callback.at, &callback.body, None, Some(why))?;
            }
            Verdict::Ours { campaign, index, said } => match recipient(tx, *campaign, *index)? {
                None => {
                    let why = StoreError::no_recipient(*campaign, *index).to_string();
                    keep_body(tx, callback.at, &callback.body, None, Some(&why))?;
                }
                Some(recipient) => {
                    // What comes of somebody who was forgotten is not kept by the letter.
                    let body = if recipient.number == 0 { &[][..] } else { &callback.body };
                    keep_body(tx, callback.at, body, Some((*campaign, *index)), None)?;
                    keep_said(tx, &recipient, said, &mut grown)?;
                }
            },
        }
    }
    if received.iter().any(|one| matches!(one.verdict, Verdict::SetAside { .. })) {
        drop_old_asides(tx)?;
    }
    derive_views(tx, &grown)
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
    let mut grown = Grown::new();
    for (id, verdict) in judged {
        let (whom, why, said) = match verdict {
            Verdict::SetAside { why } => (None, Some(why.clone()), None),
            Verdict::Ours { campaign, index, said } => match recipient(tx, *campaign, *index)? {
                None => (None, Some(StoreError::no_recipient(*campaign, *index).to_string()), None),
                Some(recipient) => (Some(recipient), None, Some(said)),
            },
        };
        let (campaign, index) = whom.as_ref().map(|one| (one.campaign, one.index)).unzip();
        let columns = params![id.cast_signed(), campaign.map(campaign_column), index, why];
        if update.execute(columns)? == 0 {
            continue;
        }
        if let (Some(recipient), Some(said)) = (whom, said) {
            keep_said(tx, &recipient, said, &mut grown)?;
        }
    }
    derive_views(tx, &grown)
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

pub(crate) fn add_reports(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    reports: &[(u32, Report)],
) -> Result<(), Failure> {
    let mut grown = Grown::new();
    for (index, report) in reports {
        let Some(recipient) = recipient(tx, campaign, *index)? else {
            return Err(StoreError::no_recipient(campaign, *index).into());
        };
        insert_report(tx, &recipient, report, &mut grown)?;
    }
    derive_views(tx, &grown)
}

pub(crate) fn reports(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    index: u32,
) -> Result<Reports, Failure> {
    let sql = format!("SELECT {REPORT} FROM reports WHERE campaign = ?1 AND idx = ?2");
    let of = params![campaign_column(campaign), index];
    tx.prepare_cached(&sql)?.query_and_then(of, read_report)?.collect()
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
    let sql = "SELECT idx FROM messages WHERE campaign = ?1 AND contradicted <> 0 \
        ORDER BY idx LIMIT ?2";
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

fn recipient(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    index: u32,
) -> Result<Option<Recipient>, Failure> {
    let sql = "SELECT number, shown IS NULL FROM messages WHERE campaign = ?1 AND idx = ?2";
    let of = params![campaign_column(campaign), index];
    let read =
        |row: &Row<'_>| Ok(Recipient { campaign, index, number: row.get(0)?, untold: row.get(1)? });
    Ok(tx.prepare_cached(sql)?.query_one(of, read).optional()?)
}

fn keep_body(
    tx: &Transaction<'_>,
    at: Timestamp,
    body: &[u8],
    whom: Option<(CampaignId, u32)>,
    why: Option<&str>,
) -> Result<(), Failure> {
    let sql = "INSERT INTO callbacks (received_at, body, campaign, idx, why) \
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let (campaign, index) = whom.unzip();
    let campaign = campaign.map(campaign_column);
    let columns = params![at.0, body, campaign, index, why];
    tx.prepare_cached(sql)?.execute(columns)?;
    Ok(())
}

fn keep_said(
    tx: &Transaction<'_>,
    recipient: &Recipient,
    said: &Said,
    grown: &mut Grown,
) -> Result<(), Failure> {
    match said {
        Said::Report(report) => insert_report(tx, recipient, report, grown),
        Said::Click(click) => insert_click(tx, recipient.campaign, recipient.index, click),
    }
}

fn insert_report(
    tx: &Transaction<'_>,
    recipient: &Recipient,
    report: &Report,
    grown: &mut Grown,
) -> Result<(), Failure> {
    // Not OR IGNORE, which would swallow more than a repetition.
    // By place, not by name: this is done for every callback.
    let sql = "INSERT INTO reports VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    let new = tx.prepare_cached(sql)?.execute(params![
        campaign_column(recipient.campaign),
        recipient.index,
        report.message.0.cast_signed(),
        report.status.as_str(),
        report.channel.map_or("", Word::word),
        unless_silent(report.price),
        unless_silent(report.sent_at),
        unless_silent(report.reported_at),
    ])?;
    if new > 0 {
        match grown.entry((recipient.campaign, recipient.index)) {
            Entry::Vacant(entry) => {
                entry.insert(recipient.untold.then(|| Reports::from_iter([report.clone()])));
            }
            Entry::Occupied(mut entry) => {
                if let Some(reports) = entry.get_mut() {
                    reports.insert(report.clone());
                }
            }
        }
    }
    Ok(())
}

fn insert_click(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    index: u32,
    click: &Click,
) -> Result<(), Failure> {
    let sql = "INSERT INTO clicks VALUES (:campaign, :idx, :message, :text, :postback, \
        :clicked_at) ON CONFLICT DO NOTHING";
    let new = tx.prepare_cached(sql)?.execute(named_params! {
        ":campaign": campaign_column(campaign),
        ":idx": index,
        ":message": click.message.0.cast_signed(),
        ":text": click.text,
        ":postback": click.postback,
        ":clicked_at": click.clicked_at.map(|at| at.to_string()),
    })?;
    if new > 0 {
        changes::log(tx, now(tx)?, campaign, index, Changed::Clicked)?;
    }
    Ok(())
}

fn derive_views(tx: &Transaction<'_>, grown: &Grown) -> Result<(), Failure> {
    if grown.is_empty() {
        return Ok(());
    }
    let at = now(tx)?;
    let mut alternative: Option<(CampaignId, bool)> = None;
    let mut update = tx.prepare_cached(
        "UPDATE messages SET shown = ?3, ended = ?4, sms = ?5, billed = ?6, contradicted = ?7 \
         WHERE campaign = ?1 AND idx = ?2",
    )?;
    for ((campaign, index), known) in grown {
        // Neighbours in the set are mostly of one campaign.
        let has_alternative = match alternative {
            Some((of, has)) if of == *campaign => has,
            _ => has_alternative_channel(tx, *campaign)?,
        };
        alternative = Some((*campaign, has_alternative));
        let view = match known {
            Some(reports) => MessageView::of(reports, has_alternative),
            None => MessageView::of(&reports(tx, *campaign, *index)?, has_alternative),
        };
        update.execute(params![
            campaign_column(*campaign),
            index,
            view.shown.word(),
            view.ended,
            view.sms,
            money_column(&view.billed),
            view.contradicted,
        ])?;
        let what = Changed::Reported { shown: view.shown, ended: view.ended };
        changes::log(tx, at, *campaign, *index, what)?;
    }
    Ok(())
}

fn has_alternative_channel(tx: &Transaction<'_>, campaign: CampaignId) -> Result<bool, Failure> {
    let sql = "SELECT alternative_channel FROM campaigns WHERE id = ?1";
    let of = [campaign_column(campaign)];
    let found = tx.prepare_cached(sql)?.query_one(of, |row| row.get(0)).optional()?;
    found.ok_or_else(|| StoreError::no_campaign(campaign).into())
}
