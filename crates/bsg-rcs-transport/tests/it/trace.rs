//! A trace tells what happened, and no secret.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use bsg_rcs_transport::doubles::Scripted;
use bsg_rcs_transport::http::{Request, StatusCode};
use bsg_rcs_transport::trace::Trace;
use bsg_rcs_transport::{Bytes, FailureKind, Transport, TransportError};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::util::SubscriberInitExt;

const TOKEN: &str = "eyJhbGciOi.token";
const KEY: &str = "api-key-4711";
const NUMBER: &str = "491701234567";

/// Everything that any level of the log says.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the log says of one exchange that carries every secret, and ends like this.
async fn check(script: Scripted) -> String {
    let log = Log::default();
    let writer = log.clone();
    let _guard = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish()
        .set_default();
    let uri = format!(
        "https://user:{KEY}@host.invalid/api/phones/{NUMBER}/x?filter%5Bphone%5D={NUMBER}&key={KEY}"
    );
    let request = Request::post(uri)
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Bytes::from(format!(r#"{{"api_key":"{KEY}","phone":{NUMBER}}}"#)))
        .unwrap();
    let _ = Trace::new(script).exchange(request).await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for secret in [TOKEN, KEY, NUMBER, "70123"] {
        assert!(!text.contains(secret), "{secret} stands in:\n{text}");
    }
    for said in ["POST", "host.invalid", "/api/phones/491*******67/x?filter%5Bphone%5D&key"] {
        assert!(text.contains(said), "{said} is missing in:\n{text}");
    }
    text
}

#[tokio::test]
async fn an_answer_is_told_by_its_status() {
    let body = format!(r#"{{"bearer":"{TOKEN}","phone":{NUMBER}}}"#);
    let text = check(Scripted::new().then_json(StatusCode::BAD_GATEWAY, body)).await;
    assert!(text.contains("status=502"), "{text}");
}

#[tokio::test]
async fn a_failure_is_told_by_its_kind_and_certainty_and_not_by_its_cause() {
    let cause = format!("could not send {NUMBER} with {TOKEN}");
    let error = TransportError::maybe_sent(FailureKind::Timeout, cause);
    let text = check(Scripted::new().then_error(error)).await;
    assert!(text.contains("WARN"), "{text}");
    assert!(text.contains("failure=Timeout") && text.contains("certainty=MaybeSent"), "{text}");
}

#[tokio::test]
async fn what_the_caller_gets_is_what_the_transport_gave() {
    let script = Scripted::new().then_json(StatusCode::OK, "{}");
    let request = Request::get("https://host.invalid/").body(Bytes::new()).unwrap();
    assert_eq!(Trace::new(script).exchange(request).await.unwrap().body(), "{}");
}
