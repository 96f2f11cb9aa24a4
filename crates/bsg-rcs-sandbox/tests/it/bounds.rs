//! What clients may use up, over raw sockets: who is slow, idle, large or many is bounded. There are no sleeps: every test
//! waits for what the sandbox does.

use std::time::Duration;

use bsg_rcs_sandbox::Bounds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{World, config};

/// Shorter than anybody waits.
const SHORT: Duration = Duration::from_millis(50);
/// An upper bound that no test reaches unless it fails.
const GIVEN_UP: Duration = Duration::from_secs(20);
/// Longer than any test runs.
const LONG: Duration = Duration::from_secs(3600);

/// A world where time bounds nothing but what a test shortens.
async fn bounded(change: impl FnOnce(&mut Bounds)) -> World {
    let mut config = config();
    config.bounds.headers_within = LONG;
    config.bounds.body_within = LONG;
    change(&mut config.bounds);
    World::with(config).await
}

async fn connect(world: &World) -> TcpStream {
    TcpStream::connect(world.sandbox.address()).await.unwrap()
}

/// Everything until the sandbox closes the connection.
async fn to_the_end(mut stream: TcpStream) -> String {
    let mut read = Vec::new();
    let reading = tokio::time::timeout(GIVEN_UP, stream.read_to_end(&mut read));
    // A reset is an end too.
    let _ = reading.await.expect("the sandbox closes the connection");
    String::from_utf8_lossy(&read).into_owned()
}

/// One answer with a body, on a connection that stays open.
async fn ask_clock(stream: &mut TcpStream) -> String {
    stream.write_all(b"GET /sandbox/clock HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut read = Vec::new();
    while !read.ends_with(b"}") {
        assert_ne!(stream.read_buf(&mut read).await.unwrap(), 0, "closed");
    }
    String::from_utf8(read).unwrap()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn who_says_headers_too_slowly_is_closed_without_a_word() {
    let world = bounded(|bounds| bounds.headers_within = SHORT).await;
    for said in ["", "GET /", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let mut stream = connect(&world).await;
        stream.write_all(said.as_bytes()).await.unwrap();
        assert_eq!(to_the_end(stream).await, "", "{said:?}");
    }
}

#[tokio::test]
async fn a_drop_of_header_now_and_then_does_not_buy_time() {
    let world = bounded(|bounds| bounds.headers_within = SHORT).await;
    let (mut reading, mut writing) = connect(&world).await.into_split();
    writing.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    // Drips until the sandbox has closed.
    let dripping = async {
        while writing.write_all(b"x: y\r\n").await.is_ok() {
            yield_now().await
        }
    };
    let mut read = Vec::new();
    tokio::select! {
        () = dripping => {}
        _ = reading.read_to_end(&mut read) => {}
    }
    // Either the time was over, or there were too many.
    let answer = String::from_utf8_lossy(&read);
    assert!(answer.is_empty() || status(&answer) == "431", "{answer}");
}

async fn yield_now() {
    tokio::task::yield_now().await;
}

#[tokio::test]
async fn a_kept_connection_that_is_idle_is_closed() {
    let world = bounded(|bounds| bounds.headers_within = SHORT).await;
    let mut stream = connect(&world).await;
    assert_eq!(status(&ask_clock(&mut stream).await), "200");
    assert_eq!(to_the_end(stream).await, "");
}

#[tokio::test]
async fn who_sends_a_body_too_slowly_is_told_408_and_closed() {
    let world = bounded(|bounds| bounds.body_within = SHORT).await;
    for body in ["content-length: 1000\r\n\r\n{", "transfer-encoding: chunked\r\n\r\n1\r\n{\r\n"] {
        let mut stream = connect(&world).await;
        let request = format!("POST /sandbox/clock HTTP/1.1\r\nhost: x\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = to_the_end(stream).await;
        assert_eq!(status(&answer), "408", "{answer}");
        assert!(
            answer.ends_with(r#"{"message":"The body took too long.","errors":[]}"#),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_large_body_is_told_413_even_if_nobody_says_how_large() {
    let world = bounded(|bounds| bounds.body_bytes = 100).await;
    let fits = format!(r#"{{"advance":"1s"}}{}"#, " ".repeat(84));
    let body = async |body: String| {
        let mut stream = connect(&world).await;
        let request =
            format!("POST /sandbox/clock HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        status(&to_the_end(stream).await).to_owned()
    };
    assert_eq!(fits.len(), 100);
    assert_eq!(body(format!("content-length: 100\r\n\r\n{fits}")).await, "200");
    assert_eq!(body(format!("content-length: 101\r\n\r\n{fits} ")).await, "413");
    let chunked = |body: &str| {
        format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
    };
    assert_eq!(body(chunked(&fits)).await, "200");
    assert_eq!(body(chunked(&format!("{fits} "))).await, "413");
}

#[tokio::test]
async fn too_many_or_too_large_headers_are_told_431() {
    let world = bounded(|bounds| (bounds.headers, bounds.header_bytes) = (10, 8192)).await;
    let headers = async |headers: String| {
        let mut stream = connect(&world).await;
        let request = format!("GET /sandbox/clock HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        status(&to_the_end(stream).await).to_owned()
    };
    assert_eq!(headers("x: y\r\n".repeat(9)).await, "200");
    assert_eq!(headers("x: y\r\n".repeat(10)).await, "431");
    assert_eq!(headers(format!("x: {}\r\n", "y".repeat(4000))).await, "200");
    assert_eq!(headers(format!("x: {}\r\n", "y".repeat(9000))).await, "431");
}

#[tokio::test]
async fn one_connection_too_many_waits_until_another_is_closed() {
    let world = bounded(|bounds| bounds.connections = 2).await;
    // The first is the one by which the world logged in.
    let mut second = connect(&world).await;
    assert_eq!(status(&ask_clock(&mut second).await), "200");
    let mut third = connect(&world).await;
    third.write_all(b"GET /sandbox/clock HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    // Those that are open are served, again and again; the third is not.
    for _ in 0..20 {
        assert_eq!(status(&ask_clock(&mut second).await), "200");
        assert_eq!(world.get("/sandbox/clock").await.0, 200);
    }
    let unanswered = third.try_read(&mut [0; 1]).unwrap_err();
    assert_eq!(unanswered.kind(), std::io::ErrorKind::WouldBlock);
    drop(second);
    let mut answer = [0; 12];
    third.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test]
async fn a_request_in_pieces_is_one_request() {
    let world = bounded(|_| {}).await;
    let mut stream = connect(&world).await;
    let request = b"POST /sandbox/clock HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 16\r\n\r\n{\"advance\":\"1s\"}";
    for byte in request.chunks(1) {
        stream.write_all(byte).await.unwrap();
    }
    assert_eq!(status(&to_the_end(stream).await), "200");
}

#[tokio::test]
async fn what_is_no_http_is_told_400_or_closed() {
    let world = bounded(|_| {}).await;
    for said in ["\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n", "HELLO\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
        let mut stream = connect(&world).await;
        stream.write_all(said.as_bytes()).await.unwrap();
        let answer = to_the_end(stream).await;
        assert!(answer.is_empty() || status(&answer) == "400", "{answer}");
    }
    assert_eq!(world.get("/sandbox/clock").await.0, 200);
}
