//! Why the host did not do what it was asked.

use bsg_rcs_sandbox_engine::Refusal;

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum NotDone {
    /// The engine refused the command.
    Refused(Refusal),
    /// The state file could not be written, so nothing was done.
    StateFile(std::io::Error),
    /// The sandbox was reset after the request had arrived.
    Reset,
    /// The sandbox is stopping.
    Stopping,
    /// The time after an advance would be later than the last moment that there is.
    TooFar,
}
