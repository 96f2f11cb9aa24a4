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
//! | 422 (or another refusing 4xx) because a reference is known | already known |
//! | any other 4xx | rejected |

use std::fmt;

use bsg_rcs_domain::Addressee;
use bsg_rcs_transport::{Bytes, Certainty, http};
use bsg_rcs_wire::generated::DryRun as DryRunAnswer;
use bsg_rcs_wire::mapping::places;
use bsg_rcs_wire::{Data, Refusal};
use http::{Response, StatusCode};

use crate::call::{self, Call, carried_out, misread};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::resolve::Unsettled;

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

/// A refusal, in the platform's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// What the platform said.
    pub refusal: Refusal,
}

/// One thing that the platform found wrong, at the place where our own checks would name it.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteFault {
    /// Where: `phones[17].number`, `cards[2].suggestions[0].text`; `None` if the platform names no
    /// place.
    pub place: Option<String>,
    /// What is wrong, in the platform's words, which may quote a number.
    pub says: String,
}

impl fmt::Debug for RemoteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = bsg_rcs_wire::masked(&self.says);
        f.debug_struct("RemoteFault").field("place", &self.place).field("says", &says).finish()
    }
}

impl Rejection {
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownOutcome {
    /// What [`Client::resolve`] needs to settle it.
    pub unsettled: Unsettled,
    /// Why nobody knows.
    pub why: String,
}

/// A send that was refused because a reference of it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    let unsettled = client.unsettled(to);
    let unknown = |why, unsettled| Ok(SendOutcome::Unknown(UnknownOutcome { unsettled, why }));
    let answer = match exchange {
        Ok(answer) => answer,
        Err(error) if error.certainty() == Certainty::NotSent => return Err(error),
        Err(error) => return unknown(with_source(&error), unsettled),
    };
    let status = answer.status();
    if status.is_success() {
        return match read(&answer) {
            Ok(receipt) => Ok(SendOutcome::Accepted(receipt)),
            Err(error) => unknown(error.to_string(), unsettled),
        };
    }
    let refusal = call::refusal(&answer);
    if !is_refusal(status) {
        return unknown(ErrorKind::Failed(Box::new(refusal)).to_string(), unsettled);
    }
    Ok(if names_known_reference(&refusal) {
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
    let said = bsg_rcs_wire::read::<Data<DryRunAnswer>>(answer.body()).ok();
    match said.and_then(|said| said.data?.id) {
        Some(id) => Err(misread(&format!("a dry run was answered with id {id}: it may be sent"))),
        None => Ok(DryRun::Passed),
    }
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

/// Words that speak of having something. One too many costs a lookup; one too few takes a message
/// that arrived for one that was refused.
const HAVING: [&str; 17] = [
    "already",
    "before",
    "duplicate",
    "duplicated",
    "duplicates",
    "exist",
    "existing",
    "exists",
    "known",
    "registered",
    "repeated",
    "same",
    "seen",
    "taken",
    "twice",
    "unique",
    "used",
];

/// Whether a refusal is about a reference that the platform has seen. Its words are undocumented
/// (A1, A15): a fault that names the reference, or a sentence that does, and speaks of having it.
fn names_known_reference(refusal: &Refusal) -> bool {
    let speaks_of_having = |text: &str| {
        let text = text.to_lowercase();
        text.contains("in use")
            || text.split(|c: char| !c.is_alphanumeric()).any(|word| HAVING.contains(&word))
    };
    let names_reference = |text: &str| text.to_lowercase().contains("reference");
    let sentences = refusal.message.iter().chain(&refusal.raw);
    // Code 23 of the older surface: this id is present already.
    refusal.code == Some(23)
        || sentences.into_iter().any(|text| names_reference(text) && speaks_of_having(text))
        || refusal.faults.iter().any(|fault| {
            let named = fault.field.as_deref().is_some_and(names_reference)
                || names_reference(&fault.sentence);
            named && speaks_of_having(&fault.sentence)
        })
}

fn with_source(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
