//! The file: its header, its end, and what is written where.
//!
//! A command's line is written before the command is carried out, and taken back if it is refused. The line that says
//! what time it is is written over as long as it is the last one, so that a file does not grow while nothing happens.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use bsg_rcs_sandbox_engine::{Command, Delivery, FirstIds, MessageIx, VirtualTime, World};

use super::error::StateError;
use super::line::Line;
use super::replay::{self, Replayed};
use crate::config::SandboxConfig;

/// The format of the file. It changes with the lines, and with what the engine makes of the same commands.
const FORMAT: u32 = 2;

/// How every state file begins.
const BEGINNING: &[u8] = br#"{"bsg-rcs-sandbox":"#;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    #[serde(rename = "bsg-rcs-sandbox")]
    made: Made,
}

/// What a file was made with.
#[derive(Debug, Serialize, Deserialize)]
struct Made {
    format: u32,
    seed: u64,
    /// In milliseconds since 1970.
    start: i64,
    /// The fingerprint of each part of the world: accounts, agents, prices, tariffs, fates, delays, assumptions.
    world: BTreeMap<String, String>,
}

/// An open state file.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    /// Where the header ends.
    header: u64,
    /// Where the last line ends; what lies behind is of no worth.
    end: u64,
    /// Where the last line begins, if it says what time it is.
    time_at: Option<u64>,
}

/// How a command was noted; what takes the line back.
#[derive(Debug)]
#[must_use]
pub(crate) struct Noted {
    end: u64,
    time_at: Option<u64>,
}

impl Journal {
    /// Opens the state file of a configuration, or makes it; with the engine as the file left it.
    ///
    /// # Errors
    /// [`StateError`]; the file is then as it was.
    pub(crate) fn open(
        path: &Path,
        config: &SandboxConfig,
    ) -> Result<(Self, Replayed), StateError> {
        let mut options = OpenOptions::new();
        // It holds numbers and texts: for this user alone, from the first byte.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StateError::InUse),
            Err(TryLockError::Error(why)) => return Err(why.into()),
        }
        // A device may have no end to read to.
        if !file.metadata()?.is_file() {
            return Err(StateError::Foreign);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        match bytes.iter().position(|byte| *byte == b'\n') {
            Some(header_end) => Self::go_on(file, &bytes, header_end + 1, config),
            None if is_unfinished_header(&bytes) => Self::begin(file, config),
            None => Err(StateError::Foreign),
        }
    }

    fn begin(file: File, config: &SandboxConfig) -> Result<(Self, Replayed), StateError> {
        let start = VirtualTime::from_civil(config.start);
        let made = Made {
            format: FORMAT,
            seed: config.seed,
            start: start.millis(),
            world: fingerprints(&config.world)?,
        };
        let mut journal = Self { file, header: 0, end: 0, time_at: None };
        journal.append(&Header { made })?;
        journal.header = journal.end;
        Ok((journal, Replayed::nothing(config, start)))
    }

    fn go_on(
        file: File,
        bytes: &[u8],
        header: usize,
        config: &SandboxConfig,
    ) -> Result<(Self, Replayed), StateError> {
        let (first, lines) = bytes.split_at(header);
        let Header { made } = serde_json::from_slice(first).map_err(|_| StateError::Foreign)?;
        if made.format != FORMAT {
            return Err(StateError::Format { found: made.format, known: FORMAT });
        }
        if made.seed != config.seed {
            return Err(StateError::Seed { found: made.seed, given: config.seed });
        }
        let given = fingerprints(&config.world)?;
        let differs = |part: &&String| made.world.get(*part) != given.get(*part);
        let differ: Vec<String> = given.keys().filter(differs).cloned().collect();
        if !differ.is_empty() {
            return Err(StateError::World { differ });
        }
        let start = VirtualTime::from_millis(made.start);
        let (replayed, good) = replay::replay(lines, config, start)?;
        let end = header.saturating_add(good);
        if end < bytes.len() {
            tracing::warn!(
                bytes = bytes.len() - end,
                "the last line of the state file was not finished, and is cut off"
            );
            file.set_len(as_u64(end))?;
        }
        let journal = Self { file, header: as_u64(header), end: as_u64(end), time_at: None };
        Ok((journal, replayed))
    }

    /// Notes a command that is about to be carried out; one that changes nothing is not noted.
    pub(crate) fn command(&mut self, at: VirtualTime, command: &Command) -> io::Result<Noted> {
        let noted = Noted { end: self.end, time_at: self.time_at };
        if !matches!(command, Command::DryRun(..)) {
            self.append(&Line::Do(at.millis(), Box::new(command.clone())))?;
        }
        Ok(noted)
    }

    /// Takes back the note of a command that was refused. Left standing it would be refused again, and do no harm.
    pub(crate) fn take_back(&mut self, noted: &Noted) {
        if noted.end < self.end && self.file.set_len(noted.end).is_ok() {
            (self.end, self.time_at) = (noted.end, noted.time_at);
        }
    }

    /// Notes what time it is.
    pub(crate) fn time(&mut self, now: VirtualTime) {
        // Always of the same length, to be written over.
        let line = format!("{{\"time\":{:>16}}}\n", now.millis());
        let at = self.time_at.unwrap_or(self.end);
        match self.write(at, line.as_bytes()) {
            Ok(()) => self.time_at = Some(at),
            Err(why) => lost(&why),
        }
    }

    /// Notes what became of a callback.
    pub(crate) fn told(&mut self, message: MessageIx, note: u16, how: Delivery, attempts: u16) {
        let line = Line::Told(message.id(), note, how, attempts);
        self.append(&line).unwrap_or_else(|why| lost(&why));
    }

    /// Notes that a callback was put off.
    pub(crate) fn later(&mut self, message: MessageIx, note: u16, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.append(&Line::Later(message.id(), note, by)).unwrap_or_else(|why| lost(&why));
    }

    /// Forgets everything but the header, and notes where ids go on.
    ///
    /// # Errors
    /// Those of the system; everything is then still there.
    pub(crate) fn reset(&mut self, ids: FirstIds) -> io::Result<()> {
        self.file.set_len(self.header)?;
        (self.end, self.time_at) = (self.header, None);
        self.append(&Line::Ids(ids)).unwrap_or_else(|why| lost(&why));
        Ok(())
    }

    fn append(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.write(self.end, &bytes)?;
        self.time_at = None;
        Ok(())
    }

    /// Writes a line, or, if the system does not let it, leaves the file as it was.
    fn write(&mut self, at: u64, line: &[u8]) -> io::Result<()> {
        let written = self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.write_all(line));
        match written {
            Ok(()) => {
                self.end = at.saturating_add(as_u64(line.len()));
                Ok(())
            }
            Err(why) => {
                // Half a line at the end would be cut off at the next start all the same.
                let _ = self.file.set_len(self.end);
                Err(why)
            }
        }
    }
}

/// Nothing hangs on such a line but that time goes back, or a callback is sent again, after a stop.
fn lost(why: &io::Error) {
    tracing::warn!(%why, "the state file could not be written");
}

/// Whether these bytes are what is left of a header that was not finished; nothing is, too.
fn is_unfinished_header(bytes: &[u8]) -> bool {
    bytes.starts_with(BEGINNING) || BEGINNING.starts_with(bytes)
}

/// FNV-1a over the text of each part of a world.
fn fingerprints(world: &World) -> io::Result<BTreeMap<String, String>> {
    let parts: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(&serde_json::to_string(world)?)?;
    let print = |text: &str| {
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        format!("{hash:016x}")
    };
    Ok(parts.into_iter().map(|(part, text)| (part, print(text.get()))).collect())
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
