//! What is said of recipients, in callbacks or in answers: the sets grow, and what is derived of a
//! set that grew is made anew in the same transaction. A repetition costs no more than a look.

use bsg_rcs_domain::{CampaignId, Report};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::columns::money_column;
use bsg_rcs_store::sql::{Grown, GrownRow, Growth, RecipientKey, StoredReports};
use bsg_rcs_store::{CallbackKind, Click, Timestamp};
use rusqlite::{CachedStatement, Row, Transaction, named_params, params};

use crate::batches::batch_of;
use crate::changes::Log;
use crate::counts;
use crate::failure::Failure;
use crate::rows::{campaign_column, read_standing};

/// What one transaction adds: each recipient is read once, and written once if its set grew.
pub(crate) struct ReportWriter<'tx> {
    tx: &'tx Transaction<'tx>,
    now: Timestamp,
    read: CachedStatement<'tx>,
    growth: Growth,
}

impl<'tx> ReportWriter<'tx> {
    pub(crate) fn begin(tx: &'tx Transaction<'_>, now: Timestamp) -> Result<Self, Failure> {
        let read = "SELECT m.number, m.outcome, m.shown, m.ended, m.sms, m.billed, m.reports, \
            c.alternative_channel FROM messages m JOIN campaigns c ON c.id = m.campaign \
            WHERE m.campaign = ?1 AND m.idx = ?2";
        Ok(Self { tx, now, read: tx.prepare_cached(read)?, growth: Growth::default() })
    }

    /// Reads a recipient; `None` if there is no such one, else whether its number is forgotten.
    pub(crate) fn is_forgotten(&mut self, key: RecipientKey) -> Result<Option<bool>, Failure> {
        if !self.growth.contains(key) {
            let of = params![campaign_column(key.0), key.1];
            let found = self.read.query_and_then(of, read_stored)?.next().transpose()?;
            let Some(mut stored) = found else { return Ok(None) };
            stored.batch = batch_of(self.tx, key.0, key.1)?.map(|(number, _)| number);
            self.growth.read(key, stored)?;
        }
        Ok(Some(self.growth.is_forgotten(key)))
    }

    /// Adds what is said of a recipient that is there.
    pub(crate) fn add(&mut self, key: RecipientKey, said: &CallbackKind) -> Result<(), Failure> {
        match said {
            CallbackKind::Report(report) => Ok(self.growth.add(key, report)?),
            CallbackKind::Click(click) => self.click(key, click),
        }
    }

    fn click(&mut self, key: RecipientKey, click: &Click) -> Result<(), Failure> {
        let sql = "INSERT INTO clicks VALUES (:campaign, :idx, :message, :text, :postback, \
            :clicked_at) ON CONFLICT DO NOTHING";
        let new = self.tx.prepare_cached(sql)?.execute(named_params! {
            ":campaign": campaign_column(key.0),
            ":idx": key.1,
            ":message": click.message.0.cast_signed(),
            ":text": click.text,
            ":postback": click.postback,
            ":clicked_at": click.clicked_at.map(|at| at.to_string()),
        })?;
        if new > 0 {
            self.growth.clicked(key);
        }
        Ok(())
    }

    /// Writes the sets that grew, and what is derived of them.
    pub(crate) fn end(self) -> Result<(), Failure> {
        let Self { tx, now, growth, .. } = self;
        let Grown { rows, counts, unknown_words, changes } = growth.finish();
        write_rows(tx, &rows)?;
        counts::write(tx, &counts)?;
        let sql = "INSERT INTO unknown_words VALUES (?1, ?2, ?3) \
            ON CONFLICT DO UPDATE SET reports = reports + excluded.reports";
        for ((campaign, word), reports) in unknown_words {
            let columns = params![campaign_column(campaign), word, reports];
            tx.prepare_cached(sql)?.execute(columns)?;
        }
        let mut log = Log::begin(tx, now)?;
        changes.into_iter().try_for_each(|((campaign, index), what)| log.add(campaign, index, what))
    }
}

fn write_rows(tx: &Transaction<'_>, rows: &[GrownRow]) -> Result<(), Failure> {
    let mut update = tx.prepare_cached(
        "UPDATE messages SET reports = ?3, shown = ?4, ended = ?5, sms = ?6, billed = ?7 \
         WHERE campaign = ?1 AND idx = ?2",
    )?;
    // A contradiction stays, and most have none: its index is left alone.
    let mut contradict =
        tx.prepare_cached("UPDATE messages SET contradicted = 1 WHERE campaign = ?1 AND idx = ?2")?;
    for GrownRow { campaign, index, reports, view } in rows {
        let (campaign, shown) = (campaign_column(*campaign), view.shown.word());
        let billed = money_column(&view.billed);
        update.execute(params![campaign, index, reports, shown, view.ended, view.sms, billed])?;
        if view.contradicted {
            contradict.execute(params![campaign, index])?;
        }
    }
    Ok(())
}

fn read_stored(row: &Row<'_>) -> Result<StoredReports, Failure> {
    Ok(StoredReports {
        batch: None,
        standing: read_standing(row)?,
        reports: row.get("reports")?,
        alternative_channel: row.get("alternative_channel")?,
        is_forgotten: row.get::<_, i64>("number")? == 0,
    })
}

pub(crate) fn add_reports(
    tx: &Transaction<'_>,
    now: Timestamp,
    campaign: CampaignId,
    reports: &[(u32, Report)],
) -> Result<(), Failure> {
    let mut writer = ReportWriter::begin(tx, now)?;
    for (index, report) in reports {
        writer.is_forgotten((campaign, *index))?;
        writer.growth.add((campaign, *index), report)?;
    }
    writer.end()
}
