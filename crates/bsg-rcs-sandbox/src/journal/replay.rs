//! How the lines of a state file become an engine again.

use std::collections::HashMap;
use std::time::Duration;

use bsg_rcs_sandbox_engine::{
    AccountIx, Callback, Command, Effect, Engine, MessageIx, VirtualTime,
};

use super::error::StateError;
use super::line::Line;
use crate::config::SandboxConfig;

/// Effects that are taken at once while time passes: what bounds the memory that they take.
const EFFECTS_AT_ONCE: usize = 2000;

/// An engine where its file left it.
#[derive(Debug)]
pub(crate) struct Replayed {
    /// The engine.
    pub(crate) engine: Engine,
    /// What its time began at.
    pub(crate) start: VirtualTime,
    /// Callbacks of which it is not known what became, oldest first.
    pub(crate) untold: Vec<Callback>,
}

impl Replayed {
    /// An engine at its start.
    pub(super) fn nothing(config: &SandboxConfig, start: VirtualTime) -> Self {
        let engine = Engine::new(config.world.clone(), config.seed, start);
        Self { engine, start, untold: Vec::new() }
    }
}

/// Carries out the lines behind the header. With how many bytes of them are good: a last line that cannot be read was
/// not finished.
pub(super) fn replay(
    lines: &[u8],
    config: &SandboxConfig,
    start: VirtualTime,
) -> Result<(Replayed, usize), StateError> {
    let mut replay = Replay::new(config, start);
    let mut good = 0;
    let mut rest = lines;
    // The header is line 1.
    for number in 2.. {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { break };
        let (line, behind) = rest.split_at(end + 1);
        let is_last = behind.is_empty();
        match replay.line(line) {
            Ok(()) => {}
            Err(Wrong::Unreadable) if is_last => break,
            Err(Wrong::Unreadable) => {
                return Err(StateError::Broken { line: number, reason: "cannot be read" });
            }
            // It was refused before, too, and could not be taken back: it changes nothing.
            Err(Wrong::Refused) => {
                tracing::warn!(
                    line = number,
                    "a command of the state file is refused, and passed over"
                );
            }
        }
        good += line.len();
        rest = behind;
    }
    Ok((replay.finish(), good))
}

/// What can be wrong with a line.
enum Wrong {
    Unreadable,
    Refused,
}

struct Replay<'a> {
    config: &'a SandboxConfig,
    start: VirtualTime,
    engine: Engine,
    /// The callbacks that left and of which nothing is known yet, with their order.
    untold: HashMap<(MessageIx, u16), (u64, Callback)>,
    left: u64,
}

impl<'a> Replay<'a> {
    fn new(config: &'a SandboxConfig, start: VirtualTime) -> Self {
        let engine = Replayed::nothing(config, start).engine;
        Self { config, start, engine, untold: HashMap::new(), left: 0 }
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Wrong> {
        match serde_json::from_slice(line).map_err(|_| Wrong::Unreadable)? {
            Line::Time(at) => self.pass(VirtualTime::from_millis(at)),
            Line::Do(at, command) => self.command(VirtualTime::from_millis(at), *command)?,
            Line::Ids(ids) => {
                let world = self.config.world.clone();
                self.engine = Engine::with_first_ids(world, self.config.seed, self.start, ids);
                self.untold.clear();
            }
            Line::Told(message, note, became, attempts) => {
                let ix = self.message(message)?;
                self.engine.settle_callback(ix, note, became, attempts);
                self.untold.remove(&(ix, note));
            }
            Line::Later(message, note, by) => {
                let ix = self.message(message)?;
                self.engine.postpone_callback(ix, note, Duration::from_millis(by));
                // It comes again.
                self.untold.remove(&(ix, note));
            }
        }
        Ok(())
    }

    fn command(&mut self, at: VirtualTime, command: Command) -> Result<(), Wrong> {
        let known = |account: AccountIx| self.engine.accounts().any(|(ix, _)| ix == account);
        if !command.account().is_none_or(known) {
            return Err(Wrong::Unreadable);
        }
        self.pass(at);
        self.engine.handle(command, at).map_err(|_| Wrong::Refused)?;
        self.take();
        Ok(())
    }

    fn pass(&mut self, until: VirtualTime) {
        while !self.engine.run_until(until, EFFECTS_AT_ONCE) {
            self.take();
        }
        self.take();
    }

    fn take(&mut self) {
        for Effect::Callback(callback) in self.engine.take_effects() {
            self.left += 1;
            self.untold.insert((callback.message, callback.note), (self.left, callback));
        }
    }

    fn message(&self, id: u64) -> Result<MessageIx, Wrong> {
        self.engine.message(id).ok_or(Wrong::Unreadable)
    }

    fn finish(self) -> Replayed {
        let mut untold: Vec<_> = self.untold.into_values().collect();
        untold.sort_unstable_by_key(|(order, _)| *order);
        let untold = untold.into_iter().map(|(_, callback)| callback).collect();
        Replayed { engine: self.engine, start: self.start, untold }
    }
}
