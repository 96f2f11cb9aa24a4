//! An HTTP client of a few lines, so that the tests owe nothing to the client that they test.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// One exchange; the answer's status and body (null if it is no JSON).
pub(crate) fn exchange(method: &str, url: &str, body: &str) -> (u16, Value) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

/// What a GET answers with 200.
pub(crate) fn get(url: &str) -> Value {
    let (status, body) = exchange("GET", url, "");
    assert_eq!(status, 200, "{url}: {body}");
    body
}

/// What a POST answers with 200.
pub(crate) fn post(url: &str, body: &str) -> Value {
    let (status, answer) = exchange("POST", url, body);
    assert_eq!(status, 200, "{url} {body}: {answer}");
    answer
}
