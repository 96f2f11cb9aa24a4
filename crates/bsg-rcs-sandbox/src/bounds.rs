//! Bounds: what one client, or all of them together, may use up of a sandbox.

use std::time::Duration;

/// What clients may use up. The defaults are generous to well-behaved clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Connections that are open at once. Further ones wait until one of them is closed.
    pub connections: usize,
    /// How long a client may take to say the headers of a request, from the moment at which the connection is free for
    /// it: so this is also how long a kept connection may be idle. Then it is closed.
    pub headers_within: Duration,
    /// How long a client may take to send a body. Then the answer is 408, and the connection is closed.
    pub body_within: Duration,
    /// How many headers a request may have. More are 431.
    pub headers: usize,
    /// How many bytes the headers of a request may have, at least 8192. More are 431.
    pub header_bytes: usize,
    /// How many bytes a body may have. More are 413.
    pub body_bytes: usize,
}

/// Connections that are open at once.
const CONNECTIONS: usize = 1024;
/// How long headers may take, and how long a kept connection may be idle.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
/// How long a body may take.
const BODY_WITHIN: Duration = Duration::from_secs(60);
/// Headers of a request.
const HEADERS: usize = 100;
/// Bytes of headers.
const HEADER_BYTES: usize = 64 * 1024;
/// Bytes of a body: ten times a campaign to 5000 recipients with long references.
const BODY_BYTES: usize = 8 * 1024 * 1024;

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS,
            headers_within: HEADERS_WITHIN,
            body_within: BODY_WITHIN,
            headers: HEADERS,
            header_bytes: HEADER_BYTES,
            body_bytes: BODY_BYTES,
        }
    }
}
