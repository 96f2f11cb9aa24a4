//! What went wrong in an exchange, and the one thing a caller must know of it: may the request
//! have been sent?
//!
//! An error holds no address, no header and no body, so that printing it reveals nothing. What
//! lies below it (a resolver's or a TLS library's error) is reached through
//! [`source`](std::error::Error::source) and is not part of its own words.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Whether a failed request may have reached the server.
///
/// There is no third value: a transport that is not sure answers [`MaybeSent`](Self::MaybeSent).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// Not one byte of the request left. Never wrong: only what fails before a connection stood
    /// counts (name resolution, connecting, the TLS handshake, a request that could not be built).
    NotSent,
    /// The request, or a part of it, may have left. May be pessimistic.
    MaybeSent,
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "the request was not sent",
            Self::MaybeSent => "the request may have been sent",
        })
    }
}

/// In what way an exchange failed: for people and for statistics.
///
/// Whether a request may be repeated follows from [`Certainty`], never from this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// No connection came about: the name did not resolve, the server refused, TLS failed.
    Connect,
    /// The time allowed ran out, while connecting or later.
    Timeout,
    /// The connection was lost, or the answer ended before it was whole.
    Broken,
    /// The answer is larger than the transport accepts.
    TooLarge,
    /// What came back is not HTTP.
    Protocol,
    /// The request was withheld: it said that it may no longer leave
    /// ([`LeaveWhile`](crate::LeaveWhile)).
    Withheld,
    /// Anything else.
    Other,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection could be made",
            Self::Timeout => "the time allowed for the exchange ran out",
            Self::Broken => "the connection was lost before the answer was whole",
            Self::TooLarge => "the answer is larger than accepted",
            Self::Protocol => "the answer is not valid HTTP",
            Self::Withheld => "the request was withheld",
            Self::Other => "the exchange failed",
        })
    }
}

/// What lies below an error, in the form in which constructors take it.
type Cause = Box<dyn Error + Send + Sync>;

/// An exchange that brought no whole answer.
///
/// It can be cloned, because one failed login may have to be told to many tasks.
///
/// ```
/// use bsg_rcs_transport::{Certainty, FailureKind, TransportError};
///
/// let error = TransportError::not_sent(FailureKind::Connect, "nobody listens on port 9");
/// assert_eq!(error.certainty(), Certainty::NotSent);
/// assert_eq!(error.to_string(), "no connection could be made; the request was not sent");
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kind}; {certainty}")]
pub struct TransportError {
    certainty: Certainty,
    kind: FailureKind,
    source: Arc<dyn Error + Send + Sync>,
}

impl TransportError {
    /// A failure before the first byte of the request could leave.
    ///
    /// Read [`Certainty::NotSent`] before using it: a request may be sent again because of it.
    /// The cause, an error or a sentence, must not reveal addresses or secrets.
    pub fn not_sent(kind: FailureKind, cause: impl Into<Cause>) -> Self {
        Self::new(Certainty::NotSent, kind, cause.into())
    }

    /// A failure after which the request may have reached the server; the safe choice.
    ///
    /// The cause, an error or a sentence, must not reveal addresses or secrets.
    pub fn maybe_sent(kind: FailureKind, cause: impl Into<Cause>) -> Self {
        Self::new(Certainty::MaybeSent, kind, cause.into())
    }

    /// The same failure, after which the request may have been sent all the same: for wrappers that
    /// tried more than once and whose earlier try may have arrived.
    #[must_use]
    pub fn into_maybe_sent(self) -> Self {
        Self { certainty: Certainty::MaybeSent, ..self }
    }

    /// The failure with its certainty as a value, for whoever read it from somewhere.
    #[cfg(feature = "tape")]
    pub(crate) fn of(certainty: Certainty, kind: FailureKind, cause: &'static str) -> Self {
        Self::new(certainty, kind, cause.into())
    }

    fn new(certainty: Certainty, kind: FailureKind, cause: Cause) -> Self {
        Self { certainty, kind, source: Arc::from(cause) }
    }

    /// Whether the request may have been sent.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// In what way the exchange failed.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Whether the request may have reached the server: the question to ask first.
    #[must_use]
    pub fn may_have_been_sent(&self) -> bool {
        self.certainty == Certainty::MaybeSent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_an_error_do_not_repeat_its_cause() {
        let error = TransportError::maybe_sent(FailureKind::Broken, "https://host/?token=secret");
        assert_eq!(
            error.to_string(),
            "the connection was lost before the answer was whole; the request may have been sent"
        );
        let cause = error.source().map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("https://host/?token=secret"));
    }

    #[test]
    fn a_clone_says_the_same() {
        let error = TransportError::not_sent(FailureKind::Connect, "refused");
        let clone = error.clone();
        assert_eq!((clone.certainty(), clone.kind()), (error.certainty(), error.kind()));
        assert!(!clone.may_have_been_sent());
    }
}
