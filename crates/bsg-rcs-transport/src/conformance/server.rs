//! A server that says exactly what a law tells it to, byte for byte, in HTTP/1.1 written by hand.
//!
//! It runs beside the exchange, in the same task; what it did not expect it returns as a sentence.

use std::future::pending;
use std::net::SocketAddr;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// An answer without a body, on a connection that stays.
pub(super) const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// A listening socket on a loopback port of the system's choice.
pub(super) struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

/// One accepted connection, and what was read from it beyond the last request.
pub(super) struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// One whole request.
pub(super) struct Arrived {
    /// The request line and the headers.
    pub(super) head: String,
    pub(super) body: Bytes,
}

impl Server {
    pub(super) async fn start() -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(cannot("listen"))?;
        let address = listener.local_addr().map_err(cannot("find its own port"))?;
        Ok(Self { listener, address })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The address of a TLS server, which it is not.
    pub(super) fn tls_url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    pub(super) async fn accept(&self) -> Result<Connection, String> {
        let (stream, _) = self.listener.accept().await.map_err(cannot("accept"))?;
        Ok(Connection { stream, unread: Vec::new() })
    }

    /// The line of the next request that comes whole, on whatever connection.
    pub(super) async fn next_line(&self) -> String {
        loop {
            // A connection on which nothing is asked is no request.
            let Ok(mut connection) = self.accept().await else { return pending().await };
            if let Some(request) = connection.try_request().await {
                return request.line().to_owned();
            }
        }
    }

    /// Accepts one connection, reads one request, answers with these bytes and closes.
    pub(super) async fn answer_once(&self, answer: impl AsRef<[u8]>) -> Result<Arrived, String> {
        let mut connection = self.accept().await?;
        let request = connection.request().await?;
        connection.say(answer).await?;
        Ok(request)
    }
}

impl Connection {
    /// One whole request.
    pub(super) async fn request(&mut self) -> Result<Arrived, String> {
        let closed = "the connection was closed before the request was whole";
        self.try_request().await.ok_or_else(|| closed.to_owned())
    }

    /// One whole request, or nothing when the client closed or reset the connection first.
    pub(super) async fn try_request(&mut self) -> Option<Arrived> {
        let head = self.read_head().await?;
        let body = if is_chunked(&head) {
            self.read_chunks().await?
        } else {
            let length = announced(&head);
            self.read_exactly(length).await?
        };
        Some(Arrived { head, body: body.into() })
    }

    async fn read_head(&mut self) -> Option<String> {
        let end = loop {
            if let Some(end) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            self.read_more().await?;
        };
        let rest = self.unread.split_off(end + 4);
        let head = std::mem::replace(&mut self.unread, rest);
        Some(String::from_utf8_lossy(&head).into_owned())
    }

    async fn read_exactly(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.unread.len() < length {
            self.read_more().await?;
        }
        let rest = self.unread.split_off(length);
        Some(std::mem::replace(&mut self.unread, rest))
    }

    async fn read_chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.read_line().await?;
            let length = line.split(';').next().unwrap_or_default().trim();
            let length = usize::from_str_radix(length, 16).ok()?;
            body.extend(self.read_exactly(length).await?);
            self.read_line().await?;
            if length == 0 {
                return Some(body);
            }
        }
    }

    async fn read_line(&mut self) -> Option<String> {
        while !self.unread.contains(&b'\n') {
            self.read_more().await?;
        }
        let end = self.unread.iter().position(|&byte| byte == b'\n')?;
        let line = self.read_exactly(end + 1).await?;
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    async fn read_more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.unread).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }

    /// The first bytes that come, whatever they are: so many were read of the request.
    pub(super) async fn first_bytes(&mut self) -> usize {
        let _ = self.read_more().await;
        self.unread.len()
    }

    pub(super) async fn say(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), String> {
        self.stream.write_all(bytes.as_ref()).await.map_err(cannot("answer"))
    }

    /// Ends this side only: the client sees the end, and what it sends still arrives.
    pub(super) async fn say_goodbye(&mut self) -> Result<(), String> {
        self.stream.shutdown().await.map_err(cannot("close its side"))
    }

    /// Sends a TCP reset in place of an orderly end.
    pub(super) fn reset(self) -> Result<(), String> {
        self.stream.set_zero_linger().map_err(cannot("reset the connection"))
    }

    /// Waits until the client has closed its side, in order or by a reset, and says how many bytes
    /// came until then.
    pub(super) async fn closed(mut self) -> usize {
        let (mut came, mut rest) = (self.unread.len(), [0; 4096]);
        loop {
            match self.stream.read(&mut rest).await {
                Ok(0) | Err(_) => return came,
                Ok(count) => came += count,
            }
        }
    }
}

impl Arrived {
    /// The method and the target, as in `POST /path`.
    pub(super) fn line(&self) -> &str {
        self.head.split(" HTTP/").next().unwrap_or_default()
    }

    pub(super) fn values(&self, name: &str) -> Vec<&str> {
        values(&self.head, name)
    }
}

fn values<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let named = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.trim()).collect()
}

fn announced(head: &str) -> usize {
    values(head, "content-length").first().and_then(|length| length.parse().ok()).unwrap_or(0)
}

fn is_chunked(head: &str) -> bool {
    values(head, "transfer-encoding").iter().any(|value| value.eq_ignore_ascii_case("chunked"))
}

fn cannot(what: &str) -> impl Fn(std::io::Error) -> String + use<> {
    let what = format!("the server of the kit cannot {what}");
    move |error| format!("{what}: {error}")
}
