//! Why a state file cannot be used.

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
    /// It was made with another configuration.
    #[error("it was made with other {}; give the configuration that it was made with, or take another file", .differ.join(", "))]
    World {
        /// The parts that differ: accounts, agents, prices, tariffs, fates, delays, assumptions.
        differ: Vec<String>,
    },
    /// A line in its midst cannot be read or carried out.
    #[error("line {line} {reason}; take another file")]
    Broken {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}
