//! Batches, leases of them, and their sums.

use std::time::Duration;

use bsg_rcs_domain::{CampaignId, Money};

use super::batch_state::BatchState;
use super::campaign::{CampaignState, Timestamp};
use super::recipient::{RecipientRow, Settled};
use crate::error::StoreError;

/// A worker: one run of applying, by a number that no other run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub u64);

/// The right to change one batch. It is given with [`crate::WorkStore::lease`], for a span of the
/// store's own clock, and stays good beyond it until another worker is given the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The batch's campaign.
    pub campaign: CampaignId,
    /// The batch's number.
    pub batch: u32,
    /// Counts the leases of this batch: only the latest is good.
    pub serial: u64,
}

/// A lease as others see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leased {
    /// Its holder.
    pub by: WorkerId,
    /// Until when no other worker is given the batch, by the store's clock.
    pub until: Timestamp,
}

impl Leased {
    /// The longest span of a lease. One that seems to last longer was given before the store's
    /// clock was set back, and is over.
    pub const SPAN_MAX: Duration = Duration::from_secs(3600);

    /// Whether no other worker is given the batch at this moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until > now && self.until <= Self::until(now, Self::SPAN_MAX)
    }

    /// When a lease ends that begins now.
    pub fn until(now: Timestamp, span: Duration) -> Timestamp {
        now.after(span.min(Self::SPAN_MAX))
    }
}

/// A batch: consecutive recipients that leave in one request. Batches are listed by `first`;
/// their numbers follow it until one is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Its number in the campaign, from 0. It stays.
    pub number: u32,
    /// The index of its first recipient.
    pub first: u32,
    /// How many recipients it has.
    pub count: u32,
    /// Where it stands.
    pub state: BatchState,
    /// How often its request may have left.
    pub attempts: u32,
    /// When a worker last wrote its state, by the store's clock.
    pub changed_at: Timestamp,
    /// The platform's campaigns (or the message of a single send) that hold its messages, as they
    /// became known: more than one where a part of it had to be sent again.
    pub remotes: Vec<u64>,
    /// The platform's words, where it refused, or why the outcome is unknown.
    pub note: Option<String>,
    /// What it costs at worst by the plan's prices, if it had any.
    pub worst: Option<Money>,
    /// The lease of it, unless that ended.
    pub leased: Option<Leased>,
    /// How many of its recipients have no end yet: [`is_without_end`](crate::Outcome::is_without_end).
    pub without_end: u32,
}

impl BatchRow {
    /// Whether it has been accepted for so long at this moment.
    pub fn is_overdue(&self, now: Timestamp, overdue_after: Duration) -> bool {
        self.state == BatchState::Accepted && self.changed_at <= now.before(overdue_after)
    }
}

/// What happens to a batch, all at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchChange {
    /// Where it stands from now on.
    pub state: BatchState,
    /// One of the platform's ids, if it became known now; those known before stay.
    pub remote: Option<u64>,
    /// Words for a person; `None` leaves those that are there.
    pub note: Option<String>,
    /// Recipients that get an outcome of their own with it.
    pub settled: Vec<Settled>,
    /// Takes back the attempt that [`crate::WorkStore::begin_sending`] counted: the request
    /// certainly did not leave.
    pub never_left: bool,
}

impl BatchChange {
    /// A change of state alone.
    pub const fn to(state: BatchState) -> Self {
        Self { state, remote: None, note: None, settled: Vec::new(), never_left: false }
    }
}

/// How [`crate::WorkStore::begin_sending`] went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendStart {
    /// The campaign is not sending but in this state: nothing was written, nothing may leave.
    Not(CampaignState),
    /// The batch is sending. Its recipients as they were in that transaction: the request goes to
    /// those that have a number and no outcome that forbids it, and to no other.
    Recipients(Vec<RecipientRow>),
}

/// A campaign of the platform that holds messages of ours without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRemote {
    /// The number of the batch that it holds messages of.
    pub batch: u32,
    /// The platform's id.
    pub remote: u64,
}

/// What several batches come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchSum {
    /// How many batches.
    pub batches: u64,
    /// How many recipients they have.
    pub recipients: u64,
    /// How many of these have no end yet.
    pub without_end: u64,
    /// What they cost at worst, one entry a currency.
    pub worst: Vec<Money>,
    /// How many of the batches have no worst cost.
    pub without_worst: u64,
}

impl BatchSum {
    /// Adds `group.batches` batches that cost `worst` each.
    ///
    /// # Errors
    /// [`StoreError::Overflow`] if the sum is beyond what an amount can hold.
    fn add(&mut self, group: &BatchGroup) -> Result<(), StoreError> {
        let overflow = || StoreError::Overflow("worst costs of batches".to_owned());
        self.batches += group.batches;
        self.recipients += group.recipients;
        self.without_end += group.without_end;
        let Some(worst) = group.worst else {
            self.without_worst += group.batches;
            return Ok(());
        };
        let all = worst.amount.checked_mul(group.batches).ok_or_else(overflow)?;
        let place = self.worst.binary_search_by_key(&worst.currency, |sum| sum.currency);
        match place.map_err(|place| (place, Money::new(all, worst.currency))) {
            Err((place, new)) => self.worst.insert(place, new),
            Ok(place) => {
                if let Some(sum) = self.worst.get_mut(place) {
                    sum.amount = sum.amount.checked_add(all).ok_or_else(overflow)?;
                }
            }
        }
        Ok(())
    }
}

/// Batches that stand alike, as a store counts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchGroup {
    /// Where they stand.
    pub state: BatchState,
    /// Whether their leases are live.
    pub is_leased: bool,
    /// What each costs at worst.
    pub worst: Option<Money>,
    /// How many there are.
    pub batches: u64,
    /// How many recipients they have together.
    pub recipients: u64,
    /// How many of these have no end yet.
    pub without_end: u64,
}

/// The batches of a campaign by where they stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchSums {
    /// Those that are planned, leased or not.
    pub planned: BatchSum,
    /// Those whose request leaves, or left with its writer dead.
    pub sending: BatchSum,
    /// Those that the platform took.
    pub accepted: BatchSum,
    /// Those that it refused.
    pub rejected: BatchSum,
    /// Those that are to be looked up.
    pub unknown: BatchSum,
    /// Those that a person must decide on.
    pub held: BatchSum,
    /// Of those that are planned: those with a live lease, which may leave at any moment.
    pub planned_and_leased: BatchSum,
}

impl BatchSums {
    /// Those in one state.
    pub const fn get(&self, state: BatchState) -> &BatchSum {
        match state {
            BatchState::Planned => &self.planned,
            BatchState::Sending => &self.sending,
            BatchState::Accepted => &self.accepted,
            BatchState::Rejected => &self.rejected,
            BatchState::Unknown => &self.unknown,
            BatchState::Held => &self.held,
        }
    }

    /// For backends: adds batches that stand alike.
    ///
    /// # Errors
    /// [`StoreError::Overflow`] if a sum of money is beyond what an amount can hold.
    pub fn add(&mut self, group: &BatchGroup) -> Result<(), StoreError> {
        let sum = match group.state {
            BatchState::Planned => &mut self.planned,
            BatchState::Sending => &mut self.sending,
            BatchState::Accepted => &mut self.accepted,
            BatchState::Rejected => &mut self.rejected,
            BatchState::Unknown => &mut self.unknown,
            BatchState::Held => &mut self.held,
        };
        sum.add(group)?;
        if group.state == BatchState::Planned && group.is_leased {
            self.planned_and_leased.add(group)?;
        }
        Ok(())
    }

    /// Whether any batch has work left on it.
    pub const fn has_open(&self) -> bool {
        self.planned.batches + self.sending.batches + self.unknown.batches > 0
    }
}
