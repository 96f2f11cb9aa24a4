//! Errors of calls that brought no answer to work with. Each says first whether the request may
//! have been sent.

use bsg_rcs_domain::Faults;
use bsg_rcs_transport::{Certainty, FailureKind, TransportError};
use bsg_rcs_wire::Refusal;

/// A call that brought no answer to work with.
///
/// A send answers `Err` only when it certainly sent nothing: it may be tried again as it is.
/// Everything less certain is [`crate::SendOutcome::Unknown`].
#[derive(Debug, Clone, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    kind: ErrorKind,
    certainty: Certainty,
    #[source]
    source: Option<TransportError>,
}

/// What kept a call from its answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The platform could not be reached, or the exchange broke.
    #[error("the platform could not be reached")]
    Transport,
    /// The platform does not take the API key (or answered a fresh token with 401).
    #[error("the platform refused the API key: {0}")]
    KeyRefused(Box<Refusal>),
    /// The platform answered the login with another refusal: the key was not looked at, or by
    /// something else than the platform.
    #[error("logging in failed: {0}{advice}", advice = advice(.0))]
    LoginFailed(Box<Refusal>),
    /// The platform refused the call.
    #[error("the platform refused the call: {0}")]
    Refused(Box<Refusal>),
    /// The platform failed, or sent us elsewhere: a status that is neither success nor refusal.
    #[error("the platform failed: {0}")]
    Failed(Box<Refusal>),
    /// The platform's answer cannot be read; the sentence says which part, and quotes nothing.
    #[error("the platform's answer cannot be read: {0}")]
    Misread(String),
    /// The gate of the send was closed before it could leave: see
    /// [`CampaignSend::leave_while`](crate::CampaignSend::leave_while).
    #[error("the send was withheld: its lease or time had ended")]
    Withheld,
    /// What was to be sent breaks a rule of the platform; each fault says which.
    #[error("{0}")]
    RuleBroken(Faults),
    /// The request could not be built; a fault of ours.
    #[error("the request could not be built: {0}")]
    Request(String),
}

/// What to do about a login that something else than the platform refused.
fn advice(refusal: &Refusal) -> &'static str {
    match refusal.status {
        404 | 405 => "; there is no such call: is the base URL that of the platform?",
        407 => "; a proxy asks for a name and password",
        408 | 425 | 429 => "; try again later",
        _ => "",
    }
}

impl Error {
    /// What kept the call from its answer.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Whether the request may have been sent.
    pub fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// Whether the platform could not be reached, or did not take the key.
    pub fn is_unreachable_or_key_refused(&self) -> bool {
        matches!(self.kind, ErrorKind::Transport | ErrorKind::KeyRefused(_))
    }

    pub(crate) fn transport(source: TransportError) -> Self {
        let kind = match source.kind() {
            FailureKind::Withheld => ErrorKind::Withheld,
            _ => ErrorKind::Transport,
        };
        Self { certainty: source.certainty(), kind, source: Some(source) }
    }

    pub(crate) fn of(kind: ErrorKind, certainty: Certainty) -> Self {
        Self { kind, certainty, source: None }
    }

    /// The same trouble, met while a send was looked up: that may have arrived.
    pub(crate) fn after_the_send(self) -> Self {
        Self { certainty: Certainty::MaybeSent, ..self }
    }

    /// The same trouble, met while the token was fetched: the call itself never left.
    pub(crate) fn before_the_call(self) -> Self {
        Self { certainty: Certainty::NotSent, ..self }
    }
}
