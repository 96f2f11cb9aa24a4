//! Load: many connections that are kept, each with one request after the other, and what was
//! answered to each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::stage::Stage;

/// What came of one request: its place in the list, its status (0 if none came), how long it took.
pub(crate) struct Answered {
    pub(crate) place: usize,
    pub(crate) status: u16,
    pub(crate) took: Duration,
}

/// What came of a list of requests, and how long all of it took.
pub(crate) struct Outcome {
    pub(crate) answered: Vec<Answered>,
    pub(crate) took: Duration,
}

impl Outcome {
    /// Requests a second that were answered with 200.
    pub(crate) fn rate(&self) -> u128 {
        let kept = self.answered.iter().filter(|one| one.status == 200).count();
        u128::try_from(kept).unwrap() * 1_000_000 / self.took.as_micros().max(1)
    }

    /// The time within which so many of a thousand were answered.
    pub(crate) fn within(&self, per_mille: usize) -> Duration {
        let mut took: Vec<Duration> = self.answered.iter().map(|one| one.took).collect();
        took.sort_unstable();
        took[(took.len() * per_mille / 1000).min(took.len() - 1)]
    }
}

/// A POST of JSON to an address and path.
pub(crate) fn post(address: &str, path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    head.into_bytes()
}

/// Sends requests over so many connections, each request once, until all are through or `over` is
/// raised. A connection that breaks is made anew; what was under way on it is answered with 0.
pub(crate) async fn send(
    address: &str,
    requests: Arc<Vec<Vec<u8>>>,
    connections: usize,
    over: Arc<AtomicBool>,
) -> Outcome {
    let next = Arc::new(AtomicUsize::new(0));
    // Connected first: a queue of the system's that is too short for all is not what is measured.
    let mut streams = Vec::with_capacity(connections);
    for _ in 0..connections {
        streams.push(TcpStream::connect(address).await.ok());
    }
    let began = now();
    let mut tasks = tokio::task::JoinSet::new();
    for mut stream in streams {
        let (address, requests) = (address.to_owned(), Arc::clone(&requests));
        let (next, over) = (Arc::clone(&next), Arc::clone(&over));
        tasks.spawn(async move {
            let mut answered = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(request) = requests.get(place) else { break };
                let (status, took) = loop {
                    if over.load(Ordering::Relaxed) {
                        break (0, Duration::ZERO);
                    }
                    let connected = match stream.take() {
                        Some(kept) => kept,
                        None => match TcpStream::connect(&address).await {
                            Ok(fresh) => fresh,
                            // Nobody listens just now.
                            Err(_) => {
                                tokio::task::yield_now().await;
                                continue;
                            }
                        },
                    };
                    let mut connected = connected;
                    let began = now();
                    let status = exchange(&mut connected, request).await.unwrap_or(0);
                    if status != 0 {
                        stream = Some(connected);
                    }
                    break (status, began.elapsed());
                };
                answered.push(Answered { place, status, took });
            }
            answered
        });
    }
    let answered = tasks.join_all().await.into_iter().flatten().collect();
    Outcome { answered, took: began.elapsed() }
}

async fn exchange(stream: &mut TcpStream, request: &[u8]) -> Option<u16> {
    stream.write_all(request).await.ok()?;
    let mut head = Vec::with_capacity(256);
    // The answers here have no body.
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    std::str::from_utf8(head.get(9..12)?).ok()?.parse().ok()
}

#[expect(clippy::disallowed_methods, reason = "it measures")]
fn now() -> Instant {
    Instant::now()
}

pub(crate) fn never() -> Arc<AtomicBool> {
    Arc::default()
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A recipient as the platform knows it.
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) phone: String,
    pub(crate) reference: String,
}

impl Known {
    /// The body of a callback that reports this status.
    pub(crate) fn report(&self, status: &str) -> String {
        let Self { id, phone, reference } = self;
        format!(
            r#"{{"error":0,"errorDescription":"No errors","id":"{id}","msisdn":"{phone}","reference":"{reference}","time_in":"2026-01-05 09:00:00","time_sent":"2026-01-05 09:00:01","time_dr":"2026-01-05 09:00:09","status":"{status}","price":"0.0100000","currency":"EUR"}}"#
        )
    }
}

/// Sends a campaign of so many; answers its id and the recipients, in the order of their indices.
pub(crate) fn accepted(stage: &Stage, count: u64) -> (String, Vec<Known>) {
    stage.people(count);
    let id = stage.plan();
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    let known = stage.messages().into_iter().map(|message| {
        let text = |name: &str| message[name].as_str().unwrap().to_owned();
        let id = message["id"].as_str().map_or_else(|| message["id"].to_string(), str::to_owned);
        Known { id, phone: text("phone"), reference: text("reference") }
    });
    let mut known: Vec<Known> = known.collect();
    known.sort_by_key(|one| one.phone.parse::<u64>().unwrap());
    (id, known)
}
