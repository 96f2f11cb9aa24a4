//! What a line of the state file says.

use bsg_rcs_sandbox_engine::{Command, Delivery, FirstIds};
use serde::{Deserialize, Serialize};

/// A line behind the header.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// It was this time, in milliseconds since 1970.
    Time(i64),
    /// At this time this was done.
    Do(i64, Box<Command>),
    /// Of this message, this callback: what became of it, after how many attempts.
    Told(u64, u16, Delivery, u16),
    /// Of this message, this callback was put off by so many milliseconds.
    Later(u64, u16, u64),
    /// All begins anew, and ids go on here.
    Ids(FirstIds),
}
