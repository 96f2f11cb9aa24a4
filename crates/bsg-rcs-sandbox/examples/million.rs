//! How much one sandbox carries: campaigns over real sockets, walked to their ends on virtual time, measured.
//!
//! ```text
//! cargo run --release -p bsg-rcs-sandbox --example million -- 1000000 200
//! ```
//!
//! The messages are spread evenly over the campaigns, each recipient with a reference, each campaign with an SMS to
//! fall back to. No callback URL is set, so nothing is posted. What it prints is one JSON object.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use bsg_rcs_domain::{Amount, CivilDateTime};
use bsg_rcs_sandbox::{Sandbox, SandboxConfig, Speed};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::task::JoinSet;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Requests that are on their way at once.
const AT_ONCE: u64 = 2;
/// Longer than any validity and any step.
const ENOUGH: &str = "100h";
/// What the account has at the start: enough for all.
const START: Amount = Amount::from_ten_millionths(1_000_000 * 10_000_000);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let messages = arguments.next().transpose()?.unwrap_or(100_000);
    let campaigns = arguments.next().transpose()?.unwrap_or(20).max(1);
    let report = measure(messages, campaigns).await?;
    #[expect(clippy::print_stdout, reason = "this is what it is run for")]
    {
        println!("{report:#}");
    }
    Ok(())
}

async fn measure(messages: u64, campaigns: u64) -> Result<Value, Failure> {
    let mut config = SandboxConfig { speed: Speed::VIRTUAL, ..SandboxConfig::default() };
    config.start = CivilDateTime::parse("2026-01-05 09:00:00")?;
    config.world.accounts[0].balance = START;
    let sandbox = Sandbox::start(config).await?;
    let caller = Caller::log_in(&sandbox).await?;
    let before = memory("VmRSS")?;

    let begun = now();
    let mut lanes = JoinSet::new();
    for lane in 0..AT_ONCE {
        let caller = caller.clone();
        lanes.spawn(async move { caller.send_every(lane, messages, campaigns).await });
    }
    while let Some(lane) = lanes.join_next().await {
        lane??;
    }
    let intake = begun.elapsed();
    let taken = memory("VmRSS")?;

    let begun = now();
    caller.post("/sandbox/clock", &json!({ "advance": ENOUGH })).await?;
    let walking = begun.elapsed();

    let begun = now();
    let state = caller.get("/sandbox/state").await?;
    let looked = begun.elapsed();
    let last_page =
        format!("/api/messages?page[limit]=500&page[offset]={}", messages.saturating_sub(500));
    let begun = now();
    let page = caller.get(&last_page).await?;
    let paged = begun.elapsed();

    let counts = state["messages"].as_object().ok_or("no counts")?;
    let all: u64 = counts.values().filter_map(Value::as_u64).sum();
    let account = &state["accounts"][0];
    let amount = |name: &str| -> Result<Amount, Failure> {
        Ok(Amount::parse(account[name].as_str().unwrap_or_default())?.amount)
    };
    let (balance, charged, reserved) =
        (amount("balance")?, amount("charged")?, amount("reserved")?);
    let held = balance.checked_add(charged) == Some(START) && reserved == Amount::ZERO;
    if !held {
        return Err(format!("the books do not balance: {account}").into());
    }
    if page["data"].as_array().map(Vec::len) != Some(500) {
        return Err("the last page is not full".into());
    }
    let peak = memory("VmHWM")?;
    let report = json!({
        "messages": messages,
        "campaigns": campaigns,
        "messages_with_fallback_sms": all,
        "by_status": counts,
        "intake_ms": millis(intake),
        "walking_ms": millis(walking),
        "state_ms": millis(looked),
        "last_page_ms": millis(paged),
        "rss_at_start_kib": before,
        "rss_after_intake_kib": taken,
        "rss_peak_kib": peak,
        "bytes_a_message": peak.saturating_sub(before) * 1024 / messages.max(1),
        "balance": balance.to_string(),
        "charged": charged.to_string(),
        "balance_and_charged_are_the_start": held,
    });
    sandbox.stop().await;
    Ok(report)
}

/// A client that is logged in.
#[derive(Clone)]
struct Caller {
    http: Client<HttpConnector, Full<Bytes>>,
    url: String,
    token: String,
}

impl Caller {
    async fn log_in(sandbox: &Sandbox) -> Result<Self, Failure> {
        let http = Client::builder(TokioExecutor::new()).build_http();
        let mut caller = Self { http, url: sandbox.url(), token: String::new() };
        let login = json!({ "api_key": "live_sandbox" });
        let answer = caller.post("/api/auth/login", &login).await?;
        caller.token = answer["bearer"].as_str().ok_or("no token")?.to_owned();
        Ok(caller)
    }

    /// Sends every campaign of a lane.
    async fn send_every(&self, lane: u64, messages: u64, campaigns: u64) -> Result<(), Failure> {
        for campaign in (0..campaigns).filter(|campaign| campaign % AT_ONCE == lane) {
            let (from, to) =
                (messages * campaign / campaigns, messages * (campaign + 1) / campaigns);
            let answer = self.call(Method::POST, "/api/campaigns/rcs/send", body(from, to)).await?;
            if answer["data"]["status"] != "moderation" {
                return Err(format!("the campaign was not taken: {answer}").into());
            }
        }
        Ok(())
    }

    async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, Bytes::new()).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call(Method::POST, path, body.to_string().into()).await
    }

    async fn call(&self, method: Method, path: &str, body: Bytes) -> Result<Value, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.token))
            .body(Full::new(body))?;
        let answer = self.http.request(request).await?;
        let status = answer.status();
        let bytes = answer.into_body().collect().await?.to_bytes();
        if status != StatusCode::OK {
            return Err(format!("{path}: {status}: {}", String::from_utf8_lossy(&bytes)).into());
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// A campaign to the recipients from one serial number to another.
fn body(from: u64, to: u64) -> Bytes {
    let mut body =
        String::from(r#"{"sender":"demo_agent","options":{"text":"Your table is ready."},"#);
    body.push_str(
        r#""alternative_channel":{"sms":{"text":"Your table is ready.","sender":"Bistro"}},"#,
    );
    body.push_str(r#""phones":["#);
    for serial in from..to {
        let comma = if serial == from { "" } else { "," };
        let number = 380_500_000_000 + serial;
        let _ = write!(body, r#"{comma}{{"number":"{number}","reference_id":"guest{serial}"}}"#);
    }
    body.push_str("]}");
    body.into()
}

/// A line of what the system says of this process, in KiB.
fn memory(name: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next()).ok_or("no such line")?;
    Ok(number.parse()?)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[expect(clippy::disallowed_methods, reason = "this measures")]
fn now() -> Instant {
    Instant::now()
}
