//! The files that people write: messages, recipients, prices. Each is read into values, or refused
//! with the place and what to do.

mod columns;
mod cut;
mod lines;
pub mod message;
pub mod prices;
pub mod quote;
mod reader;
pub mod recipients;
mod records;
pub mod refused;
mod rows;
mod sheet;
pub mod text;

use serde::{Deserialize, Serialize};

/// A file that cannot be read as what it should be.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct InputError {
    what: String,
    why: String,
    #[source]
    source: Option<std::io::Error>,
}

impl InputError {
    /// `what` (a file's name) is not as it should be; `why` says how, and what to do.
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into(), source: None }
    }

    /// `what` cannot be read at all.
    pub fn unreadable(what: impl Into<String>, source: std::io::Error) -> Self {
        let (why, source) = match source.kind() {
            std::io::ErrorKind::NotFound => ("there is no such file", None),
            std::io::ErrorKind::IsADirectory => ("it is a folder, not a file", None),
            _ => ("it cannot be read", Some(source)),
        };
        Self { what: what.into(), why: why.to_owned(), source }
    }
}

/// A line that is no recipient, or a doubtful one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// The line, from 1.
    pub line: u64,
    /// What is written there, at most 64 characters of it.
    pub value: String,
    /// The id of the rule that it breaks.
    pub rule: String,
}
