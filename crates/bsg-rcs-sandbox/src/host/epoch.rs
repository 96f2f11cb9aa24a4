//! Epochs: how often a sandbox was reset.

/// How often the sandbox had been reset when something arrived, or left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Epoch(u64);

impl Epoch {
    /// The one that a reset begins.
    pub(super) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
