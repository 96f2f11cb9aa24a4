//! What was sent arrives, and what was answered comes back, whole and unchanged.

use bsg_rcs_transport::{Bytes, Certainty, FailureKind, Transport, http};

use crate::server::{Outcome, Server, exchange, post, settings, transport};

/// What an exchange comes to when the server answers with these bytes and closes.
async fn answered_with(answer: impl AsRef<[u8]>) -> Outcome {
    let server = Server::start().await;
    let url = server.url("/");
    let (outcome, _) = tokio::join!(exchange(&url), server.answer_once(answer));
    outcome
}

/// The server answers with these bytes; the caller sees this status and this body.
async fn check(answer: &str, status: u16, body: &str) -> http::Response<Bytes> {
    let response = answered_with(answer).await.unwrap();
    assert_eq!(response.status(), status);
    assert_eq!(response.body(), body);
    response
}

#[tokio::test]
async fn a_request_arrives_with_its_body_and_every_header() {
    let (server, transport) = (Server::start().await, transport());
    let request = http::Request::put(server.url("/a/b?c=d%20e"))
        .header("x-twice", "one")
        .header("x-twice", "two")
        .header("content-type", "application/json")
        .body(Bytes::from_static(b"{\"text\":\"hello\"}"))
        .unwrap();
    let (response, seen) = tokio::join!(
        transport.exchange(request),
        server.answer_once("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    );
    response.unwrap();
    assert!(seen.starts_with("PUT /a/b?c=d%20e HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("\r\nx-twice: one\r\nx-twice: two\r\n"), "{seen}");
    assert!(seen.contains("\r\ncontent-type: application/json\r\n"), "{seen}");
    assert!(
        seen.contains(concat!("\r\nuser-agent: bsg-rcs/", env!("CARGO_PKG_VERSION"))),
        "{seen}"
    );
    assert!(seen.ends_with("\r\n\r\n{\"text\":\"hello\"}"), "{seen}");
}

#[tokio::test]
async fn a_user_agent_can_be_chosen() {
    let server = Server::start().await;
    let transport = settings().user_agent("newsletter/2.1").build().unwrap();
    let (response, seen) = tokio::join!(
        transport.exchange(post(&server.url("/"))),
        server.answer_once("HTTP/1.1 204 No Content\r\n\r\n")
    );
    response.unwrap();
    assert!(seen.contains("\r\nuser-agent: newsletter/2.1\r\n"), "{seen}");
}

#[tokio::test]
async fn an_answer_comes_back_with_its_body_and_every_header() {
    let answer =
        "HTTP/1.1 201 Created\r\nx-twice: one\r\nx-twice: two\r\ncontent-length: 5\r\n\r\nhello";
    let response = check(answer, 201, "hello").await;
    let twice: Vec<_> = response.headers().get_all("x-twice").iter().collect();
    assert_eq!(twice, ["one", "two"]);
}

#[tokio::test]
async fn an_answer_in_chunks_is_put_together() {
    let answer =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    check(answer, 200, "hello").await;
}

#[tokio::test]
async fn an_answer_without_a_body_is_an_answer() {
    check("HTTP/1.1 204 No Content\r\n\r\n", 204, "").await;
}

#[tokio::test]
async fn a_server_error_is_an_answer() {
    check("HTTP/1.1 503 Busy\r\nretry-after: 3\r\ncontent-length: 4\r\n\r\nbusy", 503, "busy")
        .await;
}

#[tokio::test]
async fn a_compressed_body_is_left_as_it_is() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 8\r\n\r\nnot gzip";
    let response = check(answer, 200, "not gzip").await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Server::start().await;
    let location = elsewhere.url("/elsewhere");
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
    );
    let response = check(&answer, 307, "").await;
    assert_eq!(response.headers()["location"], location.as_str());

    // Had it been followed, the request would stand first in this server's queue.
    let probe = elsewhere.url("/probe");
    let (probe, first) =
        tokio::join!(exchange(&probe), elsewhere.answer_once("HTTP/1.1 204 No Content\r\n\r\n"));
    probe.unwrap();
    assert!(first.starts_with("POST /probe "), "{first}");
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_an_answer_too() {
    for location in ["http://1.2.3.400/", "ftp://host/", "http://", "//[", "\u{fc}"] {
        let head = format!("HTTP/1.1 308 Permanent Redirect\r\nlocation: {location}");
        check(&format!("{head}\r\ncontent-length: 0\r\n\r\n"), 308, "").await;
    }
}

#[tokio::test]
async fn an_answer_of_just_the_largest_size_is_accepted_and_one_byte_more_is_refused() {
    let transport = settings().max_answer_bytes(5).build().unwrap();
    for (answer, accepted) in [
        ("content-length: 5\r\n\r\nhello", true),
        ("content-length: 6\r\n\r\nhello!", false),
        ("transfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", true),
        ("transfer-encoding: chunked\r\n\r\n3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n", false),
        ("content-length: 18446744073709551000\r\n\r\nhello", false),
    ] {
        let server = Server::start().await;
        let (outcome, _) = tokio::join!(
            transport.exchange(post(&server.url("/"))),
            server.answer_once(format!("HTTP/1.1 200 OK\r\n{answer}"))
        );
        let refusal = outcome.map(|_| ()).map_err(|error| (error.certainty(), error.kind()));
        let too_large = (Certainty::MaybeSent, FailureKind::TooLarge);
        assert_eq!(refusal, if accepted { Ok(()) } else { Err(too_large) }, "{answer}");
    }
}
