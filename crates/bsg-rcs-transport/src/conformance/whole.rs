//! What was sent arrives, and what was answered comes back, whole and unchanged.

use bytes::Bytes;
use http::Request;

use super::server::{EMPTY, Server};
use super::subject::{Seen, Subject, answered, post, post_with, same, same_bytes};

/// No byte, one, and more than any buffer holds.
const SIZES: [usize; 3] = [0, 1, 1024 * 1024];

/// Bytes in which a loss or a swap shows.
fn bytes(size: usize) -> Bytes {
    (0..size).map(|position| u8::try_from(position % 251).unwrap_or(0)).collect()
}

pub(super) async fn a_request_arrives_with_its_whole_body(subject: Subject) -> Seen {
    for size in SIZES {
        let server = Server::start().await?;
        let request = post_with(&server.url("/a/b?c=d%20e&f[g]=h"), bytes(size))?;
        let (outcome, arrived) = subject.meets(&server, request, server.answer_once(EMPTY)).await?;
        answered(outcome)?;
        same("the request line", arrived.line(), "POST /a/b?c=d%20e&f[g]=h")?;
        same_bytes("the body of the request", &arrived.body, &bytes(size))?;
    }
    Ok(())
}

pub(super) async fn a_request_arrives_with_its_method(subject: Subject) -> Seen {
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        let server = Server::start().await?;
        let mut request = post_with(&server.url("/"), Bytes::new())?;
        *request.method_mut() = method.parse().map_err(|_| "the kit's method is none")?;
        let (outcome, arrived) = subject.meets(&server, request, server.answer_once(EMPTY)).await?;
        answered(outcome)?;
        same("the request line", arrived.line(), format!("{method} /"))?;
    }
    Ok(())
}

pub(super) async fn a_request_arrives_with_every_header(subject: Subject) -> Seen {
    let server = Server::start().await?;
    let request = Request::post(server.url("/"))
        .header("x-twice", "one")
        .header("x-twice", "two, three")
        .header("content-type", "text/x-own; charset=utf-8")
        .header("authorization", "Bearer opensesame")
        .header("user-agent", "the kit")
        .body(Bytes::from_static(b"hello"))
        .map_err(|error| error.to_string())?;
    let (outcome, arrived) = subject.meets(&server, request, server.answer_once(EMPTY)).await?;
    answered(outcome)?;
    same("x-twice", arrived.values("x-twice"), ["one", "two, three"])?;
    same("content-type", arrived.values("content-type"), ["text/x-own; charset=utf-8"])?;
    same("user-agent", arrived.values("user-agent"), ["the kit"])?;
    same("the number of authorizations", arrived.values("authorization").len(), 1)
}

pub(super) async fn an_answer_comes_back_with_its_whole_body(subject: Subject) -> Seen {
    for size in SIZES {
        let server = Server::start().await?;
        let request = post(&server.url("/"))?;
        let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n").into_bytes();
        answer.extend(bytes(size));
        let (outcome, _) = subject.meets(&server, request, server.answer_once(answer)).await?;
        same_bytes("the body of the answer", answered(outcome)?.body(), &bytes(size))?;
    }
    Ok(())
}

pub(super) async fn an_answer_in_chunks_is_put_together(subject: Subject) -> Seen {
    let answer =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    let server = Server::start().await?;
    let request = post(&server.url("/"))?;
    let (outcome, _) = subject.meets(&server, request, server.answer_once(answer)).await?;
    same_bytes("the body of the answer", answered(outcome)?.body(), b"hello")
}

pub(super) async fn an_answer_comes_back_with_every_header(subject: Subject) -> Seen {
    let answer = "HTTP/1.1 200 OK\r\nx-twice: one\r\nx-other: o\r\nx-twice: two\r\n\
                  retry-after: 3\r\ncontent-length: 0\r\n\r\n";
    let server = Server::start().await?;
    let request = post(&server.url("/"))?;
    let (outcome, _) = subject.meets(&server, request, server.answer_once(answer)).await?;
    let answer = answered(outcome)?;
    let twice: Vec<_> = answer.headers().get_all("x-twice").iter().collect();
    same("x-twice", twice, ["one", "two"])?;
    same("x-other", answer.headers().get("x-other").map(|value| value.as_bytes()), Some(b"o"))?;
    same("retry-after", answer.headers().get("retry-after").map(|v| v.as_bytes()), Some(b"3"))
}

pub(super) async fn a_compressed_body_is_left_as_it_is(subject: Subject) -> Seen {
    // Not even gzip: whoever tries to decompress it fails.
    let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 8\r\n\r\nnot gzip";
    let server = Server::start().await?;
    let request = post(&server.url("/"))?;
    let (outcome, _) = subject.meets(&server, request, server.answer_once(answer)).await?;
    let answer = answered(outcome)?;
    same_bytes("the body of the answer", answer.body(), b"not gzip")?;
    let encoding = answer.headers().get("content-encoding").map(|value| value.as_bytes());
    same("content-encoding", encoding, Some(b"gzip"))
}

pub(super) async fn every_status_is_an_answer(subject: Subject) -> Seen {
    for status in [200, 201, 202, 204, 301, 302, 303, 307, 308, 400, 401, 404, 422, 429, 500, 503] {
        let length = if status == 204 { "" } else { "content-length: 0\r\n" };
        let server = Server::start().await?;
        let request = post(&server.url("/"))?;
        let answer = format!("HTTP/1.1 {status} Whatever\r\n{length}\r\n");
        let (outcome, _) = subject.meets(&server, request, server.answer_once(answer)).await?;
        let answer = answered(outcome).map_err(|seen| format!("after {status}: {seen}"))?;
        same("the status", answer.status().as_u16(), status)?;
        same_bytes("the body of the answer", answer.body(), b"")?;
    }
    Ok(())
}
