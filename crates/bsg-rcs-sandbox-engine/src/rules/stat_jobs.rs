//! Statistics jobs.

use crate::api::account_data::StatJobCommand;
use crate::api::outcome::{Answer, Outcome, Refusal, RefusalKind};
use crate::model::ids::AccountIx;
use crate::model::stat_jobs::StatJob;
use crate::state::Engine;

/// Jobs that an account has at most.
const JOBS_MAX: usize = 10;

impl Engine {
    pub(crate) fn stat_jobs(&mut self, account: AccountIx, command: StatJobCommand) -> Answer {
        match command {
            StatJobCommand::Make(_) if self.books.get(account).stat_jobs.0.len() >= JOBS_MAX => {
                Ok(Outcome::StatJob(None))
            }
            StatJobCommand::Make(ids) => {
                let mut messages: Vec<_> =
                    ids.into_iter().filter_map(|id| self.message(id)).collect();
                messages.retain(|ix| self.at(*ix).account == account);
                let (key, created) = (self.ids.fresh(), self.now);
                let jobs = &mut self.books.get_mut(account).stat_jobs;
                jobs.0.insert(key, StatJob { key, created, messages });
                Ok(Outcome::StatJob(Some(key)))
            }
            StatJobCommand::Delete(key) => {
                let removed = self.books.get_mut(account).stat_jobs.0.remove(&key);
                let none = || Refusal::because(RefusalKind::NotFound, "File not found");
                removed.map(|job| Outcome::StatJob(Some(job.key))).ok_or_else(none)
            }
        }
    }
}
