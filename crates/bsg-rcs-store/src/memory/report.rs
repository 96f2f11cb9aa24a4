//! Callbacks come in, and what they add up to, in memory.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_domain::{CampaignId, ReferenceId, Report, Reports};

use super::MemoryStore;
use super::state::{Member, Plan, State, at};
use crate::error::StoreError;
use crate::rows::{
    ASIDE_MAX, ButtonRow, CONTRADICTED_MAX, CallbackKind, CampaignState, Change, Changed, KeptBody,
    Owner, Received, Snapshot, TallyRow, Timestamp, UNKNOWN_WORDS_MAX, UnknownWord, Verdict,
};
use crate::store::ReportStore;

#[async_trait]
impl ReportStore for MemoryStore {
    async fn keep_callbacks(&self, received: Vec<Received>) -> Result<(), StoreError> {
        let now = self.at();
        let mut state = self.state();
        let mut log = Log::default();
        received.into_iter().for_each(|received| state.keep(received, now, &mut log));
        state.log(log, now);
        Ok(())
    }

    async fn add_reports(
        &self,
        campaign: CampaignId,
        reports: Vec<(u32, Report)>,
    ) -> Result<(), StoreError> {
        let now = self.at();
        let mut state = self.state();
        state.all_there(campaign, reports.iter().map(|(index, _)| *index))?;
        let callback = |(index, report)| (index, CallbackKind::Report(report));
        let mut log = Log::default();
        for (index, callback) in reports.into_iter().map(callback) {
            state.add(campaign, index, callback, &mut log)?;
        }
        state.log(log, now);
        Ok(())
    }

    async fn reports(&self, campaign: CampaignId, index: u32) -> Result<Reports, StoreError> {
        let mut state = self.state();
        Ok(state.member(campaign, index).map(|member| member.reports.clone()).unwrap_or_default())
    }

    async fn tally(
        &self,
        campaign: CampaignId,
        overdue_after: Duration,
    ) -> Result<Vec<TallyRow>, StoreError> {
        let now = self.at();
        let tally = |plan: &mut Plan| plan.tally(now, overdue_after);
        Ok(self.state().plan(campaign).map(tally).unwrap_or_default())
    }

    async fn snapshot(
        &self,
        campaign: CampaignId,
        overdue_after: Duration,
    ) -> Result<Snapshot, StoreError> {
        let now = self.at();
        let mut state = self.state();
        let plan = state.plan(campaign)?;
        Ok(Snapshot {
            now,
            campaign: plan.row.clone(),
            batches: plan.sums(now)?,
            tally: plan.tally(now, overdue_after),
            clicks: plan.clicked(),
            buttons: plan.buttons(),
            contradicted: plan.contradicted(CONTRADICTED_MAX),
            unknown_words: plan.unknown_words(),
        })
    }

    async fn clicks(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        Ok(self.state().plan(campaign).map(|plan| plan.clicked()).unwrap_or_default())
    }

    async fn buttons(&self, campaign: CampaignId) -> Result<Vec<ButtonRow>, StoreError> {
        Ok(self.state().plan(campaign).map(|plan| plan.buttons()).unwrap_or_default())
    }

    async fn contradicted(&self, campaign: CampaignId, limit: u32) -> Result<Vec<u32>, StoreError> {
        let contradicted = |plan: &mut Plan| plan.contradicted(limit);
        Ok(self.state().plan(campaign).map(contradicted).unwrap_or_default())
    }

    async fn changes(&self, after: u64, limit: u32) -> Result<Vec<Change>, StoreError> {
        let state = self.state();
        if after < state.removed {
            return Err(StoreError::Pruned { first: state.removed + 1 });
        }
        let behind = state.changes.iter().filter(|change| change.cursor > after);
        Ok(behind.take(at(limit)).cloned().collect())
    }

    async fn bodies(&self, after: u64, limit: u32) -> Result<Vec<KeptBody>, StoreError> {
        let Some(from) = after.checked_add(1) else { return Ok(Vec::new()) };
        let state = self.state();
        let behind = state.callbacks.range(from..).take(at(limit));
        Ok(behind.map(|(id, (_, one))| KeptBody { id: *id, body: one.body.clone() }).collect())
    }

    async fn judge_again(&self, judged: Vec<(u64, Verdict)>) -> Result<(), StoreError> {
        let now = self.at();
        let mut state = self.state();
        let mut log = Log::default();
        for (id, verdict) in judged {
            if !state.callbacks.contains_key(&id) {
                continue;
            }
            let verdict = state.carry_out(verdict, &mut log);
            let is_forgotten = state.is_of_forgotten(&verdict);
            if let Some((_, one)) = state.callbacks.get_mut(&id) {
                one.verdict = verdict;
                if is_forgotten {
                    one.body.clear();
                }
            }
        }
        state.log(log, now);
        Ok(())
    }

    async fn owners(&self, references: Vec<ReferenceId>) -> Result<Vec<Option<Owner>>, StoreError> {
        let state = self.state();
        Ok(references.into_iter().map(|reference| state.owner(reference)).collect())
    }
}

impl State {
    fn owner(&self, reference: ReferenceId) -> Option<Owner> {
        let carries = |member: &&Member| member.row.reference == Some(reference);
        let found = self
            .campaigns
            .values()
            .filter(|plan| plan.row.state != CampaignState::Preparing)
            .filter_map(|plan| Some((&plan.row, plan.recipients.iter().find(carries)?)))
            .max_by_key(|(row, _)| (row.created_at, row.id.0.cast_signed()));
        found.map(|(row, member)| Owner {
            campaign: row.id,
            index: member.row.index,
            platform: row.platform.clone(),
            account: row.account.clone(),
        })
    }

    fn keep(&mut self, mut received: Received, now: Timestamp, log: &mut Log) {
        received.verdict = self.carry_out(received.verdict, log);
        if self.is_of_forgotten(&received.verdict) {
            received.body.clear();
        }
        self.bodies += 1;
        self.callbacks.insert(self.bodies, (now, received));
        if self.callbacks.len() <= at(ASIDE_MAX) {
            return;
        }
        let is_aside = |one: &Received| matches!(one.verdict, Verdict::SetAside { .. });
        let aside = self.callbacks.iter().filter(|(_, (_, one))| is_aside(one));
        let aside: Vec<u64> = aside.map(|(id, _)| *id).collect();
        for id in aside.iter().rev().skip(at(ASIDE_MAX)) {
            self.callbacks.remove(id);
        }
    }

    /// Whether it concerns a recipient that was forgotten.
    fn is_of_forgotten(&mut self, verdict: &Verdict) -> bool {
        match verdict {
            Verdict::Ours { campaign, index, .. } => {
                self.member(*campaign, *index).is_ok_and(|member| member.row.number.is_none())
            }
            Verdict::SetAside { .. } => false,
        }
    }

    /// A verdict, carried out as far as there is a recipient for it.
    fn carry_out(&mut self, verdict: Verdict, log: &mut Log) -> Verdict {
        if let Verdict::Ours { campaign, index, callback } = verdict.clone()
            && let Err(missing) = self.add(campaign, index, callback, log)
        {
            return Verdict::SetAside { why: missing.to_string() };
        }
        verdict
    }

    /// Adds what is said of a recipient, and notes what was new.
    fn add(
        &mut self,
        campaign: CampaignId,
        index: u32,
        callback: CallbackKind,
        log: &mut Log,
    ) -> Result<(), StoreError> {
        self.all_there(campaign, std::iter::once(index))?;
        match callback {
            CallbackKind::Report(report) => {
                let alternative = self.plan(campaign)?.row.alternative_channel;
                let changed = self.member(campaign, index)?.report(report, alternative);
                log.reported.extend(changed.map(|what| ((campaign, index), what)));
            }
            CallbackKind::Click(click) => {
                let is_new = self.plan(campaign)?.clicks.insert((index, click));
                log.clicked.extend(is_new.then_some((campaign, index)));
            }
        }
        Ok(())
    }

    /// Logs what one call changed: first what was reported, each recipient once, then clicks.
    fn log(&mut self, log: Log, now: Timestamp) {
        let clicked = log.clicked.into_iter().map(|key| (key, Changed::Clicked));
        for ((campaign, index), what) in log.reported.into_iter().chain(clicked) {
            self.changed += 1;
            self.changes.push(Change { cursor: self.changed, at: now, campaign, index, what });
        }
    }
}

/// What one call changed.
#[derive(Default)]
struct Log {
    reported: BTreeMap<(CampaignId, u32), Changed>,
    clicked: Vec<(CampaignId, u32)>,
}

impl Plan {
    fn clicked(&self) -> u64 {
        u64::try_from(self.clicks.len()).unwrap_or(u64::MAX)
    }

    fn buttons(&self) -> Vec<ButtonRow> {
        let mut counts: BTreeMap<(Option<String>, Option<String>), u64> = BTreeMap::new();
        for (_, click) in &self.clicks {
            *counts.entry((click.text.clone(), click.postback.clone())).or_default() += 1;
        }
        let row = |((text, postback), clicks)| ButtonRow { text, postback, clicks };
        let mut rows: Vec<_> = counts.into_iter().map(row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.clicks));
        rows
    }

    fn contradicted(&self, limit: u32) -> Vec<u32> {
        let contradicted = self.recipients.iter().filter(|member| member.contradicted);
        contradicted.map(|member| member.row.index).take(at(limit)).collect()
    }

    fn unknown_words(&self) -> Vec<UnknownWord> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let reports = self.recipients.iter().flat_map(|member| member.reports.iter());
        for report in reports.filter(|report| report.status.known().is_none()) {
            *counts.entry(report.status.as_str()).or_default() += 1;
        }
        let word = |(word, reports): (&str, u64)| UnknownWord { word: word.to_owned(), reports };
        counts.into_iter().take(at(UNKNOWN_WORDS_MAX)).map(word).collect()
    }
}
