//! The server with bounds, over real sockets: what strangers may do, and that the service goes on
//! beside them. It is a program of its own, since the rest of the crate needs no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on is to fail"
)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bsg_rcs_webhook::{
    Bounds, Inbox, InboxError, Incoming, WebhookSecret, async_trait, router, serve,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};

/// An inbox that a test can hold up.
#[derive(Default)]
struct Kept {
    callbacks: Mutex<Vec<Incoming>>,
    asked: Notify,
    held_up: tokio::sync::Mutex<()>,
}

#[async_trait]
impl Inbox for Kept {
    async fn keep(&self, callbacks: Vec<Incoming>) -> Result<(), InboxError> {
        self.asked.notify_one();
        let _free = self.held_up.lock().await;
        self.callbacks.lock().unwrap().extend(callbacks);
        Ok(())
    }
}

struct Served {
    address: SocketAddr,
    path: String,
    kept: Arc<Kept>,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<()>,
}

async fn served(bounds: Bounds) -> Served {
    let secret = WebhookSecret::from_random([7; 20]);
    let kept = Arc::new(Kept::default());
    let app = router(&secret, kept.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopping) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        serve(listener, app, bounds, async { drop(stopping.await) }).await;
    });
    Served { address, path: secret.path(), kept, stop, server }
}

impl Served {
    /// Posts a body with more headers; the answer's status, once the server has closed.
    async fn post(&self, more: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let (path, length) = (&self.path, body.len());
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n{more}connection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // The server may answer before it has read all.
        let _ = stream.write_all(body).await;
        answer(&mut stream).await
    }

    fn kept(&self) -> usize {
        self.kept.callbacks.lock().unwrap().len()
    }
}

/// The status line of what comes until the server closes; empty if nothing does.
async fn answer(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).lines().next().unwrap_or_default().to_owned()
}

fn quick() -> Bounds {
    let mut bounds = Bounds::default();
    bounds.headers_within = Duration::from_millis(300);
    bounds.request_within = Duration::from_millis(300);
    bounds
}

#[tokio::test]
async fn what_is_unfit_is_told_so_and_the_service_goes_on() {
    let served = served(Bounds::default()).await;
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    for (more, body, status) in [
        ("", &vec![b'x'; 64 * 1024 + 1][..], "413"),
        ("content-encoding: gzip\r\n", &gzip, "200"),
        ("content-encoding: br\r\n", b"{}", "200"),
        ("content-encoding: identity\r\n", b"{}", "200"),
        ("content-encoding: Identity\r\n", b"{}", "200"),
        ("content-encoding: UTF-8\r\n", b"{}", "200"),
        ("content-encoding: \r\n", b"{}", "200"),
        ("", &gzip, "200"),
        ("", b"not JSON at all", "200"),
        ("", b"", "200"),
    ] {
        let said = served.post(more, body).await;
        assert!(said.contains(status), "{more:?}: {said}");
    }
    assert_eq!(served.kept(), 9, "what comes by the right door and is fit is kept");
    let mut garbage = TcpStream::connect(served.address).await.unwrap();
    garbage.write_all(b"\x16\x03\x01 this is no HTTP\r\n\r\n").await.unwrap();
    let said = answer(&mut garbage).await;
    assert!(said.is_empty() || said.contains("400"), "{said}");
    assert!(served.post("", b"{}").await.contains("200"));
}

#[tokio::test]
async fn who_speaks_slowly_is_cut_off() {
    let served = served(quick()).await;
    for part in [
        String::new(),
        "POST /callbacks/x HTTP/1.1\r\nhost:".to_owned(),
        format!("POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{{", served.path),
    ] {
        let mut slow = TcpStream::connect(served.address).await.unwrap();
        slow.write_all(part.as_bytes()).await.unwrap();
        let said = answer(&mut slow).await;
        assert!(said.is_empty() || said.contains("408"), "{part:?}: {said}");
    }
    assert_eq!(served.kept(), 0);
    assert!(served.post("", b"{}").await.contains("200"));
}

#[tokio::test]
async fn idle_connections_keep_nobody_out() {
    let mut bounds = Bounds::default();
    bounds.connections = 8;
    bounds.headers_within = Duration::from_secs(3600);
    let served = served(bounds).await;
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(TcpStream::connect(served.address).await.unwrap());
    }
    for _ in 0..20 {
        assert!(served.post("", b"{}").await.contains("200"));
    }
    assert_eq!(served.kept(), 20);
}

#[tokio::test]
async fn while_all_are_busy_the_next_one_waits() {
    let mut bounds = Bounds::default();
    bounds.connections = 1;
    let served = served(bounds).await;
    let held_up = served.kept.held_up.lock().await;
    let mut busy = TcpStream::connect(served.address).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}",
        served.path
    );
    busy.write_all(head.as_bytes()).await.unwrap();
    served.kept.asked.notified().await;
    let mut next = TcpStream::connect(served.address).await.unwrap();
    next.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(200), next.readable()).await;
    assert!(early.is_err(), "it is answered while another has the only place");
    drop(held_up);
    assert!(answer(&mut busy).await.contains("200"), "whoever is busy is not put out");
    assert!(answer(&mut next).await.contains("200"), "then it is its turn");
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_is_under_way() {
    let served = served(Bounds::default()).await;
    let mut under_way = TcpStream::connect(served.address).await.unwrap();
    let head = format!("POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n", served.path);
    under_way.write_all(head.as_bytes()).await.unwrap();
    // It is under way for certain once another request behind it was answered.
    assert!(served.post("", b"{}").await.contains("200"));
    served.stop.send(()).unwrap();
    under_way.write_all(b"{}").await.unwrap();
    let said = answer(&mut under_way).await;
    assert!(said.contains("200"), "{said}");
    served.server.await.unwrap();
    assert_eq!(served.kept.callbacks.lock().unwrap().len(), 2);
}
