//! Where a batch stands.

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BatchState {
    /// Not sent.
    Planned,
    /// The request leaves, or left and its writer died: the outcome is not known.
    Sending,
    /// The platform took it.
    Accepted,
    /// The platform refused it as a whole.
    Rejected,
    /// The request may have arrived; it is looked up before anything is sent again.
    Unknown,
    /// Looking up did not settle it; a person must decide.
    Held,
}

impl BatchState {
    /// Whether there is work left on it: the holder of its lease may do it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Sending | Self::Unknown)
    }
}
