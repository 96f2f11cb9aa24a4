//! The assumptions about the platform that nobody has confirmed, each a switch.
//!
//! The numbers are those of `docs/assumptions.md`. The defaults are our reading; the other values are the
//! worlds in which a client has to stay on the safe side.

use std::time::Duration;

/// How this platform behaves where the documents are silent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assumptions {
    /// A10: clicks go to the account's URL too, not only to a message's own.
    pub clicks_to_account_url: bool,
    /// A14: a campaign cannot start in the past.
    pub past_start_refused: bool,
    /// A15: what happens to a reference that the account has used before.
    pub known_reference: KnownReference,
    /// A16: a number twice in one request refuses the request; else each is a message.
    pub repeated_number_refused: bool,
    /// A17: how long the duplicate guard remembers an accepted request; zero switches it off.
    pub duplicate_window: Duration,
    /// A20: how long a new message cannot be found by its reference yet.
    pub lookup_lag: Duration,
    /// A21: what a refused recipient does to the rest of the request.
    pub refused_recipient: RefusedRecipient,
    /// Not in the contract: what a stopped campaign had not sent yet ends as `failed`; else it stays
    /// accepted for ever.
    pub stop_fails_unsent: bool,
}

/// A15, one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownReference {
    /// (a) The whole request is refused.
    RefuseRequest,
    /// (b) The request is accepted without that message.
    RejectMessage,
    /// (c) It is sent again.
    SendAgain,
}

/// A21 and its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedRecipient {
    /// The whole request is refused.
    RefuseRequest,
    /// The others are sent.
    LeaveOut,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            clicks_to_account_url: true,
            past_start_refused: true,
            known_reference: KnownReference::RefuseRequest,
            repeated_number_refused: true,
            duplicate_window: Duration::from_secs(10),
            lookup_lag: Duration::ZERO,
            refused_recipient: RefusedRecipient::RefuseRequest,
            stop_fails_unsent: true,
        }
    }
}
