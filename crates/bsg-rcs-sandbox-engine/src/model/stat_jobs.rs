//! Statistics jobs of an account: lists of its messages, to be read row by row.

use std::collections::BTreeMap;

use super::ids::MessageIx;
use super::time::VirtualTime;

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatJob {
    /// Its key.
    pub key: u64,
    /// When it was made.
    pub created: VirtualTime,
    /// Its messages, oldest first.
    pub messages: Vec<MessageIx>,
}

/// The jobs of an account.
#[derive(Debug, Default)]
pub struct StatJobs(pub(crate) BTreeMap<u64, StatJob>);

impl StatJobs {
    /// Every job, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &StatJob> {
        self.0.values()
    }

    /// The job with this key.
    pub fn get(&self, key: u64) -> Option<&StatJob> {
        self.0.get(&key)
    }
}
