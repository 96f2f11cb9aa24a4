//! The state file: what was asked of the engine, and when.
//!
//! The engine is a function of its world, its seed, its commands and their times, so these are kept and nothing else:
//! a header, then a line of JSON a command, written before its answer leaves. Started again, the sandbox carries them
//! out once more and stands where it stood. What came from outside is kept too: which callbacks were answered, and
//! which a fault script put off. The callbacks without such a line are tried again.
//!
//! | file | tells |
//! | --- | --- |
//! | `file` | the file itself: its header, its end, what is written where |
//! | `line` | what a line says |
//! | `error` | why a file cannot be used |
//! | `replay` | how the lines become an engine again |
//!
//! What was written outlives the process, however it ends; the machine's end it outlives as far as its system does,
//! because nothing waits for the disk. Fault scripts are not kept. Time stands still while nothing runs.

mod error;
mod file;
mod line;
mod replay;

pub use self::error::StateError;
pub(crate) use self::file::Journal;
pub(crate) use self::replay::Replayed;
