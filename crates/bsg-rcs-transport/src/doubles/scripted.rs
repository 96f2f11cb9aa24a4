//! A list of answers given in order, and the requests that were made to get them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};

use crate::error::{FailureKind, TransportError};
use crate::transport::Transport;

/// What one exchange comes to.
type Outcome = Result<Response<Bytes>, TransportError>;

/// Answers from a script, in order, and keeps every request it saw.
///
/// When the script has run out, an exchange fails with a
/// [`NotSent`](crate::Certainty::NotSent) error whose source says so; the request is kept all the
/// same. To look at the requests afterwards, share it: `Arc<Scripted>` is a transport too.
///
/// ```
/// use bsg_rcs_transport::doubles::Scripted;
/// use bsg_rcs_transport::http::{Request, StatusCode};
/// use bsg_rcs_transport::{Bytes, FailureKind, Transport, TransportError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = Scripted::new()
///     .then_json(StatusCode::OK, r#"{"amount":"1.5"}"#)
///     .then_error(TransportError::maybe_sent(FailureKind::Broken, "the line went dead"));
///
/// let answer = transport.exchange(Request::get("https://host/balance").body(Bytes::new())?).await?;
/// assert_eq!(answer.body(), r#"{"amount":"1.5"}"#);
/// assert_eq!(transport.requests()[0].uri().path(), "/balance");
/// assert_eq!(transport.remaining(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Scripted {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    script: VecDeque<Outcome>,
    seen: Vec<Request<Bytes>>,
}

impl Scripted {
    /// An empty script: every exchange fails until something is added.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an answer at the end of the script.
    #[must_use]
    pub fn then(self, answer: Response<Bytes>) -> Self {
        self.push(Ok(answer));
        self
    }

    /// Adds an answer with this status, `Content-Type: application/json` and this body. The body
    /// is not checked: what is not JSON is worth a test as well.
    #[must_use]
    pub fn then_json(self, status: StatusCode, body: impl Into<Bytes>) -> Self {
        let mut answer = Response::new(body.into());
        *answer.status_mut() = status;
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.then(answer)
    }

    /// Adds a failure at the end of the script.
    #[must_use]
    pub fn then_error(self, error: TransportError) -> Self {
        self.push(Err(error));
        self
    }

    /// Adds an answer or a failure to a script that may already be in use.
    pub fn push(&self, outcome: Result<Response<Bytes>, TransportError>) {
        self.state().script.push_back(outcome);
    }

    /// The requests seen so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request<Bytes>> {
        self.state().seen.clone()
    }

    /// How many steps of the script nobody has asked for yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.state().script.len()
    }

    /// A panic elsewhere in the test is reported by itself; the script stays usable.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts only: the requests carry tokens.
impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Scripted")
            .field("remaining", &state.script.len())
            .field("seen", &state.seen.len())
            .finish()
    }
}

#[async_trait]
impl Transport for Scripted {
    async fn exchange(&self, request: Request<Bytes>) -> Outcome {
        let mut state = self.state();
        state.seen.push(request);
        let asked = state.seen.len();
        state.script.pop_front().unwrap_or_else(|| Err(run_out(asked)))
    }
}

fn run_out(asked: usize) -> TransportError {
    let cause = format!("the script of the test has no answer for exchange number {asked}");
    TransportError::not_sent(FailureKind::Other, cause)
}
