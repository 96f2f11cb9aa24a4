//! How a callback is written and posted.
//!
//! What is not answered with 200 is tried again, a bounded number of times, with longer and longer waits (A9).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_sandbox_engine::{Assumptions, Body, Callback, Delivery, VirtualTime};
use bsg_rcs_wire::generated::{MessageStatus, StatusReport, SuggestionClick};
use bsg_rcs_wire::{CivilText, Decimal, Id, Integer, Phone};
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::Semaphore;

use crate::config::CallbackRetries;
use crate::wall;

/// Attempts that are under way at once, over all receivers.
const ATTEMPTS_AT_ONCE: usize = 512;
/// How long one attempt may take.
const ATTEMPT_WITHIN: Duration = Duration::from_secs(10);
/// The longest wait between two attempts.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// How much of an answer is read, so that its connection can be kept.
const ANSWER_BYTES: usize = 64 * 1024;

/// What a receiver answered to a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallbackResponse {
    /// This status.
    Status(StatusCode),
    /// No answer came in time.
    Nothing,
    /// Nothing listens there.
    Unreachable,
    /// The sandbox does not post there.
    NotHttp,
    /// Too many others wait for the same URL.
    TooMany,
}

/// In words, such as `answered 200 OK`.
impl fmt::Display for CallbackResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "answered {status}"),
            Self::Nothing => f.write_str("never answered"),
            Self::Unreachable => f.write_str("not reachable"),
            Self::NotHttp => f.write_str("not posted: the sandbox posts to http:// addresses"),
            Self::TooMany => f.write_str("not posted: too many callbacks wait for this URL"),
        }
    }
}

/// How posting a callback ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting {
    /// What became of it.
    pub(super) became: Delivery,
    /// After how many attempts.
    pub(super) attempts: u16,
    /// What the last one was answered.
    pub(super) response: CallbackResponse,
}

/// Posts callbacks over kept connections.
#[derive(Debug, Clone)]
pub(super) struct Poster {
    client: Client<HttpConnector, Full<Bytes>>,
    attempts: Arc<Semaphore>,
    retries: CallbackRetries,
}

impl Poster {
    /// A poster; where callbacks are not tried again (A9), it tries each once.
    pub(super) fn new(retries: CallbackRetries, retried: bool) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            attempts: Arc::new(Semaphore::new(ATTEMPTS_AT_ONCE)),
            retries: if retried { retries } else { CallbackRetries { attempts: 1, ..retries } },
        }
    }

    /// Posts a callback until it is answered with 200 or given up; nothing becomes of one that is over before.
    pub(super) async fn post(
        &self,
        callback: &Callback,
        body: Bytes,
        is_over: impl Future<Output = ()>,
    ) -> Option<Posting> {
        let mut is_over = std::pin::pin!(is_over);
        let mut wait = self.retries.first_wait;
        let mut attempts = 0;
        if !callback.url.starts_with("http://") {
            tracing::warn!(
                url = origin(&callback.url),
                "a callback is not posted: the sandbox posts to http:// only"
            );
            let (became, response) = (Delivery::GivenUp, CallbackResponse::NotHttp);
            return Some(Posting { became, attempts, response });
        }
        loop {
            let permit = tokio::select! {
                biased;
                () = is_over.as_mut() => return None,
                permit = self.attempts.acquire() => permit,
            };
            let response = self.attempt(callback, body.clone()).await;
            drop(permit);
            attempts += 1;
            let became = match response {
                CallbackResponse::Status(StatusCode::OK) => Delivery::Acknowledged,
                _ if attempts >= self.retries.attempts => Delivery::GivenUp,
                _ => {
                    tokio::select! {
                        biased;
                        () = is_over.as_mut() => return None,
                        () = wall::sleep(wait) => {}
                    }
                    wait = wait.saturating_mul(2).min(WAIT_MAX);
                    continue;
                }
            };
            if became == Delivery::GivenUp {
                tracing::warn!(url = origin(&callback.url), "a callback was given up");
            }
            return Some(Posting { became, attempts, response });
        }
    }

    async fn attempt(&self, callback: &Callback, body: Bytes) -> CallbackResponse {
        let request = http::Request::post(&*callback.url)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body));
        let Ok(request) = request else { return CallbackResponse::NotHttp };
        let exchange = async {
            let response = match self.client.request(request).await {
                Ok(response) => response,
                Err(error) if error.is_connect() => return CallbackResponse::Unreachable,
                Err(_) => return CallbackResponse::Nothing,
            };
            let status = response.status();
            // Read to its end, or the connection cannot be used again.
            let _ = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
            CallbackResponse::Status(status)
        };
        wall::within(ATTEMPT_WITHIN, exchange).await.unwrap_or(CallbackResponse::Nothing)
    }
}

/// A URL as far as its host: what follows may be its receiver's secret.
pub(super) fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(host..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| host + at);
    url.get(..end).unwrap_or_default()
}

/// What a report says of an error: 0 is success, and everything that may still come to it.
const fn error_of(status: bsg_rcs_domain::MessageStatus) -> (i64, &'static str) {
    use bsg_rcs_domain::MessageStatus as Is;
    match status {
        Is::Failed => (5, "The message could not be sent"),
        Is::Undelivered => (5, "The message could not be delivered"),
        Is::Expired => (28, "The validity of the message ran out"),
        Is::NotServiceUser => (33, "The recipient has no RCS"),
        _ => (0, "No errors"),
    }
}

/// The callback as the founding example writes it.
pub(crate) fn body(callback: &Callback, assumed: &Assumptions) -> Vec<u8> {
    let id = Some(Id(callback.message.id()));
    let msisdn = Some(Phone(callback.phone.as_u64()));
    let reference = callback.reference.map(|reference| reference.as_str().to_owned());
    let time = |at: VirtualTime| CivilText(at.to_string());
    let written = match &callback.body {
        Body::Report { status, time_in, time_sent, time_dr, price, currency } => {
            let (code, words) = error_of(*status);
            serde_json::to_vec(&StatusReport {
                error: Some(Integer(code)),
                error_description: Some(words.into()),
                id,
                msisdn,
                reference,
                status: Some(MessageStatus::from(assumed.word_for(*status))),
                time_in: Some(time(*time_in)),
                time_sent: time_sent.map(time),
                time_dr: time_dr.map(time),
                price: Some(Decimal::string(price.to_string())),
                currency: Some(currency.to_string()),
            })
        }
        Body::Click { text, postback, at } => serde_json::to_vec(&SuggestionClick {
            id,
            reference,
            msisdn,
            text: Some(text.clone()),
            postback: postback.clone(),
            time_click: Some(time(*at)),
        }),
    };
    // Texts and numbers are always written.
    written.unwrap_or_default()
}
