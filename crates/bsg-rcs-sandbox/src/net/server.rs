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
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::accept_gate::{AcceptGate, Stands};
use super::lost::is_lost;
use crate::bounds::Bounds;
use crate::{reply, wall};

/// How long to wait after the system refused a connection or the port: it may be out of files.
const AGAIN_AFTER: Duration = Duration::from_millis(10);
/// How often the port is tried for, after it was given up on purpose.
const LISTEN_AGAIN_TIMES: u32 = 100;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;
/// The least that hyper reads headers into.
const HEADER_BYTES_LEAST: usize = 8192;

/// The connection was closed on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the answer was lost, as a fault script says")]
struct LostOnPurpose;

/// The port was taken by another program while connections were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another program took {address} while a fault script had connections refused")]
pub struct PortTaken {
    /// Where the sandbox listened.
    pub address: SocketAddr,
}

/// Serves until told to stop.
///
/// # Errors
/// [`PortTaken`], if it cannot listen again after connections were refused.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    gate: Arc<AcceptGate>,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), PortTaken> {
    let (leave, _) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut listening = listener;
    loop {
        let accepting = accept(&listening, &router, bounds, &leave, &mut connections);
        let closed_for = tokio::select! {
            never = accepting => match never {},
            closed_for = gate.to_close() => closed_for,
            _ = stopping.changed() => return Ok(()),
        };
        let Ok(address) = listening.local_addr() else { return Ok(()) };
        drop(listening);
        // Bound and not listened on, the port is refused by the system and kept from others.
        let held = hold(address);
        // Kept connections leave too, each after the answer that it is giving.
        leave.send_replace(());
        gate.set(Stands::Closed);
        wall::sleep(closed_for).await;
        listening = listen_again(address, held).await?;
        gate.set(Stands::Open);
    }
}

/// Binds a port without listening on it; none where the system does not let it.
fn hold(address: SocketAddr) -> Option<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.ok()?;
    // Connections of before may still be closing.
    socket.set_reuseaddr(true).ok()?;
    socket.bind(address).ok()?;
    Some(socket)
}

/// Listens on the port again. Another program may have it for a moment.
async fn listen_again(
    address: SocketAddr,
    held: Option<TcpSocket>,
) -> Result<TcpListener, PortTaken> {
    if let Some(Ok(listener)) = held.map(|socket| socket.listen(BACKLOG)) {
        return Ok(listener);
    }
    for _ in 0..LISTEN_AGAIN_TIMES {
        if let Ok(listener) = TcpListener::bind(address).await {
            return Ok(listener);
        }
        wall::sleep(AGAIN_AFTER).await;
    }
    Err(PortTaken { address })
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
