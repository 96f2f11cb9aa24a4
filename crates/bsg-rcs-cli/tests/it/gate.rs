//! A gate between the program and the sandbox. It lets everything through, but holds each campaign
//! send, before the sandbox sees it or before its answer goes back, until the test says go on.
//!
//! The sandbox's fault scripts can delay a request; only a gate can tell that it is there.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use crate::http;
use crate::program::PATIENCE;

/// Where sends are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// The request arrived; the sandbox has not seen it.
    Request,
    /// The sandbox carried it out; the answer waits.
    Answer,
}

pub(crate) struct Gate {
    pub(crate) url: String,
    held: Receiver<Held>,
}

/// A send that is held; dropped, it goes on.
pub(crate) struct Held {
    _until_dropped: Sender<()>,
}

impl Gate {
    /// Opens a gate before the sandbox at this address.
    pub(crate) fn before(sandbox: &str, at: At) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, held) = mpsc::channel();
        let sandbox = sandbox.to_owned();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (sandbox, tell) = (sandbox.clone(), tell.clone());
                thread::spawn(move || pass(stream.unwrap(), &sandbox, at, &tell));
            }
        });
        Self { url, held }
    }

    /// Waits for the next send.
    pub(crate) fn next(&self) -> Held {
        self.held.recv_timeout(PATIENCE).expect("a send comes")
    }
}

/// Passes one exchange on, and its connection ends.
fn pass(mut stream: TcpStream, sandbox: &str, at: At, tell: &Sender<Held>) {
    let Some((is_send, request)) = read_request(&stream) else { return };
    if is_send && at == At::Request {
        hold(tell);
    }
    let answer = http::exchange(sandbox, &request);
    if is_send && at == At::Answer {
        hold(tell);
    }
    // The program may be gone: that is what some tests are about.
    let _ = stream.write_all(&answer);
}

fn hold(tell: &Sender<Held>) {
    let (release, released) = mpsc::channel::<()>();
    // Without a test that listens, nothing is held.
    if tell.send(Held { _until_dropped: release }).is_ok() {
        let _ = released.recv();
    }
}

/// Reads a request; says whether it sends a campaign, and the request with the wish that the
/// connection be closed after it.
fn read_request(stream: &TcpStream) -> Option<(bool, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let is_send = first.starts_with("POST /api/campaigns/rcs/send ");
    let mut request = format!("{first}Connection: close\r\n").into_bytes();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        request.extend_from_slice(line.as_bytes());
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    reader.take(length).read_to_end(&mut request).ok()?;
    Some((is_send, request))
}
