//! What a request says of itself in its [`http::Extensions`]: how it may be repeated, how long its
//! exchange may take, and whether it may still leave.
//!
//! These values never reach the wire. They travel with the request so that wrappers and transports
//! need to know nothing of the contract that the request serves.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Extensions;

/// How a request may be repeated after a failure.
///
/// Set by who builds the request, read by who would repeat it.
///
/// ```
/// use bsg_rcs_transport::{Bytes, Repeat, http};
///
/// let mut request = http::Request::get("https://host/balance").body(Bytes::new())?;
/// assert_eq!(Repeat::of(request.extensions()), Repeat::OnlyIfNotSent);
///
/// request.extensions_mut().insert(Repeat::Safe);
/// assert_eq!(Repeat::of(request.extensions()), Repeat::Safe);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// Repeating does no harm, whatever became of the first attempt: it only asks.
    Safe,
    /// May be repeated only when the first attempt certainly never left
    /// ([`Certainty::NotSent`](crate::Certainty::NotSent)). The default for requests that say
    /// nothing; a wrapper may be stricter with those ([`Retry`](crate::retry::Retry) leaves them
    /// alone).
    #[default]
    OnlyIfNotSent,
}

impl Repeat {
    /// What the request with these extensions says; [`OnlyIfNotSent`](Self::OnlyIfNotSent) when it
    /// says nothing.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or_default()
    }
}

/// The longest that the whole exchange of a request may take, from the call to the last byte of
/// the answer.
///
/// Honoured by the transport, in place of its own default. Zero fails at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timeout(pub Duration);

impl Timeout {
    /// The bound that the request with these extensions asks for, if it asks for one.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Duration> {
        extensions.get().map(|Self(bound)| *bound)
    }
}

/// Whether a request may still leave: a question that is asked immediately before every try.
///
/// Read by [`Gated`](crate::gate::Gated), which stands inside of [`Retry`](crate::retry::Retry).
///
/// ```
/// use bsg_rcs_transport::LeaveWhile;
///
/// let gate = LeaveWhile::new(|| false);
/// assert!(!gate.is_open());
/// ```
#[derive(Clone)]
pub struct LeaveWhile(Arc<dyn Fn() -> bool + Send + Sync>);

impl LeaveWhile {
    /// A request with this may leave while `gate` answers true.
    pub fn new(gate: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(gate))
    }

    /// Asks the question.
    #[must_use]
    pub fn is_open(&self) -> bool {
        (self.0)()
    }

    /// Whether the request with these extensions may leave now. One that says nothing may.
    #[must_use]
    pub fn permits(extensions: &Extensions) -> bool {
        extensions.get::<Self>().is_none_or(Self::is_open)
    }
}

/// Without the closure, which has nothing to show.
impl fmt::Debug for LeaveWhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaveWhile").finish_non_exhaustive()
    }
}
