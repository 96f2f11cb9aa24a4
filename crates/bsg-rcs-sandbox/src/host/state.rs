//! The engine with what is kept beside it: its state file, and the callbacks that a fault script holds back.

use std::collections::HashSet;

use bsg_rcs_sandbox_engine::{
    Callback, Command, Delivery, Engine, FirstIds, MessageIx, Outcome, VirtualTime,
};

use super::error::NotDone;
use crate::config::SandboxConfig;
use crate::journal::{Journal, Replayed, StateError};

/// What stands behind the host's lock.
#[derive(Debug)]
pub(super) struct HostState {
    pub(super) engine: Engine,
    journal: Keeps,
    /// Callbacks that leave after the next one, and since when they wait.
    pub(super) held: Vec<(VirtualTime, Callback)>,
    /// Callbacks that were put off: they leave when they come again.
    pub(super) put_off: HashSet<(MessageIx, u16)>,
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

impl HostState {
    /// At its start, or where its state file left it: that has a start of its own, which the configuration then takes.
    /// With the callbacks of which it is not known what became.
    ///
    /// # Errors
    /// [`StateError`] if the state file cannot be used.
    pub(super) fn open(config: &mut SandboxConfig) -> Result<(Self, Vec<Callback>), StateError> {
        let start = VirtualTime::from_civil(config.start);
        let (engine, journal, untold) = match config.state.clone() {
            None => {
                let engine = Engine::new(config.world.clone(), config.seed, start);
                (engine, Keeps::Nothing, Vec::new())
            }
            Some(path) => {
                let (journal, Replayed { engine, start, untold }) = Journal::open(&path, config)?;
                config.start = start.civil().unwrap_or(config.start);
                (engine, Keeps::In(journal), untold)
            }
        };
        let (held, put_off) = (Vec::new(), HashSet::new());
        Ok((Self { engine, journal, held, put_off }, untold))
    }

    /// Everything as at the start; answers where ids go on.
    pub(super) fn begin_anew(&mut self, config: &SandboxConfig) -> Result<FirstIds, NotDone> {
        let start = VirtualTime::from_civil(config.start);
        let fresh = self.engine.begin_anew(config.world.clone(), start);
        let ids = fresh.first_ids();
        if let Keeps::In(journal) = &mut self.journal {
            journal.reset(ids).map_err(NotDone::StateFile)?;
        }
        self.engine = fresh;
        self.held.clear();
        self.put_off.clear();
        Ok(ids)
    }

    /// Lets go of the state file, if there is one: nothing is done any more that would be noted in it.
    pub(super) fn close(&mut self) {
        if matches!(self.journal, Keeps::In(_)) {
            self.journal = Keeps::NoLonger;
        }
    }

    /// Notes a command and carries it out; what cannot be noted is not done.
    pub(super) fn carry_out(&mut self, command: Command) -> Result<Outcome, NotDone> {
        let now = self.engine.now();
        let journal = match &mut self.journal {
            Keeps::Nothing => return self.engine.handle(command, now).map_err(NotDone::Refused),
            Keeps::In(journal) => journal,
            Keeps::NoLonger => return Err(NotDone::Stopping),
        };
        let noted = journal.command(now, &command).map_err(NotDone::StateFile)?;
        self.engine.handle(command, now).map_err(|why| {
            journal.take_back(&noted);
            NotDone::Refused(why)
        })
    }

    /// Notes what became of a callback.
    pub(super) fn settle(&mut self, message: MessageIx, note: u16, how: Delivery, attempts: u16) {
        self.engine.settle_callback(message, note, how, attempts);
        self.note(|journal| journal.told(message, note, how, attempts));
    }

    pub(super) fn note(&mut self, write: impl FnOnce(&mut Journal)) {
        if let Keeps::In(journal) = &mut self.journal {
            write(journal);
        }
    }
}
