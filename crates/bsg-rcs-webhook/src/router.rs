//! The HTTP face: which answer is given to whom.
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /callbacks/<secret>`, kept | 200 |
//! | the same, readable or not, and the inbox failed or is full | 503 with `Retry-After` |
//! | the same with a body over 64 KiB | 413 |
//! | the same with an encoded body, gzip or other | 415: nothing is ever unpacked |
//! | the same with a body that breaks off | 400 |
//! | `POST /callbacks/<anything else>` | 404, the body unread |
//! | `GET /healthz` | 200: the process answers |
//! | `GET /readyz` | 200, or 503 while no callback would be taken |
//! | another method on these | 405 |
//!
//! The server of the feature `serve` answers 408 to a request that takes its time before it is whole.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_ENCODING, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;

use crate::collector::{Collector, NotKept};
use crate::inbox::{Inbox, Incoming};
use crate::secret::WebhookSecret;

/// The largest body of a callback that is taken, in bytes. Real ones have a few hundred.
pub const BODY_MAX: usize = 64 * 1024;
/// When a sender that was turned away may come again, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// What stands behind the routes.
struct Door {
    secret: WebhookSecret,
    collector: Collector,
    /// Asked for once: it counts nearly every request.
    kept: metrics::Counter,
}

/// The router that takes callbacks: the table above, with every callback handed to `inbox` before
/// it is answered 200.
///
/// It is a tower `Service` as well, can be nested and can be given more routes. It sets no time
/// limits: the server in front of it does. It reads the secret off the request's own path: a layer
/// that hides secrets must leave that alone.
///
/// # Panics
/// Outside of a Tokio runtime: it starts the task that talks to the inbox.
pub fn router(secret: &WebhookSecret, inbox: Arc<dyn Inbox>) -> Router {
    let kept = metrics::counter!("bsg_rcs_callbacks_total", "result" => "kept");
    let door = Door { secret: secret.clone(), collector: Collector::start(inbox), kept };
    Router::new()
        .route("/callbacks/{secret}", post(callback))
        .route("/healthz", get(|| async { StatusCode::OK }))
        .route("/readyz", get(ready))
        .with_state(Arc::new(door))
}

async fn callback(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (result, response) = take(&door, request).await;
    match result {
        "kept" => door.kept.increment(1),
        _ => metrics::counter!("bsg_rcs_callbacks_total", "result" => result).increment(1),
    }
    response
}

/// What becomes of a callback, in a word for those who count and as its answer.
async fn take(door: &Door, mut request: Request) -> (&'static str, Response) {
    // The last piece of the path, as it came: a secret has nothing in it that is to be escaped in a URL.
    let (_, given) = request.uri().path().rsplit_once('/').unwrap_or_default();
    if !door.secret.matches(given) {
        return ("refused", StatusCode::NOT_FOUND.into_response());
    }
    let encoding = request.headers().get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        return ("unfit", StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    // Here, not in a layer, which every callback would pay for twice: when it comes and when it is kept.
    DefaultBodyLimit::max(BODY_MAX).apply(&mut request);
    // Only now: who does not know the secret cannot make us hold a body.
    let body = match Bytes::from_request(request, &()).await {
        // A copy, for what came is a piece of the connection's own buffer: while somebody holds that, each
        // further request on the connection needs another.
        Ok(body) => Bytes::copy_from_slice(&body),
        Err(rejection) => return ("unfit", rejection.status().into_response()),
    };
    match door.collector.keep(Incoming { body }).await {
        Ok(()) => ("kept", StatusCode::OK.into_response()),
        Err(NotKept::Full) => ("turned_away", come_again()),
        Err(NotKept::Failed) => ("failed", come_again()),
    }
}

async fn ready(State(door): State<Arc<Door>>) -> Response {
    if door.collector.has_room() { StatusCode::OK.into_response() } else { come_again() }
}

fn come_again() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_AFTER_SECONDS)]).into_response()
}
