//! What became of a try, as far as repeating is concerned; and who may be repeated at all.
//!
//! The two are kept apart. A [`Verdict`] says whether another try could help, and anyone may judge
//! otherwise. Whether the request permits another try follows from what it says of itself and from
//! [`Certainty`](crate::Certainty), and nobody can overrule that.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::error::{FailureKind, TransportError};
use crate::extensions::Repeat;

/// What one try came to.
pub type Outcome = Result<Response<Bytes>, TransportError>;

/// What a try means for repeating.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// This is the result; another try would bring the same.
    Settled,
    /// Something went wrong that another try may not meet.
    Trouble,
    /// The server asks for patience.
    Throttled,
}

/// The default judgement.
///
/// | outcome | verdict |
/// | --- | --- |
/// | 429, 503 | throttled |
/// | any other 5xx, except 501 and 505 | trouble |
/// | every other answer, 501 and 505 included: the server will not learn it meanwhile | settled |
/// | an answer larger than accepted: it will be as large again | settled |
/// | a request that was withheld ([`LeaveWhile`](crate::LeaveWhile)) | settled |
/// | every other failure of the transport | trouble |
#[must_use]
pub fn standard(outcome: &Outcome) -> Verdict {
    match outcome {
        Ok(answer) => of_status(answer.status()),
        Err(error) if matches!(error.kind(), FailureKind::TooLarge | FailureKind::Withheld) => {
            Verdict::Settled
        }
        Err(_) => Verdict::Trouble,
    }
}

fn of_status(status: StatusCode) -> Verdict {
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Verdict::Throttled,
        StatusCode::NOT_IMPLEMENTED | StatusCode::HTTP_VERSION_NOT_SUPPORTED => Verdict::Settled,
        status if status.is_server_error() => Verdict::Trouble,
        _ => Verdict::Settled,
    }
}

/// Whether a request that says this of itself may be tried again after this outcome.
pub(super) fn permits(repeat: Option<Repeat>, outcome: &Outcome) -> bool {
    match repeat {
        _ if is_withheld(outcome) => false,
        None => false,
        Some(Repeat::Safe) => true,
        Some(Repeat::OnlyIfNotSent) => !may_have_arrived(outcome),
    }
}

/// A gate that has closed stays closed.
fn is_withheld(outcome: &Outcome) -> bool {
    outcome.as_ref().is_err_and(|error| error.kind() == FailureKind::Withheld)
}

/// Whether the server may know of the request by now.
pub(super) fn may_have_arrived(outcome: &Outcome) -> bool {
    outcome.as_ref().map_or_else(TransportError::may_have_been_sent, |_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Outcome {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(answer)
    }

    #[test]
    fn every_status_has_its_verdict() {
        for status in 100..=999 {
            let expected = match status {
                429 | 503 => Verdict::Throttled,
                501 | 505 => Verdict::Settled,
                500..=599 => Verdict::Trouble,
                _ => Verdict::Settled,
            };
            assert_eq!(standard(&answer(status)), expected, "{status}");
        }
    }

    #[test]
    fn every_failure_but_an_answer_too_large_is_trouble() {
        for kind in [FailureKind::Connect, FailureKind::Timeout, FailureKind::Broken] {
            assert_eq!(standard(&Err(TransportError::maybe_sent(kind, ""))), Verdict::Trouble);
        }
        let large = Err(TransportError::maybe_sent(FailureKind::TooLarge, ""));
        assert_eq!(standard(&large), Verdict::Settled);
    }

    #[test]
    fn what_was_perhaps_sent_is_repeated_only_when_that_is_safe() {
        let unsent = Err(TransportError::not_sent(FailureKind::Connect, ""));
        let perhaps = Err(TransportError::maybe_sent(FailureKind::Broken, ""));
        for (outcome, if_not_sent) in [(unsent, true), (perhaps, false), (answer(503), false)] {
            assert!(permits(Some(Repeat::Safe), &outcome));
            assert_eq!(permits(Some(Repeat::OnlyIfNotSent), &outcome), if_not_sent);
            assert!(!permits(None, &outcome));
        }
    }
}
