//! A server that says exactly what a test tells it to, byte for byte.
//!
//! It runs in the test's own task, beside the exchange (`tokio::join!`), so that a panic in it
//! fails the test.

use std::time::Duration;

use bsg_rcs_transport::{Bytes, Transport, TransportError, http};
use bsg_rcs_transport_reqwest::{ReqwestTransport, ReqwestTransportBuilder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What an exchange comes to.
pub(crate) type Outcome = Result<http::Response<Bytes>, TransportError>;

/// Long enough that only a test which hangs ever waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A listening socket on a port of the system's choice.
pub(crate) struct Server {
    listener: TcpListener,
}

/// One accepted connection.
pub(crate) struct Connection {
    stream: TcpStream,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listener.local_addr().unwrap())
    }

    pub(crate) async fn accept(&self) -> Connection {
        let (stream, _) = patiently(self.listener.accept()).await.unwrap();
        Connection { stream }
    }

    /// Accepts one connection, reads one request, answers with these bytes and closes.
    pub(crate) async fn answer_once(&self, answer: impl AsRef<[u8]>) -> String {
        let mut connection = self.accept().await;
        let request = connection.request().await;
        connection.say(answer).await;
        request
    }
}

impl Connection {
    /// One whole request, head and body, as text.
    pub(crate) async fn request(&mut self) -> String {
        patiently(self.try_request()).await.expect("the client closed before its request was whole")
    }

    /// One whole request, or nothing when the client closed or reset the connection first.
    pub(crate) async fn try_request(&mut self) -> Option<String> {
        let mut text = Vec::new();
        while !is_whole(&text) {
            match self.stream.read_buf(&mut text).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
        Some(String::from_utf8(text).unwrap())
    }

    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Waits until the client has closed its side, in order or by a reset.
    pub(crate) async fn closed(mut self) {
        let mut rest = [0; 64];
        while patiently(self.stream.read(&mut rest)).await.is_ok_and(|count| count > 0) {}
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let announced = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.parse::<usize>().unwrap());
    body.len() >= announced
}

async fn patiently<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, event).await.expect("the event that the test waits for")
}

/// A transport that does not look at the machine's proxy settings.
pub(crate) fn transport() -> ReqwestTransport {
    settings().build().unwrap()
}

pub(crate) fn settings() -> ReqwestTransportBuilder {
    ReqwestTransport::builder().no_proxy()
}

pub(crate) fn post(url: &str) -> http::Request<Bytes> {
    http::Request::post(url)
        .header("authorization", "Bearer opensesame")
        .body(Bytes::from_static(b"{\"n\":1}"))
        .unwrap()
}

pub(crate) async fn exchange(url: &str) -> Outcome {
    patiently(transport().exchange(post(url))).await
}
