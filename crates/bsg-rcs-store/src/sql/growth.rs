//! What callbacks and answers change of recipients: sets grow, and what is derived of a set that
//! grew is made anew. A repetition changes nothing.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bsg_rcs_domain::{CampaignId, Report, ReportedStatus, Reports};

use super::counts::{CountChanges, Standing};
use super::report_set::{add_report, read_reports};
use crate::error::StoreError;
use crate::rows::Changed;
use crate::view::MessageView;

/// A campaign, and an index in it.
pub type RecipientKey = (CampaignId, u32);

/// What a store reads of a recipient before something is added to it.
#[derive(Debug, Clone)]
pub struct StoredReports {
    /// The number of its batch; `None` while its campaign is being prepared.
    pub batch: Option<u32>,
    /// How it stands.
    pub standing: Standing,
    /// The column of its reports, as [`add_report`] writes it.
    pub reports: String,
    /// Whether its campaign has an alternative channel.
    pub alternative_channel: bool,
    /// Whether its number was forgotten.
    pub is_forgotten: bool,
}

struct Recipient {
    stored: StoredReports,
    reports: Reports,
    has_grown: bool,
}

/// Recipients to which reports are added, all in one transaction.
#[derive(Default)]
pub struct Growth {
    recipients: BTreeMap<RecipientKey, Recipient>,
    clicked: Vec<RecipientKey>,
    unknown_words: BTreeMap<(CampaignId, String), i64>,
}

/// A recipient whose set of reports grew, as it is to be written.
#[derive(Debug, Clone)]
pub struct GrownRow {
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its index.
    pub index: u32,
    /// The column of its reports.
    pub reports: String,
    /// What is derived of them.
    pub view: MessageView,
}

/// What a transaction has to write.
#[derive(Debug, Default)]
pub struct Grown {
    /// Recipients whose sets grew, in the order of their keys.
    pub rows: Vec<GrownRow>,
    /// How counts change.
    pub counts: CountChanges,
    /// New reports with an unknown word: how many, by campaign and word.
    pub unknown_words: BTreeMap<(CampaignId, String), i64>,
    /// What is logged: first what was reported, in the order of the keys, then clicks.
    pub changes: Vec<(RecipientKey, Changed)>,
}

impl Growth {
    /// Reads what the store holds of a recipient. One that is known already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] if its reports cannot be read.
    pub fn read(&mut self, key: RecipientKey, stored: StoredReports) -> Result<(), StoreError> {
        let Entry::Vacant(entry) = self.recipients.entry(key) else { return Ok(()) };
        let unreadable = |_| StoreError::Unreadable { campaign: key.0, index: key.1 };
        let reports = read_reports(&stored.reports).map_err(unreadable)?;
        entry.insert(Recipient { stored, reports, has_grown: false });
        Ok(())
    }

    /// Whether a recipient was read.
    pub fn contains(&self, key: RecipientKey) -> bool {
        self.recipients.contains_key(&key)
    }

    /// Whether the number of a recipient that was read is forgotten.
    pub fn is_forgotten(&self, key: RecipientKey) -> bool {
        self.recipients.get(&key).is_some_and(|recipient| recipient.stored.is_forgotten)
    }

    /// Adds a report.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if no such recipient was read; [`StoreError::Unreadable`] if the
    /// report cannot be added to the column.
    pub fn add(&mut self, key: RecipientKey, report: &Report) -> Result<(), StoreError> {
        let Some(recipient) = self.recipients.get_mut(&key) else {
            return Err(StoreError::no_recipient(key.0, key.1));
        };
        // As it will be read back: a word that was made by hand may be written in capitals.
        let status = ReportedStatus::from_word(report.status.as_str());
        let report = Report { status, ..report.clone() };
        if recipient.reports.insert(report.clone()) {
            let unreadable = |_| StoreError::Unreadable { campaign: key.0, index: key.1 };
            add_report(&mut recipient.stored.reports, &report).map_err(unreadable)?;
            recipient.has_grown = true;
            if report.status.known().is_none() {
                let word = (key.0, report.status.as_str().to_owned());
                *self.unknown_words.entry(word).or_default() += 1;
            }
        }
        Ok(())
    }

    /// A new click was written for a recipient.
    pub fn clicked(&mut self, key: RecipientKey) {
        self.clicked.push(key);
    }

    /// What is to be written.
    pub fn finish(self) -> Grown {
        let mut grown = Grown { unknown_words: self.unknown_words, ..Grown::default() };
        for ((campaign, index), recipient) in self.recipients {
            let Recipient { stored, reports, has_grown: true } = recipient else { continue };
            let view = MessageView::of(&reports, stored.alternative_channel);
            let after = Standing::with_view(stored.standing.outcome, &view);
            grown.counts.change(campaign, stored.batch, stored.standing, after);
            let what = Changed::Reported { shown: view.shown, ended: view.ended };
            grown.changes.push(((campaign, index), what));
            grown.rows.push(GrownRow { campaign, index, reports: stored.reports, view });
        }
        let clicks = self.clicked.into_iter().map(|key| (key, Changed::Clicked));
        grown.changes.extend(clicks);
        grown
    }
}
