//! What is said of recipients, in callbacks or in answers: the sets grow, and whatever is derived
//! of a set that grew is made anew in the same transaction. A repetition costs no more than a
//! look.

use std::collections::BTreeSet;

use bsg_rcs_domain::{CampaignId, Report, Reports};
use bsg_rcs_store::columns::{money_column, unless_silent};
use bsg_rcs_store::rows::Click;
use bsg_rcs_store::view::MessageView;
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{Received, Said, StoreError, Verdict};
use rusqlite::{OptionalExtension, Transaction, named_params, params};

use crate::failure::Failure;
use crate::rows::{REPORT, campaign_column, read_report};

/// Recipients whose set of reports grew.
type Grown = BTreeSet<(CampaignId, u32)>;

pub(crate) fn keep(tx: &Transaction<'_>, received: &[Received]) -> Result<(), Failure> {
    let mut grown = Grown::new();
    for callback in received {
        match &callback.verdict {
            Verdict::SetAside { why } => keep_body(tx, callback, None, Some(why))?,
            Verdict::Ours { campaign, index, said } => {
                if is_recipient(tx, *campaign, *index)? {
                    keep_body(tx, callback, Some((*campaign, *index)), None)?;
                    keep_said(tx, *campaign, *index, said, &mut grown)?;
                } else {
                    let why = StoreError::no_recipient(*campaign, *index).to_string();
                    keep_body(tx, callback, None, Some(&why))?;
                }
            }
        }
    }
    derive_views(tx, &grown)
}

pub(crate) fn add_reports(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    reports: &[(u32, Report)],
) -> Result<(), Failure> {
    let mut grown = Grown::new();
    for (index, report) in reports {
        if !is_recipient(tx, campaign, *index)? {
            return Err(StoreError::no_recipient(campaign, *index).into());
        }
        insert_report(tx, campaign, *index, report, &mut grown)?;
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

pub(crate) fn clicks(tx: &Transaction<'_>, campaign: CampaignId) -> Result<u64, Failure> {
    let sql = "SELECT count(*) FROM clicks WHERE campaign = ?1";
    let of = [campaign_column(campaign)];
    Ok(tx.prepare_cached(sql)?.query_one(of, |row| row.get::<_, i64>(0))?.cast_unsigned())
}

fn is_recipient(tx: &Transaction<'_>, campaign: CampaignId, index: u32) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM messages WHERE campaign = ?1 AND idx = ?2";
    Ok(tx.prepare_cached(sql)?.exists(params![campaign_column(campaign), index])?)
}

fn keep_body(
    tx: &Transaction<'_>,
    callback: &Received,
    whom: Option<(CampaignId, u32)>,
    why: Option<&str>,
) -> Result<(), Failure> {
    let sql = "INSERT INTO callbacks (received_at, body, campaign, idx, why) \
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let (campaign, index) = whom.unzip();
    let campaign = campaign.map(campaign_column);
    let columns = params![callback.at.0, callback.body, campaign, index, why];
    tx.prepare_cached(sql)?.execute(columns)?;
    Ok(())
}

fn keep_said(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    index: u32,
    said: &Said,
    grown: &mut Grown,
) -> Result<(), Failure> {
    match said {
        Said::Report(report) => insert_report(tx, campaign, index, report, grown),
        Said::Click(click) => insert_click(tx, campaign, index, click),
    }
}

fn insert_report(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    index: u32,
    report: &Report,
    grown: &mut Grown,
) -> Result<(), Failure> {
    // Not OR IGNORE, which would swallow more than a repetition.
    let sql = "INSERT INTO reports VALUES (:campaign, :idx, :message, :status, :channel, :price, \
        :sent_at, :reported_at) ON CONFLICT DO NOTHING";
    let new = tx.prepare_cached(sql)?.execute(named_params! {
        ":campaign": campaign_column(campaign),
        ":idx": index,
        ":message": report.message.0.cast_signed(),
        ":status": report.status.as_str(),
        ":channel": unless_silent(report.channel.map(Word::word)),
        ":price": unless_silent(report.price),
        ":sent_at": unless_silent(report.sent_at),
        ":reported_at": unless_silent(report.reported_at),
    })?;
    if new > 0 {
        grown.insert((campaign, index));
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
    tx.prepare_cached(sql)?.execute(named_params! {
        ":campaign": campaign_column(campaign),
        ":idx": index,
        ":message": click.message.0.cast_signed(),
        ":text": click.text,
        ":postback": click.postback,
        ":clicked_at": click.clicked_at.map(|at| at.to_string()),
    })?;
    Ok(())
}

fn derive_views(tx: &Transaction<'_>, grown: &Grown) -> Result<(), Failure> {
    for (campaign, index) in grown {
        let reports = reports(tx, *campaign, *index)?;
        let view = MessageView::of(&reports, has_alternative_channel(tx, *campaign)?);
        let sql = "UPDATE messages SET shown = :shown, ended = :ended, sms = :sms, \
            billed = :billed WHERE campaign = :campaign AND idx = :idx";
        tx.prepare_cached(sql)?.execute(named_params! {
            ":campaign": campaign_column(*campaign),
            ":idx": index,
            ":shown": view.shown.word(),
            ":ended": view.ended,
            ":sms": view.sms,
            ":billed": money_column(&view.billed),
        })?;
    }
    Ok(())
}

fn has_alternative_channel(tx: &Transaction<'_>, campaign: CampaignId) -> Result<bool, Failure> {
    let sql = "SELECT alternative_channel FROM campaigns WHERE id = ?1";
    let of = [campaign_column(campaign)];
    let found = tx.prepare_cached(sql)?.query_one(of, |row| row.get(0)).optional()?;
    found.ok_or_else(|| StoreError::no_campaign(campaign).into())
}
