//! Messages by status, counted as they go, so that a count never waits for a walk over all of them.

use bsg_rcs_domain::MessageStatus;

/// Messages by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts([u64; MessageStatus::ALL.len()]);

impl Counts {
    /// So many of one status.
    pub(crate) fn of(status: MessageStatus, count: usize) -> Self {
        let mut counts = Self::default();
        *counts.at(status) = u64::try_from(count).unwrap_or(u64::MAX);
        counts
    }

    /// How many have a status.
    pub fn of_status(&self, status: MessageStatus) -> u64 {
        self.0[place(status)]
    }

    /// How many are delivered, read ones with them.
    pub fn delivered(&self) -> u64 {
        let delivered = self.each().filter(|(status, _)| status.is_delivered());
        delivered.map(|(_, count)| count).sum()
    }

    /// Each status that any message has, and how many have it.
    pub fn each(&self) -> impl Iterator<Item = (MessageStatus, u64)> {
        let all = MessageStatus::ALL.into_iter().zip(self.0);
        all.filter(|(_, count)| *count > 0)
    }

    fn at(&mut self, status: MessageStatus) -> &mut u64 {
        &mut self.0[place(status)]
    }

    pub(crate) fn one_more(&mut self, status: MessageStatus) {
        *self.at(status) += 1;
    }

    pub(crate) fn one_moves(&mut self, before: MessageStatus, after: MessageStatus) {
        let before = self.at(before);
        *before = before.saturating_sub(1);
        self.one_more(after);
    }
}

fn place(status: MessageStatus) -> usize {
    MessageStatus::ALL.iter().position(|other| *other == status).unwrap_or(0)
}
