//! The state file: what was asked of the engine, and when.
//!
//! The engine is a function of its world, its seed, its commands and their times, so these are kept and nothing else:
//! a header, then a line of JSON a command, written before its answer leaves. Started again, the sandbox carries them
//! out once more and stands where it stood. What came from outside is kept too: which callbacks were answered, and
//! which a fault script put off. The callbacks without such a line are tried again.
//!
//! | file | tells |
//! | --- | --- |
//! | `journal` | the file itself: its header, its end, what is written where |
//! | `row` | what a line says |
//! | `replay` | how the lines become an engine again |
//!
//! What was written outlives the process, however it ends; the machine's end it outlives as far as its system does,
//! because nothing waits for the disk. Fault scripts are not kept. Time stands still while nothing runs.

mod journal;
mod replay;
mod row;

pub(crate) use self::journal::Journal;
pub(crate) use self::replay::Replayed;

/// Why a state file cannot be used. It is left as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The system does not let it be read or written.
    #[error("it cannot be read or written")]
    Io(#[from] std::io::Error),
    /// Another process uses it.
    #[error("another sandbox uses it")]
    InUse,
    /// Its beginning is none that a sandbox writes.
    #[error("it is no state file of a sandbox")]
    Foreign,
    /// It was written by another version.
    #[error("its format is {found}, and this version reads {known}; take another file")]
    Format {
        /// The file's.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// It was made with another seed.
    #[error("it was made with seed {found} and not {given}; give that one, or take another file")]
    Seed {
        /// The file's.
        found: u64,
        /// The configuration's.
        given: u64,
    },
    /// It was made with other accounts, agents, prices, fates, delays or assumptions.
    #[error("it was made with another configuration; give that one, or take another file")]
    World,
    /// A line in its midst cannot be read or carried out.
    #[error("line {line} {reason}; take another file")]
    Broken {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}
