//! The engine behind its lock, how its time passes, and what a reset ends.
//!
//! The lock is never held across an await. What the engine wants told is judged by the fault script and queued under
//! the lock, so callbacks leave in the order in which they came. Where there is a state file, what happens is noted
//! in it under the same lock, before it can be seen.
//!
//! Work that outlives a request (an advance, a delayed request) runs in tasks of the host's own: a client that leaves
//! ends nothing. A reset begins a new epoch; what belongs to an earlier one is dropped wherever it is met.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bsg_rcs_sandbox_engine::{
    Callback, Command, Delivery, Effect, Engine, FirstIds, MessageIx, Outcome, VirtualTime,
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::epoch::Epoch;
use super::error::NotDone;
use super::fault_rule::{CallbackVerdict, RequestFault, Rule};
use super::faults::Script;
use super::logs::{CallbackLog, Exchange, LoggedRequest, RequestLog};
use super::posting::CallbackResponse;
use super::queues::Posted;
use super::state::HostState;
use crate::config::SandboxConfig;
use crate::journal::StateError;
use crate::wall;

/// Effects that are handed on at once while time passes: what bounds the memory that they take.
const EFFECTS_AT_ONCE: usize = 2000;
/// How long a callback is held for the next one, on the platform's clock, if none follows.
const HELD_AT_MOST: Duration = Duration::from_secs(60);

/// The host of an engine.
#[derive(Debug)]
pub(crate) struct Host {
    config: SandboxConfig,
    state: Mutex<HostState>,
    /// Locked while the engine is, and never the other way round.
    script: Mutex<Script>,
    requests: Mutex<RequestLog>,
    responses: Mutex<CallbackLog>,
    callbacks: mpsc::UnboundedSender<Posted>,
    /// How many callbacks are neither delivered nor given up.
    undelivered: watch::Sender<usize>,
    /// One advance after the other.
    advancing: tokio::sync::Mutex<()>,
    /// Tells whenever there may be something new to look at.
    changed: watch::Sender<()>,
    epoch: watch::Sender<Epoch>,
    /// The epoch of which alone callbacks may be under way.
    drained: watch::Sender<Epoch>,
    work: Mutex<JoinSet<()>>,
    /// When it began, for what is limited by the second.
    begun: Instant,
}

impl Host {
    /// A platform at its start, or where its state file left it.
    ///
    /// # Errors
    /// [`StateError`] if the state file cannot be used.
    pub(crate) fn new(
        mut config: SandboxConfig,
    ) -> Result<(Arc<Self>, mpsc::UnboundedReceiver<Posted>), StateError> {
        let (state, untold) = HostState::open(&mut config)?;
        let (callbacks, posted) = mpsc::unbounded_channel();
        let host = Self {
            config,
            state: Mutex::new(state),
            script: Mutex::default(),
            requests: Mutex::default(),
            responses: Mutex::default(),
            callbacks,
            undelivered: watch::Sender::new(0),
            advancing: tokio::sync::Mutex::default(),
            changed: watch::Sender::new(()),
            epoch: watch::Sender::default(),
            drained: watch::Sender::default(),
            work: Mutex::default(),
            begun: wall::instant(),
        };
        for callback in untold {
            host.post(callback.message, callback);
        }
        Ok((Arc::new(host), posted))
    }

    /// How the sandbox is run.
    pub(crate) fn config(&self) -> &SandboxConfig {
        &self.config
    }

    /// Tells those who look that there is something new.
    pub(crate) fn tell_change(&self) {
        self.changed.send_replace(());
    }

    /// Hears of changes from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The epoch that it is now.
    pub(crate) fn epoch(&self) -> Epoch {
        *self.epoch.borrow()
    }

    /// Hears of epochs from now on.
    pub(super) fn epochs(&self) -> watch::Receiver<Epoch> {
        self.epoch.subscribe()
    }

    /// Resolves when an epoch is over.
    pub(super) fn is_over(&self, epoch: Epoch) -> impl Future<Output = ()> + Send + use<> {
        let mut epochs = self.epochs();
        async move {
            // The sender is this host's own: it lasts.
            let _ = epochs.wait_for(|now| *now != epoch).await;
        }
    }

    /// Looks at the engine.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&Engine) -> R) -> R {
        look(&self.lock().engine)
    }

    /// Lets the engine carry out a command, now.
    pub(crate) fn perform(&self, command: Command) -> Result<Outcome, NotDone> {
        self.perform_then(self.epoch(), command, |_, outcome| Ok(outcome))
    }

    /// Lets the engine carry out a command that arrived in an epoch, and looks at what it brought about before anything
    /// else happens.
    pub(crate) fn perform_then<R, E: From<NotDone>>(
        &self,
        arrived: Epoch,
        command: Command,
        look: impl FnOnce(&Engine, Outcome) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut state = self.lock();
        if arrived != self.epoch() {
            return Err(NotDone::Reset.into());
        }
        let outcome = state.carry_out(command).map_err(E::from);
        let seen = outcome.and_then(|outcome| look(&state.engine, outcome));
        self.dispatch(&mut state);
        drop(state);
        self.tell_change();
        seen
    }

    /// Lets time pass and does not wait for callbacks.
    pub(crate) fn pass(&self, by: Duration) {
        let target = self.lock().engine.now().plus(by);
        while !self.pass_a_while(target, self.epoch()).unwrap_or(true) {}
    }

    /// Lets time pass and waits until the callbacks are through, whether the caller goes on waiting or not.
    pub(crate) async fn advance(self: &Arc<Self>, by: Duration) -> Result<(), NotDone> {
        let (host, arrived) = (Arc::clone(self), self.epoch());
        self.run(async move { host.advance_here(by, arrived).await })
            .await
            .unwrap_or(Err(NotDone::Stopping))
    }

    async fn advance_here(&self, by: Duration, arrived: Epoch) -> Result<(), NotDone> {
        let _turn = self.advancing.lock().await;
        let target = self.lock().engine.now().checked_plus(by).ok_or(NotDone::TooFar)?;
        loop {
            let reached = self.pass_a_while(target, arrived)?;
            self.all_delivered().await;
            // A fault script may have put a callback off, to a moment within this advance.
            let more = self.read(|engine| engine.next_event_at().is_some_and(|at| at <= target));
            if reached && !more && !self.release_held(arrived)? {
                return Ok(());
            }
        }
    }

    fn pass_a_while(&self, target: VirtualTime, arrived: Epoch) -> Result<bool, NotDone> {
        let mut state = self.lock();
        if arrived != self.epoch() {
            return Err(NotDone::Reset);
        }
        let before = state.engine.happened();
        let reached = state.engine.run_until(target, EFFECTS_AT_ONCE);
        let now = state.engine.now();
        let something_happened = state.engine.happened() != before;
        state.note(|journal| journal.time(now));
        self.dispatch(&mut state);
        drop(state);
        if something_happened {
            self.tell_change();
        }
        Ok(reached)
    }

    /// Runs work that a request began and that goes on without it; waits for its end.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (done, ended) = oneshot::channel();
        self.spawn(async move {
            // The client may have left.
            let _ = done.send(work.await);
        });
        ended.await.ok()
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.work);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Hands on what the engine wants told, as the script says.
    fn dispatch(&self, state: &mut HostState) {
        for Effect::Callback(callback) in state.engine.take_effects() {
            self.hand_on(state, callback);
        }
        let now = state.engine.now();
        let due =
            state.held.iter().take_while(|(since, _)| since.plus(HELD_AT_MOST) <= now).count();
        for (_, callback) in state.held.drain(..due) {
            self.post(callback.message, callback);
        }
    }

    fn hand_on(&self, state: &mut HostState, callback: Callback) {
        let (message, note) = (callback.message, callback.note);
        let verdict = match state.put_off.remove(&(message, note)) {
            true => CallbackVerdict::Post,
            false => lock(&self.script).callback(),
        };
        match verdict {
            CallbackVerdict::Drop => state.settle(message, note, Delivery::Dropped, 0),
            CallbackVerdict::Postpone(by) => {
                state.put_off.insert((message, note));
                state.engine.postpone_callback(message, note, by);
                state.note(|journal| journal.later(message, note, by));
            }
            CallbackVerdict::HoldForNext => state.held.push((state.engine.now(), callback)),
            CallbackVerdict::Twice => {
                self.post(message, callback.clone());
                self.post(message, callback);
            }
            CallbackVerdict::Post => {
                self.post(message, callback);
                for (_, held) in state.held.drain(..) {
                    self.post(message, held);
                }
            }
        }
    }

    /// Queues a callback, after those of a message: its own, or another's that it is to follow.
    fn post(&self, after: MessageIx, callback: Callback) {
        let posted = Posted { epoch: self.epoch(), after: after.id(), callback };
        self.undelivered.send_modify(|count| *count += 1);
        if self.callbacks.send(posted).is_err() {
            self.delivered(1);
        }
    }

    /// Counts callbacks that are delivered, given up or dropped.
    pub(super) fn delivered(&self, count: usize) {
        self.undelivered.send_modify(|waiting| *waiting = waiting.saturating_sub(count));
    }

    async fn all_delivered(&self) {
        // The sender is this host's own: it lasts.
        let _ = self.undelivered.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Posts what is held for a next callback that does not come; says whether there was anything.
    fn release_held(&self, arrived: Epoch) -> Result<bool, NotDone> {
        let mut state = self.lock();
        if arrived != self.epoch() {
            return Err(NotDone::Reset);
        }
        let any = !state.held.is_empty();
        for (_, callback) in state.held.drain(..) {
            self.post(callback.message, callback);
        }
        Ok(any)
    }

    /// Replaces the fault script. Callbacks that the one before held back leave.
    pub(crate) fn replace_faults(&self, rules: Vec<Rule>) {
        lock(&self.script).replace(rules, self.config.seed);
        // What a reset has forgotten meanwhile is not held any more.
        let _ = self.release_held(self.epoch());
        self.tell_change();
    }

    /// The rules of the fault script, with what each has met.
    pub(crate) fn faults(&self) -> Vec<serde_json::Value> {
        lock(&self.script).rules()
    }

    /// What goes wrong with a request, if anything.
    pub(crate) fn request_fault(&self, method: &str, paths: [&str; 2]) -> Option<RequestFault> {
        lock(&self.script).request(method, paths, self.begun.elapsed())
    }

    /// Keeps a request with its answer, unless the sandbox was reset since.
    pub(crate) fn log_request(&self, arrived: Epoch, exchange: Exchange) {
        let _engine = self.lock();
        if arrived == self.epoch() {
            lock(&self.requests).add(exchange);
            self.tell_change();
        }
    }

    /// The latest requests, the last one first.
    pub(crate) fn latest_requests(&self) -> Vec<Arc<LoggedRequest>> {
        lock(&self.requests).latest()
    }

    /// What a receiver answered to a callback, if that is still known.
    pub(crate) fn response_to(&self, message: MessageIx, note: u16) -> Option<CallbackResponse> {
        lock(&self.responses).response_to(message, note)
    }

    /// Everything as at the start. When this returns, nothing of before can be seen any more: no callback is under way,
    /// no advance moves the clock, and no delayed request will be carried out. Ids go on where they were.
    pub(crate) async fn reset(&self) -> Result<FirstIds, NotDone> {
        let (begun, ids) = {
            let mut state = self.lock();
            let ids = state.begin_anew(&self.config)?;
            *lock(&self.script) = Script::default();
            *lock(&self.requests) = RequestLog::default();
            *lock(&self.responses) = CallbackLog::default();
            self.epoch.send_modify(|epoch| *epoch = epoch.next());
            (self.epoch(), ids)
        };
        // The sender is this host's own: it lasts.
        let _ = self.drained.subscribe().wait_for(|epoch| *epoch >= begun).await;
        self.tell_change();
        Ok(ids)
    }

    /// Says that no callback of an epoch before this one is under way any more.
    pub(super) fn drained_up_to(&self, epoch: Epoch) {
        self.drained.send_replace(epoch);
    }

    /// Lets go of the state file and ends the work that requests began.
    pub(crate) fn close(&self) {
        lock(&self.work).abort_all();
        self.lock().close();
    }

    /// Notes what became of a callback, unless the sandbox was reset since.
    pub(super) fn settle(
        &self,
        posted: &Posted,
        how: Delivery,
        attempts: u16,
        response: Option<CallbackResponse>,
    ) {
        let mut state = self.lock();
        if posted.epoch == self.epoch() {
            let (message, note) = (posted.callback.message, posted.callback.note);
            state.settle(message, note, how, attempts);
            if let Some(response) = response {
                lock(&self.responses).add(message, note, response);
            }
            drop(state);
            self.tell_change();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HostState> {
        lock(&self.state)
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
