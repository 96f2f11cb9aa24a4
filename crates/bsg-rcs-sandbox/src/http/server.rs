//! Connections: accepted, bounded in number and time, closed without an answer where a fault script says so.
//!
//! This is a loop of our own around hyper, and not `axum::serve`, for one reason: an answer that is lost on purpose
//! must leave the connection without a single byte.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::gate::Stands;
use super::routes;
use super::shared::Shared;
use crate::wall;

/// Connections that are open at once.
const CONNECTIONS_MAX: usize = 1024;
/// How long a client may take to say its headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// How long to wait after the system refused a connection or the port: it may be out of files.
const AGAIN_AFTER: Duration = Duration::from_millis(10);
/// How often the port is tried for, after it was given up on purpose.
const LISTEN_AGAIN_TIMES: u32 = 500;
/// How much of headers is read.
const HEADER_BYTES: usize = 64 * 1024;

/// Marks an answer that is not given: the connection is closed instead.
#[derive(Debug, Clone, Copy)]
struct Lost;

/// An answer that never arrives.
pub(super) fn lost() -> Response {
    let mut response = ().into_response();
    response.extensions_mut().insert(Lost);
    response
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
    let (leave, _) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut listener = Some(listener);
    while let Some(listening) = listener.take() {
        let accepting = accept(&listening, &router, &leave, &mut connections);
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
    leave: &watch::Sender<()>,
    connections: &mut JoinSet<()>,
) -> Infallible {
    loop {
        while connections.len() >= CONNECTIONS_MAX {
            connections.join_next().await;
        }
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(converse(stream, router.clone(), leave.subscribe()));
            }
            // A connection that broke while it was accepted is none; others go on.
            Err(error) => {
                tracing::debug!(%error, "a connection could not be accepted");
                wall::sleep(AGAIN_AFTER).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, router: Router, mut leave: watch::Receiver<()>) {
    // Small answers leave at once; a system that cannot do that is only slower.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request| answer(router.clone(), request));
    let conversation = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEADER_BYTES)
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
    request: http::Request<Incoming>,
) -> Result<Response, LostOnPurpose> {
    let response = match router.oneshot(request.map(axum::body::Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    match response.extensions().get::<Lost>() {
        Some(Lost) => Err(LostOnPurpose),
        None => Ok(response),
    }
}
