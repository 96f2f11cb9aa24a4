//! A send whose outcome is not known yet, with what is needed to look it up.

use std::time::Duration;

use bsg_rcs_domain::{Addressee, ReferenceId};

use crate::clock::ClockId;

/// A send that may have arrived: whom it was for, and when it has settled.
///
/// It can be resolved by another client than the one that sent: it settles by the wall clock then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    pub(crate) to: Vec<Addressee>,
    /// On the monotonic clock of the client that made it.
    pub(crate) settles_at: Duration,
    /// Which client that was.
    pub(crate) clock: ClockId,
    /// Since 1970-01-01 00:00:00 UTC, where the client knows the wall clock.
    pub(crate) settles_at_wall: Option<Duration>,
    /// Whether the platform said that it knows a reference.
    pub(crate) is_known: bool,
}

impl Unsettled {
    /// Whom it was for. Empty for a send to contact lists, which carries no references.
    pub fn addressees(&self) -> &[Addressee] {
        &self.to
    }

    /// The same, of a send of which the platform says that it knows a reference.
    pub(crate) fn of_known(self) -> Self {
        Self { is_known: true, ..self }
    }

    /// The references that it carried.
    pub fn references(&self) -> Vec<ReferenceId> {
        self.to.iter().map(|to| to.reference).collect()
    }
}
