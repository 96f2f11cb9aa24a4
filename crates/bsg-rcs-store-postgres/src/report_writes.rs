//! What is said of recipients, in callbacks or in answers: the sets grow, and what is derived of a
//! set that grew is made anew in the same transaction.
//!
//! Recipients are locked first, in the order of their keys: of two transactions that add to one
//! set, the second waits, and derives from what the first has written too.

use bsg_rcs_domain::{CampaignId, Report};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::columns::money_column;
use bsg_rcs_store::sql::{Grown, GrownRow, Growth, RecipientKey};
use bsg_rcs_store::{CallbackKind, Click};
use deadpool_postgres::Transaction;

use crate::failure::Failure;
use crate::recipients::{self, LockedRecipient, key};
use crate::rows::{campaign_column, clean};
use crate::{changes, counts};

/// What one transaction adds: its recipients are locked and read once, and written once if their
/// sets grew.
pub(crate) struct ReportWriter<'tx> {
    tx: &'tx Transaction<'tx>,
    growth: Growth,
    clicks: Vec<(RecipientKey, Click)>,
}

impl<'tx> ReportWriter<'tx> {
    /// Locks these recipients, as far as they are there.
    pub(crate) async fn begin(
        tx: &'tx Transaction<'_>,
        keys: impl Iterator<Item = RecipientKey>,
    ) -> Result<Self, Failure> {
        let mut growth = Growth::default();
        for (key, LockedRecipient { stored, .. }) in recipients::lock(tx, &keys.collect()).await? {
            growth.read(key, stored)?;
        }
        Ok(Self { tx, growth, clicks: Vec::new() })
    }

    pub(crate) fn contains(&self, key: RecipientKey) -> bool {
        self.growth.contains(key)
    }

    pub(crate) fn is_forgotten(&self, key: RecipientKey) -> bool {
        self.growth.is_forgotten(key)
    }

    /// Adds what is said of a recipient that is there.
    pub(crate) fn add(&mut self, key: RecipientKey, said: &CallbackKind) -> Result<(), Failure> {
        match said {
            CallbackKind::Report(report) => self.growth.add(key, report)?,
            CallbackKind::Click(click) => self.clicks.push((key, click.clone())),
        }
        Ok(())
    }

    /// Writes the sets that grew, and what is derived of them; how many rows of counts were
    /// appended.
    pub(crate) async fn end(mut self) -> Result<usize, Failure> {
        for key in write_clicks(self.tx, &self.clicks).await? {
            self.growth.clicked(key);
        }
        let Grown { rows, counts, unknown_words, changes } = self.growth.finish();
        // Sent together: none waits for the answer to another.
        let (written, counted, said, logged) = tokio::join!(
            write_rows(self.tx, &rows),
            counts::write(self.tx, &counts),
            counts::write_words(self.tx, &unknown_words),
            changes::log(self.tx, &changes),
        );
        written?;
        said?;
        logged?;
        counted
    }
}

async fn write_rows(tx: &Transaction<'_>, rows: &[GrownRow]) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    let campaigns: Vec<i64> = rows.iter().map(|row| campaign_column(row.campaign)).collect();
    let indices: Vec<i64> = rows.iter().map(|row| i64::from(row.index)).collect();
    let reports: Vec<&str> = rows.iter().map(|row| row.reports.as_str()).collect();
    let shown: Vec<&str> = rows.iter().map(|row| row.view.shown.word()).collect();
    let ended: Vec<bool> = rows.iter().map(|row| row.view.ended).collect();
    let sms: Vec<bool> = rows.iter().map(|row| row.view.sms).collect();
    let billed: Vec<String> = rows.iter().map(|row| money_column(&row.view.billed)).collect();
    let contradicted: Vec<bool> = rows.iter().map(|row| row.view.contradicted).collect();
    let sql = "UPDATE messages m SET reports = new.reports, shown = new.shown, \
            ended = new.ended, sms = new.sms, billed = new.billed, \
            contradicted = new.contradicted \
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], \
            $6::boolean[], $7::text[], $8::boolean[]) \
            AS new (campaign, idx, reports, shown, ended, sms, billed, contradicted) \
        WHERE m.campaign = new.campaign AND m.idx = new.idx";
    let statement = tx.prepare_cached(sql).await?;
    let columns: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
        [&campaigns, &indices, &reports, &shown, &ended, &sms, &billed, &contradicted];
    tx.execute(&statement, &columns).await?;
    Ok(())
}

/// Writes clicks; the recipients of those that are new, in the order that they came in.
async fn write_clicks(
    tx: &Transaction<'_>,
    clicks: &[(RecipientKey, Click)],
) -> Result<Vec<RecipientKey>, Failure> {
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
    tx.query(&statement, &columns).await?.iter().map(key).collect()
}

pub(crate) async fn add_reports(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    reports: &[(u32, Report)],
) -> Result<usize, Failure> {
    let keys = reports.iter().map(|(index, _)| (campaign, *index));
    let mut writer = ReportWriter::begin(tx, keys).await?;
    for (index, report) in reports {
        writer.growth.add((campaign, *index), report)?;
    }
    writer.end().await
}
