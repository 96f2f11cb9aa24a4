//! What all requests share: the engine behind a lock, and how its time passes.
//!
//! The lock is never held across an await. Effects are taken under it and handed to the callbacks' lanes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use super::callbacks::Callbacks;
use super::faults::Faults;
use super::gate::Gate;
use super::reply;
use super::reply::Refused;
use super::schema::Schemas;
use super::tokens::Tokens;
use crate::config::SandboxConfig;
use crate::engine::{
    Answer, Callback, Command, Delivery, Effect, Engine, MessageIx, Outcome, VirtualTime,
};

/// Effects that are handed on at once while time passes: what bounds the memory that they take.
const EFFECTS_AT_ONCE: usize = 2000;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    engine: Mutex<Engine>,
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
    /// How often it was reset, so that what is left from before is not mistaken for news.
    life: std::sync::atomic::AtomicU64,
}

impl Shared {
    /// A platform at its start; its callbacks' lanes run among `tasks`.
    pub(crate) fn new(config: SandboxConfig, tasks: &mut JoinSet<()>) -> Result<Arc<Self>, String> {
        let schemas = Schemas::ours()?;
        let (callbacks, lanes) = Callbacks::new();
        let shared = Arc::new(Self {
            engine: Mutex::new(at_start(&config)),
            faults: Faults::default(),
            gate: Gate::default(),
            schemas,
            tokens: Tokens::new(config.token_life),
            callbacks,
            config,
            dispatching: Mutex::default(),
            advancing: tokio::sync::Mutex::default(),
            life: std::sync::atomic::AtomicU64::new(0),
        });
        lanes.run(&shared, tasks);
        Ok(shared)
    }

    pub(super) fn config(&self) -> &SandboxConfig {
        &self.config
    }

    /// Looks at the engine.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&Engine) -> R) -> R {
        look(&self.lock())
    }

    /// Lets the engine carry out a command, now.
    pub(crate) fn perform(&self, command: Command) -> Answer {
        let _order = self.in_order();
        let mut engine = self.lock();
        let now = engine.now();
        let answer = engine.handle(command, now);
        self.dispatch(engine);
        answer
    }

    /// Lets the engine carry out a command, now, and looks at what it brought about before anybody else does.
    pub(super) fn perform_then<R>(
        &self,
        command: Command,
        look: impl FnOnce(&Engine, Outcome) -> Result<R, Refused>,
    ) -> Result<R, Refused> {
        let _order = self.in_order();
        let mut engine = self.lock();
        let now = engine.now();
        let answer = engine.handle(command, now).map_err(reply::refusal);
        let seen = answer.and_then(|outcome| look(&engine, outcome));
        self.dispatch(engine);
        seen
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
        let reached = engine.run_until(target, EFFECTS_AT_ONCE);
        self.dispatch(engine);
        reached
    }

    fn dispatch(&self, mut engine: MutexGuard<'_, Engine>) {
        let effects = engine.take_effects();
        drop(engine);
        for Effect::Callback(callback) in effects {
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
        }
    }

    /// Puts a callback off by so much virtual time.
    pub(super) fn postpone(&self, ix: MessageIx, note: u16, by: Duration) {
        self.lock().postpone_callback(ix, note, by);
    }

    /// Everything as at the start.
    pub(super) fn reset(&self) {
        let mut engine = self.lock();
        self.life.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        *engine = at_start(&self.config);
        drop(engine);
        self.faults.replace(Vec::new());
    }

    pub(super) fn life(&self) -> u64 {
        self.life.load(std::sync::atomic::Ordering::SeqCst)
    }

    fn in_order(&self) -> MutexGuard<'_, ()> {
        self.dispatching.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn at_start(config: &SandboxConfig) -> Engine {
    Engine::new(config.world.clone(), config.seed, VirtualTime::from_civil(config.start))
}
