//! Random histories: a store and [`MemoryStore`] are asked the same, one operation after another,
//! and every answer is compared, and after each operation everything that can be seen.
//!
//! A backend's test draws [`history`] and calls [`compare`]. What fails is shrunk, and its seed is
//! committed with the test.

mod operations;
mod seen;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bsg_rcs_domain::CampaignId;

use self::operations::{DIFFERENT, number_of, own_reference};
pub use self::operations::{Operation, history};
use self::seen::Eyes;
use super::fixtures::{LONG, campaign, plan_end};
use crate::error::StoreError;
use crate::memory::MemoryStore;
use crate::rows::{
    BatchChange, CampaignRow, Forget, Kind, Lease, NewRecipient, PlanEnd, Timestamp, Verdict,
    WorkerId,
};
use crate::store::{Store, StoreClock};

/// A clock that stands still until the history moves it on.
#[derive(Debug, Clone)]
pub struct HistoryClock(Arc<AtomicI64>);

impl Default for HistoryClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(1_700_000_000_000)))
    }
}

impl HistoryClock {
    /// The clock, as a store takes it.
    pub fn store_clock(&self) -> StoreClock {
        let now = Arc::clone(&self.0);
        Arc::new(move || Timestamp(now.load(Ordering::SeqCst)))
    }

    fn tick(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

/// Drives a history against a store and the one in memory. A store that runs by `clock` answers
/// every moment alike; of another, which has a clock of its own, moments are not compared.
///
/// # Panics
/// With the operation after which the two differ.
pub async fn compare(history: &[Operation], store: Arc<dyn Store>, clock: Option<HistoryClock>) {
    let own = HistoryClock::default();
    let memory = if store.is_shared() {
        let now = clock.as_ref().unwrap_or(&own).store_clock();
        MemoryStore::shared(move || now())
    } else {
        MemoryStore::with_clock(clock.as_ref().unwrap_or(&own).store_clock())
    };
    let mut driver = Driver {
        store,
        memory,
        eyes: Eyes { with_moments: clock.is_some() },
        leases: Vec::new(),
        cut_at: Vec::new(),
    };
    for (step, operation) in history.iter().enumerate() {
        clock.as_ref().unwrap_or(&own).tick(7);
        driver.wait_for_the_clock(clock.is_some()).await;
        driver.step(step, operation).await;
    }
}

struct Driver {
    store: Arc<dyn Store>,
    memory: MemoryStore,
    eyes: Eyes,
    /// Every lease that was given.
    leases: Vec<Lease>,
    /// Moments before operations, of the store and of memory: where the past may be cut off.
    cut_at: Vec<(Timestamp, Timestamp)>,
}

impl Driver {
    /// A store with a clock of its own is asked again only when that has moved on, so that no two
    /// campaigns are created at the same moment.
    async fn wait_for_the_clock(&mut self, is_ours: bool) {
        if !is_ours {
            super::fixtures::later(&*self.store).await;
        }
        let store = self.store.now().await.unwrap();
        let memory = self.now_in_memory().await;
        self.cut_at.push((store, memory));
    }

    async fn now_in_memory(&self) -> Timestamp {
        let memory: &dyn Store = &self.memory;
        memory.now().await.unwrap()
    }

    async fn step(&mut self, step: usize, operation: &Operation) {
        let mut given = Vec::new();
        let expected = self.apply(&self.memory, true, operation, &mut given).await;
        let mut given_by_store = Vec::new();
        let found = self.apply(&*self.store, false, operation, &mut given_by_store).await;
        assert_eq!(found, expected, "the answer to step {step}, {operation:?}");
        assert_eq!(given_by_store, given, "the lease of step {step}, {operation:?}");
        self.leases.extend(given);
        let expected = self.eyes.look(&self.memory).await;
        let found = self.eyes.look(&*self.store).await;
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "what is seen after step {step}, {operation:?}");
        }
    }

    /// Carries out an operation; its answer, as it is compared.
    async fn apply(
        &self,
        store: &dyn Store,
        is_memory: bool,
        operation: &Operation,
        given: &mut Vec<Lease>,
    ) -> String {
        match operation {
            Operation::Prepare { .. }
            | Operation::Add { .. }
            | Operation::Finish { .. }
            | Operation::Discard { .. }
            | Operation::Begin { .. }
            | Operation::Rename { .. } => plan(store, operation).await,
            Operation::SetState { id, state, note } => {
                let note = note.then(|| format!("{} is odd", number_of(1).as_u64()));
                told(&store.set_state(id_of(*id), *state, note).await)
            }
            Operation::Reopen { id } => told(&store.reopen(id_of(*id)).await),
            Operation::Claim { id } => told(&store.claim(id_of(*id)).await.map(drop)),
            Operation::Lease { id, span, before } => {
                let span = if *span { LONG } else { Duration::ZERO };
                let found = store.lease(id_of(*id), WorkerId(3), span, *before).await;
                let found = found.map(|found| {
                    found.map(|(lease, row)| {
                        given.push(lease);
                        (lease, self.eyes.batch(row))
                    })
                });
                told(&found)
            }
            Operation::Renew { .. }
            | Operation::Release { .. }
            | Operation::Cut { .. }
            | Operation::Send { .. }
            | Operation::Change { .. } => self.work(store, operation).await,
            Operation::Settle { id, settled } => {
                told(&store.settle(id_of(*id), settled.clone()).await)
            }
            Operation::Keep { received } => told(&store.keep_callbacks(received.clone()).await),
            Operation::AddReports { id, reports } => {
                told(&store.add_reports(id_of(*id), reports.clone()).await)
            }
            Operation::JudgeAgain { judged } => {
                let bodies = store.bodies(0, u32::MAX).await.unwrap();
                let at = |(place, verdict): &(u8, Verdict)| {
                    let body = bodies.get(usize::from(*place));
                    (body.map_or(1 << 50, |body| body.id), verdict.clone())
                };
                told(&store.judge_again(judged.iter().map(at).collect()).await)
            }
            Operation::ForgetNumber { number } => {
                told(&store.forget(Forget::Number(number_of(*number))).await)
            }
            Operation::ForgetCampaign { id } => {
                told(&store.forget(Forget::Campaign(id_of(*id))).await)
            }
            Operation::Prune { at } => {
                let cut = &self.cut_at[usize::from(*at) % self.cut_at.len()];
                let before = if is_memory { cut.1 } else { cut.0 };
                told(&store.prune(before).await)
            }
            Operation::Setting { name, proposed } => {
                told(&store.setting(&name.to_string(), &proposed.to_string()).await)
            }
        }
    }

    async fn work(&self, store: &dyn Store, operation: &Operation) -> String {
        let lease = |at: &u8| match self.leases.len() {
            0 => Lease { campaign: id_of(0), batch: 0, serial: 1 },
            // Mostly the latest, for others can change nothing.
            count => self.leases[count - 1 - usize::from(*at) % count.min(4)],
        };
        match operation {
            Operation::Renew { lease: at } => told(&store.renew(lease(at), LONG).await),
            Operation::Release { lease: at } => told(&store.release(lease(at)).await),
            Operation::Cut { lease: at, keep, worst } => {
                let cut = store.cut(lease(at), *keep, *worst).await;
                told(&cut.map(|row| self.eyes.batch(row)))
            }
            Operation::Send { lease: at } => told(&store.begin_sending(lease(at), LONG).await),
            Operation::Change { lease: at, state, remote, note, settled, never_left } => {
                let change = BatchChange {
                    state: *state,
                    remote: *remote,
                    note: note.then(|| format!("{} is odd", number_of(2).as_u64())),
                    settled: settled.clone(),
                    never_left: *never_left,
                };
                told(&store.change_batch(lease(at), change).await)
            }
            other => panic!("no work: {other:?}"),
        }
    }
}

async fn plan(store: &dyn Store, operation: &Operation) -> String {
    match operation {
        Operation::Prepare { id, is_single, account, alternative_channel } => {
            let row = CampaignRow {
                kind: if *is_single { Kind::Single } else { Kind::Campaign },
                account: account.to_string(),
                alternative_channel: *alternative_channel,
                ..campaign(id_of(*id))
            };
            told(&store.create(row).await)
        }
        Operation::Add { id, first, numbers } => {
            let new = |number: &u8| NewRecipient {
                number: number_of(*number),
                label: number.is_multiple_of(2).then(|| format!("label {number}")),
                reference: number.is_multiple_of(3).then(|| own_reference(*number)),
            };
            // Mostly where the recipients end.
            let written = store.campaign(id_of(*id)).await.unwrap().map_or(0, |row| row.recipients);
            let first = first.unwrap_or(written);
            told(&store.add_recipients(id_of(*id), first, numbers.iter().map(new).collect()).await)
        }
        Operation::Finish { id, guard, batch_size, worst, digest } => {
            let written = store.campaign(id_of(*id)).await.unwrap().map_or(0, |row| row.recipients);
            let end = PlanEnd {
                guard: *guard,
                batch_size: *batch_size,
                worst: worst.clone(),
                digest: if *digest == 0 { String::new() } else { format!("digest {digest}") },
                ..plan_end(written)
            };
            told(&store.finish_plan(id_of(*id), end).await)
        }
        Operation::Discard { id } => told(&store.discard(id_of(*id)).await),
        Operation::Begin { id, is_guarded } => {
            told(&store.begin(id_of(*id), is_guarded.then_some(LONG)).await)
        }
        Operation::Rename { id, account } => {
            let summary = store.set_summary(id_of(*id), account.to_string()).await;
            let account = store.set_account(id_of(*id), account.to_string()).await;
            told(&(summary.map_err(words), account.map_err(words)))
        }
        other => panic!("no plan: {other:?}"),
    }
}

/// The ids of a history: small and great ones, since 64 bits are kept as signed numbers.
fn id_of(place: u8) -> CampaignId {
    let place = u64::from(place % DIFFERENT);
    CampaignId(if place.is_multiple_of(2) { place } else { u64::MAX - place })
}

/// An answer as it is compared: which of several same campaigns refuses one is not promised.
fn told<T: std::fmt::Debug>(answer: &(impl Told<T> + ?Sized)) -> String {
    answer.told()
}

trait Told<T> {
    fn told(&self) -> String;
}

impl<T: std::fmt::Debug> Told<T> for Result<T, StoreError> {
    fn told(&self) -> String {
        match self {
            Ok(answer) => format!("{answer:?}"),
            Err(StoreError::Planned(_)) => "the same was planned".to_owned(),
            Err(error) => error.to_string(),
        }
    }
}

impl<T: std::fmt::Debug> Told<T> for (Result<T, String>, Result<T, String>) {
    fn told(&self) -> String {
        format!("{self:?}")
    }
}

fn words(error: StoreError) -> String {
    error.to_string()
}
