//! What a send can answer: never two outcomes, always enough to go on.
//!
//! | the exchange brought | outcome |
//! | --- | --- |
//! | a failure before the request could leave | `Err`: nothing was sent |
//! | a failure after that, a timeout | unknown |
//! | 2xx with a receipt | accepted |
//! | 2xx without a readable receipt, 204 | unknown |
//! | 3xx, 408, 409, 425, 429, 5xx | unknown |
//! | 401, twice | `Err`: the key was refused, nothing was sent |
//! | 422 (or another refusing 4xx) that names a reference | already known |
//! | any other 4xx | rejected |

use std::fmt;

use bsg_rcs_domain::Addressee;
use bsg_rcs_transport::{Bytes, Certainty, http};
use bsg_rcs_wire::Refusal;
use bsg_rcs_wire::mapping::{incoming, places};
use http::{Response, StatusCode};

use crate::call::{self, Call, carried_out, misread};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::unsettled::Unsettled;

/// What became of a send.
#[derive(Debug, Clone)]
#[must_use = "a send that is unknown must be looked up before it is sent again"]
pub enum SendOutcome<T> {
    /// The platform took it.
    Accepted(T),
    /// The platform refused it; nobody was messaged.
    Rejected(Rejection),
    /// It may have arrived. Look its references up before anything is sent again.
    Unknown(UnknownOutcome),
    /// The platform refused it because it knows a reference: an earlier send with it arrived
    /// (assumption A15). Whether it is the same message, looking it up tells.
    AlreadyKnown(KnownReference),
}

impl<T> SendOutcome<T> {
    /// The receipt, or why there is none as an error, for `?`. Of an outcome that is not certain the
    /// error has what is needed to look it up.
    ///
    /// # Errors
    /// [`NotAccepted`] unless the platform took it.
    pub fn accepted(self) -> Result<T, NotAccepted> {
        match self {
            Self::Accepted(receipt) => Ok(receipt),
            Self::Rejected(why) => Err(NotAccepted::Rejected(Box::new(why))),
            Self::Unknown(unknown) => Err(NotAccepted::Unknown(Box::new(unknown))),
            Self::AlreadyKnown(known) => Err(NotAccepted::AlreadyKnown(Box::new(known))),
        }
    }

    /// The same outcome with another receipt.
    pub fn map<U>(self, receipt: impl FnOnce(T) -> U) -> SendOutcome<U> {
        match self {
            Self::Accepted(accepted) => SendOutcome::Accepted(receipt(accepted)),
            Self::Rejected(why) => SendOutcome::Rejected(why),
            Self::Unknown(unknown) => SendOutcome::Unknown(unknown),
            Self::AlreadyKnown(known) => SendOutcome::AlreadyKnown(known),
        }
    }
}

/// A send that was not accepted, as an error. The outcomes stay what they are: only the first is final.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotAccepted {
    /// The platform refused it; nothing was sent.
    #[error(transparent)]
    Rejected(Box<Rejection>),
    /// It may have arrived.
    #[error(transparent)]
    Unknown(Box<UnknownOutcome>),
    /// An earlier send with a reference of it arrived.
    #[error(transparent)]
    AlreadyKnown(Box<KnownReference>),
}

/// A refusal, in the platform's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejection {
    /// What the platform said.
    pub refusal: Refusal,
}

/// One thing that the platform found wrong, at the place where our own checks would name it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteFault {
    /// Where: `phones[17].number`, `cards[2].suggestions[0].text`; `None` if the platform names no
    /// place.
    pub place: Option<String>,
    /// What is wrong, in the platform's words, which may quote a number.
    pub says: String,
}

impl fmt::Debug for RemoteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = bsg_rcs_wire::shown(&self.says, 300);
        f.debug_struct("RemoteFault").field("place", &self.place).field("says", &says).finish()
    }
}

impl KnownReference {
    /// The HTTP status of the refusal.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.refusal.status).unwrap_or(StatusCode::BAD_REQUEST)
    }
}

impl Rejection {
    /// The HTTP status of the refusal: a client error other than 401, 408, 409, 425 and 429.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.refusal.status).unwrap_or(StatusCode::BAD_REQUEST)
    }

    /// Everything that the platform found wrong, at our places.
    pub fn faults(&self) -> Vec<RemoteFault> {
        let fault = |fault: &bsg_rcs_wire::Fault| RemoteFault {
            place: fault.field.as_deref().map(places::place),
            says: fault.sentence.clone(),
        };
        self.refusal.faults.iter().map(fault).collect()
    }

    /// Which recipients of the request are named by a fault, counted from 0, each once. Without
    /// them the request may be taken; empty if a fault is about anything else.
    pub fn recipients(&self) -> Vec<usize> {
        let named = self.refusal.faults.iter();
        let named = named.map(|fault| places::recipient(fault.field.as_deref()?));
        let mut named: Vec<usize> = named.collect::<Option<_>>().unwrap_or_default();
        named.sort_unstable();
        named.dedup();
        named
    }

    /// What the platform says of one recipient of the request, counted from 0; empty if nothing.
    pub fn words_for(&self, recipient: usize) -> String {
        let of = |fault: &&bsg_rcs_wire::Fault| {
            fault.field.as_deref().and_then(places::recipient) == Some(recipient)
        };
        let named = self.refusal.faults.iter().filter(of);
        named.map(|fault| fault.sentence.as_str()).collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}

impl std::error::Error for Rejection {}

/// What a dry run says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum DryRun {
    /// The platform would take it.
    Passed,
    /// The platform would refuse it.
    Refused(Rejection),
}

/// A send that may have arrived.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the send may have arrived: {why}")]
#[non_exhaustive]
pub struct UnknownOutcome {
    /// What [`Client::resolve`] needs to settle it.
    pub unsettled: Unsettled,
    /// Why its outcome is not known.
    pub why: String,
    status: Option<StatusCode>,
    #[source]
    source: Option<Error>,
}

impl UnknownOutcome {
    /// The HTTP status of the answer, if there was one.
    pub const fn status(&self) -> Option<StatusCode> {
        self.status
    }
}

/// A send that was refused because a reference of it is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the platform knows a reference of the send: {refusal}")]
#[non_exhaustive]
pub struct KnownReference {
    /// What [`Client::resolve`] needs to settle it; at least one of its references is known.
    pub unsettled: Unsettled,
    /// What the platform said.
    pub refusal: Refusal,
}

/// Exchanges a send and judges what came of it. `read` makes the receipt of a success.
pub(crate) async fn of_send<T>(
    client: &Client,
    call: &Call,
    to: Vec<Addressee>,
    read: impl FnOnce(&Response<Bytes>) -> Result<T, Error>,
) -> Result<SendOutcome<T>, Error> {
    let exchange = client.exchange(call).await;
    let unknown = |why, status, source| {
        let unsettled = client.unsettled(to.clone());
        Ok(SendOutcome::Unknown(UnknownOutcome { unsettled, why, status, source }))
    };
    let answer = match exchange {
        Ok(answer) => answer,
        Err(error) if error.certainty() == Certainty::NotSent => return Err(error),
        Err(error) => return unknown(with_source(&error), None, Some(error)),
    };
    let status = answer.status();
    let (refusal, is_known) = call::judged(&answer, names_reference);
    if status.is_success() {
        return match read(&answer) {
            Ok(receipt) => Ok(SendOutcome::Accepted(receipt)),
            Err(error) => unknown(with_words(&error, &refusal), Some(status), Some(error)),
        };
    }
    if !is_refusal(status) {
        let why = ErrorKind::Failed(Box::new(refusal)).to_string();
        return unknown(why, Some(status), None);
    }
    Ok(if is_known {
        let unsettled = client.unsettled(to).of_known();
        SendOutcome::AlreadyKnown(KnownReference { unsettled, refusal })
    } else {
        SendOutcome::Rejected(Rejection { refusal })
    })
}

/// Judges the answer to a dry run.
pub(crate) fn of_dry_run(answer: &Response<Bytes>) -> Result<DryRun, Error> {
    if !answer.status().is_success() && is_refusal(answer.status()) {
        return Ok(DryRun::Refused(Rejection { refusal: call::refusal(answer) }));
    }
    carried_out(answer)?;
    // Which success means "it would be taken" nobody says; one that names a message is no dry run.
    if incoming::names_a_message(answer.body()) {
        return Err(misread(&"a dry run was answered with the id of a message: it may be sent"));
    }
    Ok(DryRun::Passed)
}

/// Whether the status says that the platform looked at the request and did nothing.
fn is_refusal(status: StatusCode) -> bool {
    let undecided = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::CONFLICT,
        StatusCode::TOO_EARLY,
        // The duplicate guard: the first try may have arrived.
        StatusCode::TOO_MANY_REQUESTS,
    ];
    status.is_client_error() && !undecided.contains(&status)
}

/// Codes of the older surface: this id is present already.
const PRESENT: [i64; 2] = [23, 43];

/// Whether a refusal names a reference: then the platform has seen it. Its words are undocumented (A1,
/// A15), and the form of our references was checked before they left, so there is nothing else to
/// say about one. Taking it for known costs a look-up; taking a known one for refused would lose a
/// message that arrived.
fn names_reference(refusal: &Refusal) -> bool {
    let is_named = |text: &str| {
        let letters = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
        let text: String = letters.collect();
        ["reference", "externalid", "extid"].iter().any(|word| text.contains(word))
    };
    let sentences = refusal.message.iter().chain(&refusal.raw);
    refusal.code.is_some_and(|code| PRESENT.contains(&code))
        || sentences.into_iter().any(|text| is_named(text))
        || refusal
            .faults
            .iter()
            .any(|fault| fault.field.as_deref().is_some_and(is_named) || is_named(&fault.sentence))
}

/// Why an answer says nothing certain, and what the platform says in it.
fn with_words(error: &Error, refusal: &Refusal) -> String {
    let says_something = refusal.message.is_some()
        || refusal.code.is_some_and(|code| code != 0)
        || !refusal.faults.is_empty();
    if says_something { format!("{error}; it says {refusal}") } else { error.to_string() }
}

fn with_source(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
