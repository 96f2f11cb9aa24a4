//! What is said of recipients, in callbacks or in answers: the sets grow, and whatever is derived
//! of a set that grew is made anew in the same transaction. A repetition costs no more than a
//! look.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bsg_rcs_domain::{CampaignId, Report, ReportedStatus, Reports};
use bsg_rcs_store::columns::money_column;
use bsg_rcs_store::rows::Click;
use bsg_rcs_store::view::MessageView;
use bsg_rcs_store::words::Word;
use bsg_rcs_store::{ButtonRow, Changed, Said, StoreError};
use rusqlite::{CachedStatement, OptionalExtension, Row, Transaction, named_params, params};

use crate::changes::Log;
use crate::failure::Failure;
use crate::reports;
use crate::rows::campaign_column;

/// A campaign, and an index in it.
pub(crate) type Whom = (CampaignId, u32);

/// What one transaction says: each recipient is read once, and written once if its set grew.
pub(crate) struct Saying<'tx> {
    tx: &'tx Transaction<'tx>,
    read: CachedStatement<'tx>,
    log: Log<'tx>,
    recipients: BTreeMap<Whom, Option<Recipient>>,
}

struct Recipient {
    /// As its column has it: 0 if it was forgotten.
    number: i64,
    reports: Reports,
    /// The same set, as it is written.
    column: String,
    grew: bool,
}

impl<'tx> Saying<'tx> {
    pub(crate) fn begin(tx: &'tx Transaction<'_>) -> Result<Self, Failure> {
        let read = "SELECT number, reports FROM messages WHERE campaign = ?1 AND idx = ?2";
        Ok(Self {
            tx,
            read: tx.prepare_cached(read)?,
            log: Log::begin(tx)?,
            recipients: BTreeMap::new(),
        })
    }

    /// Its number as the column has it, 0 if it was forgotten; `None` if there is no such recipient.
    pub(crate) fn number(&mut self, whom: Whom) -> Result<Option<i64>, Failure> {
        Ok(self.recipient(whom)?.as_ref().map(|recipient| recipient.number))
    }

    pub(crate) fn say(&mut self, whom: Whom, said: &Said) -> Result<(), Failure> {
        match said {
            Said::Report(report) => self.report(whom, report),
            Said::Click(click) => self.click(whom, click),
        }
    }

    fn report(&mut self, (campaign, index): Whom, report: &Report) -> Result<(), Failure> {
        let Some(recipient) = self.recipient((campaign, index))? else {
            return Err(StoreError::no_recipient(campaign, index).into());
        };
        // As it will be read back: a word that was made by hand may be written in capitals.
        let status = ReportedStatus::from_word(report.status.as_str());
        let report = Report { status, ..report.clone() };
        if recipient.reports.insert(report.clone()) {
            reports::add(&mut recipient.column, &report)?;
            recipient.grew = true;
        }
        Ok(())
    }

    fn click(&mut self, (campaign, index): Whom, click: &Click) -> Result<(), Failure> {
        let sql = "INSERT INTO clicks VALUES (:campaign, :idx, :message, :text, :postback, \
            :clicked_at) ON CONFLICT DO NOTHING";
        let new = self.tx.prepare_cached(sql)?.execute(named_params! {
            ":campaign": campaign_column(campaign),
            ":idx": index,
            ":message": click.message.0.cast_signed(),
            ":text": click.text,
            ":postback": click.postback,
            ":clicked_at": click.clicked_at.map(|at| at.to_string()),
        })?;
        if new > 0 {
            self.log.add(campaign, index, Changed::Clicked)?;
        }
        Ok(())
    }

    fn recipient(&mut self, whom: Whom) -> Result<&mut Option<Recipient>, Failure> {
        match self.recipients.entry(whom) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let of = params![campaign_column(whom.0), whom.1];
                let found = self.read.query_and_then(of, read_recipient)?.next().transpose()?;
                Ok(entry.insert(found))
            }
        }
    }

    /// Writes the sets that grew, and what is derived of them.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        let mut update = self.tx.prepare_cached(
            "UPDATE messages SET reports = ?3, shown = ?4, ended = ?5, sms = ?6, billed = ?7 \
             WHERE campaign = ?1 AND idx = ?2",
        )?;
        // A contradiction stays, and most have none: its index is left alone.
        let mut contradict = self.tx.prepare_cached(
            "UPDATE messages SET contradicted = 1 WHERE campaign = ?1 AND idx = ?2",
        )?;
        let mut alternative: Option<(CampaignId, bool)> = None;
        for ((campaign, index), recipient) in self.recipients {
            let Some(Recipient { reports, column, grew: true, .. }) = recipient else { continue };
            // Neighbours are mostly of one campaign.
            let has_alternative = match alternative {
                Some((of, has)) if of == campaign => has,
                _ => has_alternative_channel(self.tx, campaign)?,
            };
            alternative = Some((campaign, has_alternative));
            let view = MessageView::of(&reports, has_alternative);
            update.execute(params![
                campaign_column(campaign),
                index,
                column,
                view.shown.word(),
                view.ended,
                view.sms,
                money_column(&view.billed),
            ])?;
            if view.contradicted {
                contradict.execute(params![campaign_column(campaign), index])?;
            }
            let what = Changed::Reported { shown: view.shown, ended: view.ended };
            self.log.add(campaign, index, what)?;
        }
        Ok(())
    }
}

fn read_recipient(row: &Row<'_>) -> Result<Recipient, Failure> {
    let column = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    let (reports, column) = (reports::read(column)?, column.to_owned());
    Ok(Recipient { number: row.get(0)?, reports, column, grew: false })
}

pub(crate) fn add_reports(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    reports: &[(u32, Report)],
) -> Result<(), Failure> {
    let mut saying = Saying::begin(tx)?;
    for (index, report) in reports {
        saying.report((campaign, *index), report)?;
    }
    saying.end()
}

pub(crate) fn reports(
    tx: &Transaction<'_>,
    campaign: CampaignId,
    index: u32,
) -> Result<Reports, Failure> {
    let sql = "SELECT reports FROM messages WHERE campaign = ?1 AND idx = ?2";
    let of = params![campaign_column(campaign), index];
    let column = tx.prepare_cached(sql)?.query_one(of, |row| row.get::<_, String>(0)).optional()?;
    reports::read(&column.unwrap_or_default())
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

fn has_alternative_channel(tx: &Transaction<'_>, campaign: CampaignId) -> Result<bool, Failure> {
    let sql = "SELECT alternative_channel FROM campaigns WHERE id = ?1";
    let of = [campaign_column(campaign)];
    let found = tx.prepare_cached(sql)?.query_one(of, |row| row.get(0)).optional()?;
    found.ok_or_else(|| StoreError::no_campaign(campaign).into())
}
