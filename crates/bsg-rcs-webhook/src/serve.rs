//! A server with bounds. The URL is open: whoever knows the address may connect, say nothing, or
//! speak slowly. `axum::serve` waits for them as long as they like; this loop does not.
//!
//! When there are as many connections as there may be, the oldest that is idle makes room for the next:
//! idle ones keep nobody out. While all of them are busy the next one waits.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// When to look again whether a connection is idle, while all are busy.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What strangers may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// Connections at once. Each idle one takes some kilobytes.
    pub connections: usize,
    /// How long the headers of a request may take, and how long a connection may be idle.
    pub headers_within: Duration,
    /// How long a request may take from its headers on, its body and its answer included.
    pub request_within: Duration,
    /// The bytes of the headers of a request.
    pub header_bytes: usize,
    /// How long requests that are under way may still take once the server is to stop.
    pub stop_within: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 4096,
            headers_within: Duration::from_secs(30),
            request_within: Duration::from_secs(30),
            header_bytes: 16 * 1024,
            stop_within: Duration::from_secs(10),
        }
    }
}

/// A connection, as far as the loop knows it.
struct Connection {
    /// Requests that are under way on it: none or one.
    busy: Arc<AtomicUsize>,
    task: AbortHandle,
}

/// Serves `router` until `stop` is done; then lets requests that are under way come to their end.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let (leave, leaving) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut connections: VecDeque<Connection> = VecDeque::new();
    let mut stop = std::pin::pin!(stop);
    'serving: loop {
        let accepted = tokio::select! {
            biased;
            () = stop.as_mut() => break,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            // It was broken before it began; the next one is another's.
            Err(error) if broke(&error) => continue,
            Err(error) => {
                // The system has no more files: an idle connection has one, or it takes a while.
                tracing::debug!(%error, "a connection could not be accepted");
                if !make_room(&mut connections) {
                    a_while().await;
                }
                continue;
            }
        };
        while tasks.len() >= bounds.connections.max(1) {
            let made = make_room(&mut connections);
            tokio::select! {
                biased;
                () = stop.as_mut() => break 'serving,
                Some(_) = tasks.join_next() => {}
                () = a_while(), if !made => {}
            }
        }
        let busy = Arc::new(AtomicUsize::new(0));
        let talk = converse(stream, router.clone(), bounds, Arc::clone(&busy), leaving.clone());
        let task = tasks.spawn(talk);
        connections.push_back(Connection { busy, task });
        if connections.len() > 2 * bounds.connections.max(1) {
            connections.retain(|connection| !connection.task.is_finished());
        }
    }
    drop(listener);
    leave.send_replace(true);
    let rest = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(bounds.stop_within, rest).await.is_err() {
        tracing::warn!("requests that were under way were cut off");
    }
}

/// Until it is worth to look again.
#[expect(
    clippy::disallowed_methods,
    reason = "the system is full, and says nothing when it is not"
)]
async fn a_while() {
    tokio::time::sleep(LOOK_AGAIN).await;
}

/// Whether it is the connection that failed, not the listener.
fn broke(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

/// Closes the oldest connection that is idle, if one is.
fn make_room(connections: &mut VecDeque<Connection>) -> bool {
    connections.retain(|connection| !connection.task.is_finished());
    let idle = |connection: &Connection| connection.busy.load(Ordering::Acquire) == 0;
    if let Some(place) = connections.iter().position(idle)
        && let Some(connection) = connections.remove(place)
    {
        connection.task.abort();
        return true;
    }
    false
}

async fn converse(
    stream: TcpStream,
    router: Router,
    bounds: Bounds,
    busy: Arc<AtomicUsize>,
    mut leaving: watch::Receiver<bool>,
) {
    // Small answers leave at once; a system that cannot do that is only slower.
    let _ = stream.set_nodelay(true);
    let service = bounded(router, bounds, busy);
    let conversation = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.headers_within)
        .max_buf_size(bounds.header_bytes.max(8192))
        .serve_connection(TokioIo::new(stream), service);
    let mut conversation = std::pin::pin!(conversation);
    let ended = tokio::select! {
        ended = conversation.as_mut() => ended,
        _ = leaving.changed() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The router, each request of which is counted while it is under way and may take its time only.
fn bounded(
    router: Router,
    bounds: Bounds,
    busy: Arc<AtomicUsize>,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    hyper::service::service_fn(move |request: Request<Incoming>| {
        let under_way = UnderWay::begin(Arc::clone(&busy));
        // A router is always ready.
        let answer = tower_service::Service::call(&mut router.clone(), request.map(Body::new));
        let answer = tokio::time::timeout(bounds.request_within, answer);
        async move {
            let _under_way = under_way;
            match answer.await {
                Ok(answered) => answered,
                Err(_) => Ok(StatusCode::REQUEST_TIMEOUT.into_response()),
            }
        }
    })
}

/// A request is under way as long as this lives.
struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    fn begin(busy: Arc<AtomicUsize>) -> Self {
        busy.fetch_add(1, Ordering::AcqRel);
        Self(busy)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
