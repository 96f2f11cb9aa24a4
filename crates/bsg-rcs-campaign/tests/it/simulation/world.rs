//! What all processes of a run share: the platform, its time, what is under way, and the record of
//! what happened. Time passes only when everybody waits for it.

use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use bsg_rcs_domain::{CampaignId, Msisdn};
use bsg_rcs_sandbox::engine::VirtualTime;
use bsg_rcs_store::{BatchRow, BatchState, Lease, MemoryStore, Outcome, RecipientRow, Timestamp};
use bsg_rcs_transport::Bytes;
use bsg_rcs_transport::http::{Request, Response};

use super::chance::Chance;
use super::platform::Platform;
use super::scene::{Rates, Scene};
use crate::stores::*;

/// How long after its recipients were read a request may leave, in milliseconds.
const JUST_READ: i64 = 6_000;

/// Something under way.
#[derive(Debug)]
enum Due {
    /// A request reaches the platform; its answer is kept under this number.
    Request(u64, Box<Request<Bytes>>),
    /// A callback reaches us.
    Callback(Vec<u8>),
}

/// What a run has come to, for the statistics.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tallies {
    pub(super) exchanges: u64,
    pub(super) sends: u64,
    pub(super) faults: u64,
    pub(super) lives: u64,
    pub(super) crashes: u64,
    pub(super) callbacks: u64,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) undetermined: u64,
}

/// The shared world.
pub(super) struct World {
    pub(super) platform: Platform,
    /// The platform's time, for the store, which is asked while the world is locked.
    clock: Arc<AtomicI64>,
    pub(super) scene: Arc<Scene>,
    pub(super) chance: Chance,
    /// What is on its way, by when it arrives.
    under_way: BTreeMap<(i64, u64), Due>,
    serial: u64,
    answers: HashMap<u64, Response<Bytes>>,
    /// Callbacks that have arrived.
    pub(super) inbox: Vec<Vec<u8>>,
    /// Nothing goes wrong any more.
    pub(super) calm: bool,
    pub(super) store: MemoryStore,
    /// Our campaign, once it is planned.
    pub(super) id: Option<CampaignId>,
    /// Numbers that were forgotten, and when that was answered.
    pub(super) forgotten: BTreeMap<u64, i64>,
    /// When the campaign was stopped for good.
    pub(super) stopped_at: Option<i64>,
    /// The latest lease that was given of each batch.
    given: BTreeMap<u32, u64>,
    pub(super) tallies: Tallies,
    /// What happened, if anybody wants to read it.
    trace: Option<Vec<String>>,
    violation: Option<String>,
}

/// The world, shared.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<World>>);

impl Shared {
    pub(super) fn new(scene: Arc<Scene>, chance: Chance, traced: bool) -> Self {
        let platform = Platform::new(&scene);
        let clock = Arc::new(AtomicI64::new(platform.now()));
        Self(Arc::new(Mutex::new(World {
            store: store(&scene, &clock),
            platform,
            clock,
            scene,
            chance,
            under_way: BTreeMap::new(),
            serial: 0,
            answers: HashMap::new(),
            inbox: Vec::new(),
            calm: false,
            id: None,
            forgotten: BTreeMap::new(),
            stopped_at: None,
            given: BTreeMap::new(),
            tallies: Tallies::default(),
            trace: traced.then(Vec::new),
            violation: None,
        })))
    }

    /// Never held across an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }
}

/// A store for one process at a time, or one that many share; on the world's time.
fn store(scene: &Scene, clock: &Arc<AtomicI64>) -> MemoryStore {
    let clock = clock.clone();
    let now = move || Timestamp(clock.load(Ordering::Relaxed));
    if scene.shared { MemoryStore::shared(now) } else { MemoryStore::with_clock(Arc::new(now)) }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

impl World {
    pub(super) fn now(&self) -> i64 {
        self.platform.now()
    }

    /// How often things go wrong now.
    pub(super) fn rates(&self) -> Rates {
        if self.calm { Rates::default() } else { self.scene.rates }
    }

    /// Notes what happened.
    pub(super) fn note(&mut self, who: &str, what: impl FnOnce() -> String) {
        let now = self.platform.engine.now();
        let millis = now.millis().rem_euclid(1000);
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{now}.{millis:03} {who}: {}", what()));
        }
    }

    /// Notes that something must not have happened. The first such thing counts.
    pub(super) fn violate(&mut self, what: String) {
        self.note("VIOLATION", || what.clone());
        self.violation.get_or_insert(what);
    }

    pub(super) fn violation(&self) -> Option<&String> {
        self.violation.as_ref()
    }

    pub(super) fn take_trace(&mut self) -> Vec<String> {
        self.trace.take().unwrap_or_default()
    }

    /// The next number that nothing else has.
    pub(super) fn number(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Lets a request reach the platform in so many milliseconds; its answer is kept.
    pub(super) fn travel(&mut self, request: Request<Bytes>, millis: u64) -> u64 {
        let number = self.number();
        if millis == 0 {
            self.arrive(number, &request);
        } else {
            let at = self.now() + i64::try_from(millis).unwrap();
            self.under_way.insert((at, number), Due::Request(number, Box::new(request)));
        }
        number
    }

    /// What the platform answered to a request that travelled.
    pub(super) fn answer(&mut self, number: u64) -> Option<Response<Bytes>> {
        self.answers.remove(&number)
    }

    fn arrive(&mut self, number: u64, request: &Request<Bytes>) {
        let answer = self.platform.answer(request);
        let (path, status) = (request.uri().path(), answer.status());
        self.note("platform", || {
            let said = String::from_utf8_lossy(answer.body());
            let said: String =
                said.chars().take(if status.is_success() { 60 } else { 300 }).collect();
            format!("request {number} ({path}) has arrived: {} {said}", status.as_u16())
        });
        self.answers.insert(number, answer);
        self.take_callbacks();
        if request.method() == bsg_rcs_transport::http::Method::POST && status.is_success() {
            self.check_nobody_twice();
            self.check_cap();
        }
    }

    /// The store gives a batch to a worker.
    pub(super) fn gives(&mut self, leased: &Option<(Lease, BatchRow)>) {
        if let Some((lease, _)) = leased {
            self.given.insert(lease.batch, lease.serial);
        }
    }

    /// The store lets somebody say where a batch stands: only who was given it last.
    pub(super) fn hears(&mut self, lease: Lease) {
        let latest = self.given.get(&lease.batch).copied();
        if latest != Some(lease.serial) {
            self.violate(format!("{lease:?} has a say, and {latest:?} was given"));
        }
    }

    /// What was read just before may still leave; later nothing does, to a number that was forgotten
    /// or of a campaign that was stopped.
    pub(super) fn check_nothing_leaves_that_must_not(&mut self, numbers: &[u64]) {
        let before = self.now() - JUST_READ;
        if self.stopped_at.is_some_and(|at| at < before) {
            self.violate("a request leaves after the campaign was stopped".to_owned());
        }
        for number in numbers {
            if self.forgotten.get(number).is_some_and(|at| *at < before) {
                self.violate(format!("a request leaves to {number}, which was forgotten"));
            }
        }
    }

    /// The four counts add up, at every moment.
    pub(super) fn check_equations(&mut self) {
        let Some(id) = self.id else { return };
        let snapshot = at_once(self.store.snapshot(id, std::time::Duration::ZERO)).unwrap();
        let counted: u64 = snapshot.tally.iter().map(|row| row.count).sum();
        let sums = [BatchState::Planned, BatchState::Sending, BatchState::Accepted]
            .into_iter()
            .chain([BatchState::Rejected, BatchState::Unknown, BatchState::Held])
            .map(|state| snapshot.batches.get(state).recipients)
            .sum::<u64>();
        let recipients = u64::from(snapshot.campaign.recipients);
        if counted != recipients || sums != recipients {
            self.violate(format!("of {recipients}, {counted} are counted, {sums} in batches"));
        }
    }

    /// What the platform has taken of ours costs no more than the cap, at any moment.
    fn check_cap(&mut self) {
        let Some(cap) = self.scene.cap_on_cost.filter(|_| !self.calm) else { return };
        let engine = &self.platform.engine;
        let cost = engine
            .find(&bsg_rcs_sandbox::engine::Filter::default())
            .into_vec()
            .into_iter()
            .map(|ix| engine.at(ix))
            .filter(|message| self.scene.numbers.contains(&message.phone.as_u64()))
            .filter(|message| !message.status().is_undelivered_end())
            .fold(bsg_rcs_domain::Amount::ZERO, |sum, message| {
                sum.checked_add(message.price).unwrap()
            });
        if cost > cap {
            self.violate(format!("{cost} may be charged, the cap is {cap}"));
        }
    }

    /// Whatever happens: nobody has two messages.
    fn check_nobody_twice(&mut self) {
        let scene = self.scene.clone();
        for number in &scene.numbers {
            let messages = self.platform.messages_to(Msisdn::from_u64(*number).unwrap()).len();
            if messages > 1 {
                self.violate(format!("{number} has {messages} messages"));
            }
        }
    }

    /// Sends what the platform told on its way to us.
    fn take_callbacks(&mut self) {
        for body in self.platform.told(self.scene.bare_prices) {
            self.tallies.callbacks += 1;
            let quiet = self.calm || self.scene.rates.exchange == 0;
            let copies = match self.chance.below(12) {
                _ if quiet => 1,
                0 | 1 => 0,
                2 => 2,
                _ => 1,
            };
            for _ in 0..copies {
                let wait = match self.chance.below(4) {
                    _ if quiet => 0,
                    0 | 1 => 0,
                    2 => self.chance.below(5_000),
                    _ => self.chance.below(900_000),
                };
                self.post_later(body.clone(), wait);
            }
        }
    }

    /// Lets a callback reach us in so many milliseconds.
    pub(super) fn post_later(&mut self, body: Vec<u8>, millis: u64) {
        let number = self.number();
        let at = self.now() + i64::try_from(millis).unwrap();
        self.under_way.insert((at, number), Due::Callback(body));
    }

    /// Lets time pass until this moment, or until something reaches us, whichever is first.
    pub(super) fn pass_until(&mut self, mut until: i64) {
        loop {
            let first = self.under_way.first_key_value().map(|(key, _)| *key);
            let next = first.map_or(until, |(at, _)| at.min(until));
            let reached = self.platform.engine.run_until(VirtualTime::from_millis(next), 1);
            self.clock.store(self.now(), Ordering::Relaxed);
            self.take_callbacks();
            let first = self.under_way.first_key_value().map(|(key, _)| *key);
            let due = first.filter(|(at, _)| *at <= self.now());
            let Some((at, number)) = due else {
                if reached {
                    return;
                }
                continue;
            };
            match self.under_way.remove(&(at, number)) {
                Some(Due::Request(number, request)) => self.arrive(number, &request),
                Some(Due::Callback(body)) => {
                    self.inbox.push(body);
                    // What else comes at this moment comes too.
                    until = self.now();
                }
                None => return,
            }
        }
    }

    /// Whether a batch is open that the platform did not refuse.
    pub(super) fn has_untried(&self) -> bool {
        let Some(id) = self.id else { return true };
        let batches = at_once(self.store.batches(id, 0, u32::MAX)).unwrap();
        let mut open = batches.iter().filter(|batch| batch.state.is_open());
        open.any(|batch| !was_refused(batch))
    }

    /// What would be reported of each recipient now.
    pub(super) fn outcomes(&self) -> Vec<(RecipientRow, Outcome)> {
        let Some(id) = self.id else { return Vec::new() };
        let batches = at_once(self.store.batches(id, 0, u32::MAX)).unwrap();
        let recipients = at_once(self.store.recipients(id, 0, u32::MAX)).unwrap();
        let outcome = |row: RecipientRow| {
            let batch = batches
                .iter()
                .find(|batch| (batch.first..batch.first + batch.count).contains(&row.index));
            let batch = batch.map(|batch| batch.state);
            let outcome = Outcome::of(row.outcome, row.shown.is_some(), batch);
            (row, outcome)
        };
        recipients.into_iter().map(outcome).collect()
    }
}

/// Whether the request of a batch was refused as a whole, and nothing of it sent.
pub(super) fn was_refused(batch: &BatchRow) -> bool {
    batch.state == BatchState::Planned && batch.attempts == 0 && batch.note.is_some()
}

/// Gives everybody else a turn, and death its chance.
pub(super) async fn point() {
    let mut passed = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut passed, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The result of work that waits for nothing but turns.
pub(super) fn at_once<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    for _ in 0..10_000 {
        if let Poll::Ready(done) = poll(work.as_mut()) {
            return done;
        }
    }
    panic!("it waits for something");
}

/// Lets work go on as far as it goes.
pub(super) fn poll<T, F: Future<Output = T> + ?Sized>(work: Pin<&mut F>) -> Poll<T> {
    poll_with(work, Waker::noop())
}

/// The same; `waker` hears what can go on.
pub(super) fn poll_with<T, F>(work: Pin<&mut F>, waker: &Waker) -> Poll<T>
where
    F: Future<Output = T> + ?Sized,
{
    work.poll(&mut Context::from_waker(waker))
}
