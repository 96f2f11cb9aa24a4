//! The HTTP face: which answer is given to whom.
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /callbacks/<secret>`, kept | 200 |
//! | the same, readable or not, and the inbox failed or is full | 503 with `Retry-After` |
//! | the same with a body over 64 KiB | 413 |
//! | the same with a body in gzip, with or without a header that says so | as above: kept unpacked, or as it came if it is over 64 KiB then |
//! | the same with a body that breaks off | 400 |
//! | `POST /callbacks/<anything else>` | 404, the body unread |
//! | `GET /healthz` | 200: the process answers |
//! | `GET /readyz` | 200, or 503 while no callback would be taken |
//! | another method on these | 405 |
//!
//! The server of the feature `serve` answers 408 to a request that takes its time before it is whole.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;

use crate::collector::{Collector, NotKept};
use crate::inbox::{Inbox, Incoming};
use crate::secret::WebhookSecret;
use crate::unpack::{self, BODY_MAX};

/// How long the inbox has to say whether it is ready.
const READY_WITHIN: Duration = Duration::from_secs(5);
/// When a sender that was turned away may come again, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// What stands behind the routes.
struct Door {
    secret: WebhookSecret,
    inbox: Arc<dyn Inbox>,
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
    let health = Router::new()
        .route("/healthz", get(|| async { StatusCode::OK }))
        .route("/readyz", get(ready));
    health.merge(callbacks()).with_state(door(secret, inbox))
}

/// The route of the callbacks alone, to be merged or nested beside a caller's own routes: one that has
/// a `/healthz` already, say.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use bsg_rcs_webhook::{Inbox, WebhookSecret, axum, callback_routes};
/// # fn app(secret: &WebhookSecret, inbox: Arc<dyn Inbox>) -> axum::Router {
/// use axum::routing::get;
///
/// axum::Router::new()
///     .route("/healthz", get(|| async { "the shop is open" }))
///     // The callbacks come to `/hooks` and `secret.path()`.
///     .nest("/hooks", callback_routes(secret, inbox))
/// # }
/// ```
///
/// # Panics
/// Outside of a Tokio runtime, as [`router`].
pub fn callback_routes(secret: &WebhookSecret, inbox: Arc<dyn Inbox>) -> Router {
    callbacks().with_state(door(secret, inbox))
}

fn callbacks() -> Router<Arc<Door>> {
    Router::new().route("/callbacks/{secret}", post(callback))
}

fn door(secret: &WebhookSecret, inbox: Arc<dyn Inbox>) -> Arc<Door> {
    let kept = metrics::counter!("bsg_rcs_callbacks_total", "result" => "kept");
    let collector = Collector::start(Arc::clone(&inbox));
    Arc::new(Door { secret: secret.clone(), inbox, collector, kept })
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
    // Here, not in a layer, which every callback would pay for twice: when it comes and when it is kept.
    DefaultBodyLimit::max(BODY_MAX).apply(&mut request);
    // Only now: who does not know the secret cannot make us hold a body.
    let body = match Bytes::from_request(request, &()).await {
        // A copy, for what came is a piece of the connection's own buffer: while somebody holds that, each
        // further request on the connection needs another.
        Ok(body) => Bytes::copy_from_slice(&body),
        Err(rejection) => return ("unfit", rejection.status().into_response()),
    };
    match door.collector.keep(Incoming { body: unpack::unpacked(body) }).await {
        Ok(()) => ("kept", StatusCode::OK.into_response()),
        Err(NotKept::Full) => ("turned_away", come_again()),
        Err(NotKept::Failed) => ("failed", come_again()),
    }
}

async fn ready(State(door): State<Arc<Door>>) -> Response {
    if !door.collector.has_room() {
        return come_again();
    }
    match tokio::time::timeout(READY_WITHIN, door.inbox.ready()).await {
        Ok(Ok(())) => StatusCode::OK.into_response(),
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            come_again()
        }
        Err(_) => come_again(),
    }
}

fn come_again() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_AFTER_SECONDS)]).into_response()
}
