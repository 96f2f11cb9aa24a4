//! What all requests share: the engine behind a lock, and how its time passes.
//!
//! The lock is never held across an await. Effects are taken under it and handed to the callbacks' lanes. Where there
//! is a state file, what happens is noted in it under the same lock, before anybody can see it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::callbacks::{Callbacks, Lanes};
use super::faults::Faults;
use super::gate::{Gate, Stands};
use super::reply;
use super::reply::Refused;
use super::schema::Schemas;
use super::seen::Seen;
use super::tokens::Tokens;
use crate::config::SandboxConfig;
use crate::engine::{Callback, Command, Delivery, Effect, Engine, MessageIx, Outcome, VirtualTime};

use crate::running::StartError;
use crate::state::{Journal, Replayed};

/// Effects that are handed on at once while time passes: what bounds the memory that they take.
const EFFECTS_AT_ONCE: usize = 2000;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    engine: Mutex<Engine>,
    /// The state file, if there is one. Locked while the engine is, and never the other way round.
    journal: Mutex<Keeps>,
    pub(super) faults: Faults,
    pub(super) gate: Gate,
    pub(super) schemas: &'static Schemas,
    pub(super) tokens: Tokens,
    callbacks: Callbacks,
    config: SandboxConfig,
    /// Held while effects are handed on, so that they leave in the order in which they came.
    dispatching: Mutex<()>,
    /// One advance after the other.
    advancing: tokio::sync::Mutex<()>,
    /// The latest calls, and what receivers answered to callbacks.
    pub(super) seen: Seen,
    /// Told whenever there may be something new to look at.
    changed: watch::Sender<()>,
    /// How often it was reset, so that what is left from before is not mistaken for news.
    life: std::sync::atomic::AtomicU64,
}

/// Where what happens is noted.
#[derive(Debug)]
enum Keeps {
    /// Nowhere.
    Nothing,
    /// In this file.
    In(Journal),
    /// In a file that was let go.
    NoLonger,
}

impl Shared {
    /// A platform at its start; its callbacks' lanes run among `tasks`.
    pub(crate) fn new(
        config: SandboxConfig,
        tasks: &mut JoinSet<()>,
    ) -> Result<Arc<Self>, StartError> {
        let (shared, lanes, untold) = Self::at_rest(config)?;
        lanes.run(&shared, tasks);
        shared.hand_on(untold);
        Ok(shared)
    }

    /// A platform at its start that posts nothing: its callbacks count as acknowledged.
    pub(crate) fn within(
        config: SandboxConfig,
        tasks: &mut JoinSet<()>,
    ) -> Result<Arc<Self>, StartError> {
        let (shared, lanes, untold) = Self::at_rest(config)?;
        lanes.acknowledge(&shared, tasks);
        shared.hand_on(untold);
        Ok(shared)
    }

    /// With the callbacks of which nobody knows what became before it was stopped.
    fn at_rest(mut config: SandboxConfig) -> Result<(Arc<Self>, Lanes, Vec<Callback>), StartError> {
        let schemas = Schemas::ours().map_err(StartError::Document)?;
        let (engine, journal, untold) = begin(&mut config)?;
        let (callbacks, lanes) = Callbacks::new();
        let shared = Arc::new(Self {
            engine: Mutex::new(engine),
            journal: Mutex::new(journal.map_or(Keeps::Nothing, Keeps::In)),
            faults: Faults::default(),
            gate: Gate::default(),
            schemas,
            tokens: Tokens::new(config.token_life),
            callbacks,
            config,
            dispatching: Mutex::default(),
            advancing: tokio::sync::Mutex::default(),
            seen: Seen::default(),
            changed: watch::Sender::new(()),
            life: std::sync::atomic::AtomicU64::new(0),
        });
        Ok((shared, lanes, untold))
    }

    /// Opens the gate whenever it is closed: where nothing listens, there is nothing to refuse.
    pub(crate) async fn keep_gate_open(&self) {
        loop {
            self.gate.to_close().await;
            self.gate.set(Stands::Open);
        }
    }

    pub(super) fn config(&self) -> &SandboxConfig {
        &self.config
    }

    /// Tells those who look that there is something new.
    pub(super) fn tell_change(&self) {
        self.changed.send_replace(());
    }

    /// Hears of changes from now on.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Looks at the engine.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&Engine) -> R) -> R {
        look(&self.lock())
    }

    /// Lets the engine carry out a command, now.
    pub(crate) fn perform(&self, command: Command) -> Result<Outcome, Refused> {
        self.perform_then(command, |_, outcome| Ok(outcome))
    }

    /// Lets the engine carry out a command, now, and looks at what it brought about before anybody else does.
    pub(super) fn perform_then<R>(
        &self,
        command: Command,
        look: impl FnOnce(&Engine, Outcome) -> Result<R, Refused>,
    ) -> Result<R, Refused> {
        let _order = self.in_order();
        let mut engine = self.lock();
        let seen = self.carry_out(&mut engine, command).and_then(|outcome| look(&engine, outcome));
        self.dispatch(engine);
        self.tell_change();
        seen
    }

    /// Notes a command and carries it out; what cannot be noted is not done.
    fn carry_out(&self, engine: &mut Engine, command: Command) -> Result<Outcome, Refused> {
        let now = engine.now();
        let mut journal = self.journal();
        let journal = match &mut *journal {
            Keeps::Nothing => return engine.handle(command, now).map_err(reply::refusal),
            Keeps::In(journal) => journal,
            Keeps::NoLonger => {
                return Err(reply::refuse(StatusCode::SERVICE_UNAVAILABLE, "The sandbox stops."));
            }
        };
        let noted = journal.command(now, &command).map_err(|error| cannot_write(&error))?;
        engine.handle(command, now).map_err(|why| {
            journal.take_back(&noted);
            reply::refusal(why)
        })
    }

    /// Lets time pass and does not wait for callbacks.
    pub(crate) fn pass(&self, by: Duration) {
        let target = self.lock().now().plus(by);
        while !self.pass_a_while(target) {}
    }

    /// Lets time pass and waits until the callbacks are through.
    pub(crate) async fn advance(&self, by: Duration) {
        let _turn = self.advancing.lock().await;
        let target = self.lock().now().plus(by);
        loop {
            let reached = self.pass_a_while(target);
            self.callbacks.idle().await;
            // A fault script may have put a callback off, to a moment within this advance.
            let more = self.read(|engine| engine.next_event_at().is_some_and(|at| at <= target));
            if reached && !more && !self.faults.let_go(self) {
                return;
            }
        }
    }

    fn pass_a_while(&self, target: VirtualTime) -> bool {
        let _order = self.in_order();
        let mut engine = self.lock();
        let before = engine.happened();
        let reached = engine.run_until(target, EFFECTS_AT_ONCE);
        let (now, happened) = (engine.now(), engine.happened());
        self.note(|journal| journal.time(now));
        self.dispatch(engine);
        if happened != before {
            self.tell_change();
        }
        reached
    }

    fn dispatch(&self, mut engine: MutexGuard<'_, Engine>) {
        let effects = engine.take_effects();
        drop(engine);
        self.hand_on(effects.into_iter().map(|Effect::Callback(callback)| callback));
    }

    fn hand_on(&self, callbacks: impl IntoIterator<Item = Callback>) {
        for callback in callbacks {
            self.faults.on_callback(callback, self);
        }
    }

    /// Posts a callback, after those of a message.
    pub(super) fn post(&self, after: MessageIx, callback: Callback) {
        self.callbacks.post(after, self.life(), callback);
    }

    /// Notes what became of a callback that was never posted.
    pub(super) fn settle_now(&self, ix: MessageIx, note: u16, how: Delivery) {
        self.settle(self.life(), ix, note, how, 0);
    }

    /// Notes what became of a callback, unless all was reset since.
    pub(super) fn settle(&self, life: u64, ix: MessageIx, note: u16, how: Delivery, tries: u16) {
        let mut engine = self.lock();
        if life == self.life() {
            engine.settle_callback(ix, note, how, tries);
            self.note(|journal| journal.told(ix, note, how, tries));
            drop(engine);
            self.tell_change();
        }
    }

    /// Puts a callback off by so much virtual time.
    pub(super) fn postpone(&self, ix: MessageIx, note: u16, by: Duration) {
        let mut engine = self.lock();
        engine.postpone_callback(ix, note, by);
        self.note(|journal| journal.later(ix, note, by));
    }

    /// Everything as at the start.
    pub(super) fn reset(&self) -> Result<(), Refused> {
        let mut engine = self.lock();
        if let Keeps::In(journal) = &mut *self.journal() {
            journal.reset().map_err(|error| cannot_write(&error))?;
        }
        self.life.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        *engine = at_start(&self.config);
        drop(engine);
        self.faults.replace(Vec::new());
        self.seen.forget();
        self.tell_change();
        Ok(())
    }

    pub(super) fn life(&self) -> u64 {
        self.life.load(std::sync::atomic::Ordering::SeqCst)
    }

    fn note(&self, write: impl FnOnce(&mut Journal)) {
        if let Keeps::In(journal) = &mut *self.journal() {
            write(journal);
        }
    }

    /// Lets go of the state file, if there is one: nothing is done any more that would be noted in it.
    pub(crate) fn close(&self) {
        let mut journal = self.journal();
        if matches!(*journal, Keeps::In(_)) {
            *journal = Keeps::NoLonger;
        }
    }

    fn journal(&self) -> MutexGuard<'_, Keeps> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_order(&self) -> MutexGuard<'_, ()> {
        self.dispatching.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cannot_write(error: &std::io::Error) -> Refused {
    tracing::error!(%error, "the state file cannot be written");
    reply::refuse(StatusCode::SERVICE_UNAVAILABLE, "The state file cannot be written.")
}

/// The engine at its start, or where its state file left it: that has a start of its own.
fn begin(
    config: &mut SandboxConfig,
) -> Result<(Engine, Option<Journal>, Vec<Callback>), StartError> {
    let Some(path) = config.state.clone() else { return Ok((at_start(config), None, Vec::new())) };
    let opened = Journal::open(&path, config);
    let (journal, replayed) = opened.map_err(|source| StartError::State { path, source })?;
    let Replayed { engine, start, untold } = replayed;
    config.start = start.civil().unwrap_or(config.start);
    Ok((engine, Some(journal), untold))
}

fn at_start(config: &SandboxConfig) -> Engine {
    Engine::new(config.world.clone(), config.seed, VirtualTime::from_civil(config.start))
}
