//! Connections: accepted, bounded ([`Bounds`]), closed without an answer where a fault script says so.
//!
//! This is a loop of our own around hyper, and not `axum::serve`, for one reason: an answer that is lost on purpose
//! must leave the connection without a single byte.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONNECTION, HeaderValue};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::gate::Stands;
use super::shared::Shared;
use super::{reply, routes};
use crate::bounds::Bounds;
use crate::wall;

/// How long to wait after the system refused a connection or the port: it may be out of files.
const AGAIN_AFTER: Duration = Duration::from_millis(10);
/// How often the port is tried for, after it was given up on purpose.
const LISTEN_AGAIN_TIMES: u32 = 500;
/// The least that hyper reads headers into.
const HEADER_BYTES_LEAST: usize = 8192;

/// Marks an answer that is not given: the connection is closed instead.
#[derive(Debug, Clone, Copy)]
struct Lost;

/// An answer that never arrives.
pub(super) fn lost() -> Response {
    let mut response = ().into_response();
    response.extensions_mut().insert(Lost);
    response
}

/// Whether this is such an answer.
pub(super) fn is_lost(response: &Response) -> bool {
    response.extensions().get::<Lost>().is_some()
}

/// The connection was closed on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the answer was lost, as a fault script says")]
struct LostOnPurpose;

/// Serves until told to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stopping: watch::Receiver<bool>,
) {
    let router = routes::router(shared.clone());
    let bounds = shared.config().bounds;
    let (leave, _) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut listener = Some(listener);
    while let Some(listening) = listener.take() {
        let accepting = accept(&listening, &router, bounds, &leave, &mut connections);
        let closed_for = tokio::select! {
            never = accepting => match never {},
            closed_for = shared.gate.to_close() => closed_for,
            _ = stopping.changed() => return,
        };
        let Ok(address) = listening.local_addr() else { return };
        drop(listening);
        // Kept connections leave too, each after the answer that it is giving.
        leave.send_replace(());
        shared.gate.set(Stands::Closed);
        wall::sleep(closed_for).await;
        listener = listen_again(address).await;
        shared.gate.set(Stands::Open);
    }
}

/// Takes the port again. Somebody else may have it for a moment.
async fn listen_again(address: SocketAddr) -> Option<TcpListener> {
    for _ in 0..LISTEN_AGAIN_TIMES {
        match TcpListener::bind(address).await {
            Ok(listener) => return Some(listener),
            Err(error) => tracing::warn!(%error, %address, "cannot listen again yet"),
        }
        wall::sleep(AGAIN_AFTER).await;
    }
    None
}

async fn accept(
    listener: &TcpListener,
    router: &Router,
    bounds: Bounds,
    leave: &watch::Sender<()>,
    connections: &mut JoinSet<()>,
) -> Infallible {
    loop {
        while connections.len() >= bounds.connections.max(1) {
            connections.join_next().await;
        }
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(converse(stream, router.clone(), bounds, leave.subscribe()));
            }
            // A connection that broke while it was accepted is none; others go on.
            Err(error) => {
                tracing::debug!(%error, "a connection could not be accepted");
                wall::sleep(AGAIN_AFTER).await;
            }
        }
    }
}

async fn converse(
    stream: TcpStream,
    router: Router,
    bounds: Bounds,
    mut leave: watch::Receiver<()>,
) {
    // Small answers leave at once; a system that cannot do that is only slower.
    let _ = stream.set_nodelay(true);
    let service =
        hyper::service::service_fn(move |request| answer(router.clone(), bounds, request));
    let conversation = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.headers_within)
        .max_headers(bounds.headers)
        .max_buf_size(bounds.header_bytes.max(HEADER_BYTES_LEAST))
        .serve_connection(TokioIo::new(stream), service);
    let mut conversation = std::pin::pin!(conversation);
    let ended = tokio::select! {
        ended = conversation.as_mut() => ended,
        _ = leave.changed() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(
    router: Router,
    bounds: Bounds,
    request: http::Request<Incoming>,
) -> Result<Response, LostOnPurpose> {
    let request = match whole(request, bounds).await {
        Ok(request) => request,
        Err(refused) => return Ok(refused),
    };
    let response = match router.oneshot(request.map(axum::body::Body::from)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if is_lost(&response) { Err(LostOnPurpose) } else { Ok(response) }
}

/// The request with all of its body, as far as the bounds allow; else the answer, after which the connection is closed.
async fn whole(
    request: http::Request<Incoming>,
    bounds: Bounds,
) -> Result<http::Request<Bytes>, Response> {
    let (parts, body) = request.into_parts();
    let reading = Limited::new(body, bounds.body_bytes).collect();
    let (status, sentence) = match wall::within(bounds.body_within, reading).await {
        Some(Ok(body)) => return Ok(http::Request::from_parts(parts, body.to_bytes())),
        Some(Err(error)) if error.is::<LengthLimitError>() => {
            (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.")
        }
        Some(Err(_)) => (StatusCode::BAD_REQUEST, "The body could not be read."),
        None => (StatusCode::REQUEST_TIMEOUT, "The body took too long."),
    };
    let close = [(CONNECTION, HeaderValue::from_static("close"))];
    Err((close, reply::refuse(status, sentence)).into_response())
}

/// The answer to a request that is whole already; none, if it is lost on purpose.
pub(crate) async fn answer_to(
    router: Router,
    request: http::Request<Bytes>,
) -> Option<http::Response<Bytes>> {
    let response = match router.oneshot(request.map(axum::body::Body::from)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if is_lost(&response) {
        return None;
    }
    let (parts, body) = response.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    Some(http::Response::from_parts(parts, body))
}
