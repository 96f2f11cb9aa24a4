//! How the lines of a state file become an engine again.

use std::collections::HashMap;
use std::time::Duration;

use super::StateError;
use super::row::{Line, Row};
use crate::config::SandboxConfig;
use crate::engine::{AccountIx, Callback, Effect, Engine, MessageIx, VirtualTime};

/// Effects that are taken at once while time passes: what bounds the memory that they take.
const EFFECTS_AT_ONCE: usize = 2000;

/// An engine where its file left it.
#[derive(Debug)]
pub(crate) struct Replayed {
    /// The engine.
    pub(crate) engine: Engine,
    /// What its time began at.
    pub(crate) start: VirtualTime,
    /// Callbacks of which nobody knows what became, oldest first.
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
    let mut replay = Replay::new(Replayed::nothing(config, start).engine);
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
            // It was refused before, too, and the process ended before it could be taken back.
            Err(Wrong::Refused) if is_last => break,
            Err(Wrong::Refused) => {
                return Err(StateError::Broken { line: number, reason: "cannot be carried out" });
            }
        }
        good += line.len();
        rest = behind;
    }
    Ok((replay.finish(start), good))
}

/// What can be wrong with a line.
enum Wrong {
    Unreadable,
    Refused,
}

struct Replay {
    engine: Engine,
    /// The callbacks that left and of which nothing is known yet, with their order.
    untold: HashMap<(MessageIx, u16), (u64, Callback)>,
    left: u64,
}

impl Replay {
    fn new(engine: Engine) -> Self {
        Self { engine, untold: HashMap::new(), left: 0 }
    }

    fn line(&mut self, line: &[u8]) -> Result<(), Wrong> {
        match serde_json::from_slice(line).map_err(|_| Wrong::Unreadable)? {
            Line::Time(at) => self.pass(VirtualTime::from_millis(at)),
            Line::Do(at, row) => self.command(VirtualTime::from_millis(at), *row)?,
            Line::Told(message, note, became, attempts) => {
                let ix = self.message(message)?;
                self.engine.settle_callback(ix, note, became.into(), attempts);
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

    fn command(&mut self, at: VirtualTime, row: Row) -> Result<(), Wrong> {
        let command = row.into_command().ok_or(Wrong::Unreadable)?;
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

    fn finish(self, start: VirtualTime) -> Replayed {
        let mut untold: Vec<_> = self.untold.into_values().collect();
        untold.sort_unstable_by_key(|(order, _)| *order);
        let untold = untold.into_iter().map(|(_, callback)| callback).collect();
        Replayed { engine: self.engine, start, untold }
    }
}
