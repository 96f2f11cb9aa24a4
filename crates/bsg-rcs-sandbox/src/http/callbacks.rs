//! Posting callbacks: some lanes side by side, each one callback after the other over kept connections.
//!
//! A message's callbacks all go by the same lane, so they arrive in the order in which the engine told them. What is
//! not answered with 200 is tried again, a bounded number of times, with longer and longer waits (A9).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bsg_rcs_wire::generated::{MessageStatus, StatusReport, SuggestionClick};
use bsg_rcs_wire::{CivilText, Decimal, Id, Integer, Phone};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::seen::Said;
use super::shared::Shared;
use crate::config::CallbackRetries;
use crate::engine::{Assumptions, Body, Callback, Delivery, MessageIx, VirtualTime};
use crate::wall;

/// Callbacks that are posted at once, so also the most connections that are kept to their receiver.
const LANES: usize = 32;
/// How long one attempt may take.
const ATTEMPT_WITHIN: Duration = Duration::from_secs(10);
/// The longest wait between two attempts.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// How much of an answer is read, so that its connection can be kept.
const ANSWER_BYTES: usize = 64 * 1024;

/// A callback, and the life of the sandbox that it belongs to.
type Posted = (u64, Callback);
type Http = Client<HttpConnector, Full<Bytes>>;

/// The way to the lanes.
#[derive(Debug)]
pub(super) struct Callbacks {
    lanes: Vec<mpsc::UnboundedSender<Posted>>,
    waiting: Arc<Waiting>,
}

/// The far ends of the lanes, before they run.
pub(super) struct Lanes(Vec<mpsc::UnboundedReceiver<Posted>>, Arc<Waiting>);

/// How many callbacks are neither delivered nor given up.
#[derive(Debug, Default)]
struct Waiting {
    count: AtomicUsize,
    none: Notify,
}

impl Callbacks {
    pub(super) fn new() -> (Self, Lanes) {
        let waiting = Arc::new(Waiting::default());
        let (lanes, ends) = (0..LANES).map(|_| mpsc::unbounded_channel()).unzip();
        (Self { lanes, waiting: waiting.clone() }, Lanes(ends, waiting))
    }

    /// Posts a callback after those of a message: its own, or another's that it is to follow.
    pub(super) fn post(&self, after: MessageIx, life: u64, callback: Callback) {
        let lane = usize::try_from(after.id()).unwrap_or(0) % LANES;
        self.waiting.count.fetch_add(1, Ordering::SeqCst);
        let sent = self.lanes.get(lane).is_some_and(|lane| lane.send((life, callback)).is_ok());
        if !sent {
            self.waiting.one_less();
        }
    }

    /// Waits until every callback is delivered or given up.
    pub(super) async fn idle(&self) {
        loop {
            let none = self.waiting.none.notified();
            if self.waiting.count.load(Ordering::SeqCst) == 0 {
                return;
            }
            none.await;
        }
    }
}

impl Waiting {
    fn one_less(&self) {
        if self.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.none.notify_waiters();
        }
    }
}

impl Lanes {
    /// Lets every lane post what comes.
    pub(super) fn run(self, shared: &Arc<Shared>, tasks: &mut JoinSet<()>) {
        let Self(ends, waiting) = self;
        let client: Http = Client::builder(TokioExecutor::new()).build_http();
        for mut end in ends {
            let (shared, waiting, client) = (shared.clone(), waiting.clone(), client.clone());
            tasks.spawn(async move {
                while let Some((life, callback)) = end.recv().await {
                    let retries = retries(&shared);
                    let body = body(&callback, &shared.config().world.assumptions).into();
                    let (delivery, attempts, said) =
                        deliver(&client, &callback, body, retries).await;
                    shared.seen.answered(callback.message, callback.note, said);
                    shared.settle(life, callback.message, callback.note, delivery, attempts);
                    waiting.one_less();
                }
            });
        }
    }

    /// Lets every callback count as acknowledged at once; nothing is posted.
    pub(super) fn acknowledge(self, shared: &Arc<Shared>, tasks: &mut JoinSet<()>) {
        let Self(ends, waiting) = self;
        for mut end in ends {
            let (shared, waiting) = (shared.clone(), waiting.clone());
            tasks.spawn(async move {
                while let Some((life, callback)) = end.recv().await {
                    let (message, note) = (callback.message, callback.note);
                    shared.settle(life, message, note, Delivery::Acknowledged, 1);
                    waiting.one_less();
                }
            });
        }
    }
}

/// How callbacks are tried again; in a world that does not (A9), once.
fn retries(shared: &Shared) -> CallbackRetries {
    let retried = shared.read(|engine| engine.world().assumptions.callbacks_retried);
    let retries = shared.config().callback_retries;
    if retried { retries } else { CallbackRetries { attempts: 1, ..retries } }
}

/// What became of it, after how many attempts, and what the last one was answered.
async fn deliver(
    client: &Http,
    callback: &Callback,
    body: Bytes,
    retries: CallbackRetries,
) -> (Delivery, u16, Said) {
    let mut wait = retries.first_wait;
    let mut said = Said::Nothing;
    for attempt in 1..=retries.attempts {
        said = attempt_once(client, callback, body.clone()).await;
        if said == Said::Status(http::StatusCode::OK) {
            return (Delivery::Acknowledged, attempt, said);
        }
        if attempt < retries.attempts {
            wall::sleep(wait).await;
            wait = wait.saturating_mul(2).min(WAIT_MAX);
        }
    }
    tracing::warn!(url = &*callback.url, "a callback was given up");
    (Delivery::GivenUp, retries.attempts, said)
}

async fn attempt_once(client: &Http, callback: &Callback, body: Bytes) -> Said {
    let request = http::Request::post(&*callback.url)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(body));
    let Ok(request) = request else { return Said::Nothing };
    let exchange = async {
        let response = client.request(request).await.ok()?;
        let status = response.status();
        // Read to its end, or the connection cannot be used again.
        let _ = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
        Some(status)
    };
    let answered = wall::within(ATTEMPT_WITHIN, exchange).await.flatten();
    answered.map_or(Said::Nothing, Said::Status)
}

/// The callback as the founding example writes it.
pub(super) fn body(callback: &Callback, assumed: &Assumptions) -> Vec<u8> {
    let id = Some(Id(callback.message.id()));
    let msisdn = Some(Phone(callback.phone.as_u64()));
    let reference = callback.reference.map(|reference| reference.as_str().to_owned());
    let time = |at: VirtualTime| CivilText(at.to_string());
    let written = match &callback.body {
        Body::Report { status, time_in, time_sent, time_dr, price, currency } => {
            serde_json::to_vec(&StatusReport {
                error: Some(Integer(0)),
                error_description: Some("No errors".into()),
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
