//! A tape keeps what was said, hides who it was said to, and answers in the server's place.

use std::error::Error;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use bsg_rcs_transport::doubles::Scripted;
use bsg_rcs_transport::http::{Request, Response, StatusCode};
use bsg_rcs_transport::tape::{Record, Replay};
use bsg_rcs_transport::{Bytes, Certainty, FailureKind, Transport, TransportError};
use proptest::prelude::*;

type Outcome = Result<Response<Bytes>, TransportError>;

/// A file in memory.
#[derive(Clone, Default)]
struct File(Arc<Mutex<Vec<u8>>>);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl File {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn request(method: &str, target: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri(format!("https://host.invalid{target}"))
        .header("authorization", "Bearer opensesame")
        .header("content-type", "application/json")
        .header("x-own", "hidden")
        .body(body.into())
        .unwrap()
}

fn json(body: &str) -> Outcome {
    Ok(Response::builder()
        .header("content-type", "application/json")
        .header("set-cookie", "hidden")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap())
}

/// The tape of these exchanges.
async fn recorded(exchanges: impl IntoIterator<Item = (Request<Bytes>, Outcome)>) -> String {
    let file = File::default();
    let script = Arc::new(Scripted::new());
    let transport = Record::new(Arc::clone(&script), file.clone());
    for (request, outcome) in exchanges {
        script.push(outcome);
        let _ = transport.exchange(request).await;
    }
    transport.finish().unwrap();
    file.text()
}

/// One exchange stands on the tape like this.
async fn check(request: Request<Bytes>, outcome: Outcome, line: &str) {
    assert_eq!(recorded([(request, outcome)]).await, format!("{line}\n"));
}

#[tokio::test]
async fn a_login_is_kept_without_its_key_and_its_token() {
    check(
        request("POST", "/api/auth/login", r#"{"api_key": "k-1"}"#),
        json(r#"{"bearer": "eyJ0"}"#),
        concat!(
            r#"{"request":{"method":"POST","target":"/api/auth/login","#,
            r#""headers":{"content-type":"application/json"},"#,
            r#""body":{"json":{"api_key":"[secret]"}}},"#,
            r#""answer":{"status":200,"headers":{"content-type":"application/json"},"#,
            r#""body":{"json":{"bearer":"[secret]"}}}}"#
        ),
    )
    .await;
}

#[tokio::test]
async fn numbers_are_pseudonyms_on_both_sides_and_ids_and_money_stay() {
    check(
        request(
            "POST",
            "/api/x/491701234568?filter[phone]=491701234567&page[limit]=30",
            r#"{"phones":[{"number":"491701234567"}]}"#,
        ),
        json(
            r#"{"id":4419393338,"phone":491701234568,"price":0.01756960,"note":"to 491701234567"}"#,
        ),
        concat!(
            r#"{"request":{"method":"POST","#,
            r#""target":"/api/x/999000000002?filter[phone]=999000000001&page[limit]=30","#,
            r#""headers":{"content-type":"application/json"},"#,
            r#""body":{"json":{"phones":[{"number":"999000000001"}]}}},"#,
            r#""answer":{"status":200,"headers":{"content-type":"application/json"},"#,
            r#""body":{"json":{"id":4419393338,"phone":999000000002,"price":0.01756960,"#,
            r#""note":"to 999000000001"}}}}"#
        ),
    )
    .await;
}

#[tokio::test]
async fn a_failure_is_kept_with_its_kind_and_certainty_and_replayed() {
    let error = TransportError::maybe_sent(FailureKind::TooLarge, "from opensesame");
    let tape = recorded([(request("GET", "/a", ""), Err(error))]).await;
    assert!(tape.contains(r#""failure":{"kind":"too_large","certainty":"maybe_sent"}"#), "{tape}");
    assert!(!tape.contains("opensesame"), "{tape}");

    let replay = Replay::read(tape.as_bytes()).unwrap();
    let error = replay.exchange(request("GET", "/a", "")).await.unwrap_err();
    assert_eq!((error.certainty(), error.kind()), (Certainty::MaybeSent, FailureKind::TooLarge));
}

#[tokio::test]
async fn bodies_that_are_no_json_come_back_byte_by_byte() {
    for body in [&b"plain \"text\"\n"[..], b"\xff\x00\x01", b"", b"{broken", b"null"] {
        let answer = Ok(Response::new(Bytes::from_static(body)));
        let tape = recorded([(request("POST", "/a", body), answer)]).await;
        let replay = Replay::read(tape.as_bytes()).unwrap();
        let answer = replay.exchange(request("POST", "/a", body)).await.unwrap();
        assert_eq!(answer.body(), body);
    }
}

#[tokio::test]
async fn a_replay_answers_each_exchange_once_and_in_order() {
    let ask = || request("GET", "/a", "");
    let tape = recorded([
        (ask(), json(r#"{"n":1}"#)),
        (request("GET", "/b", ""), json(r#"{"n":2}"#)),
        (ask(), json(r#"{"n":3}"#)),
    ])
    .await;
    let replay = Replay::read(tape.as_bytes()).unwrap();
    assert_eq!(replay.exchange(ask()).await.unwrap().body(), r#"{"n":1}"#);
    assert_eq!(replay.exchange(ask()).await.unwrap().body(), r#"{"n":3}"#);
    assert_eq!(replay.remaining(), 1);
    let answer = replay.exchange(request("GET", "/b", "")).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn what_is_not_on_the_tape_was_not_sent_and_is_named_without_secrets() {
    let tape = recorded([(request("GET", "/a", ""), json("{}"))]).await;
    let replay = Replay::read(tape.as_bytes()).unwrap();
    let target = "/b?token=opensesame&filter[phone]=491701234567";
    let error = replay.exchange(request("GET", target, "")).await.unwrap_err();
    assert_eq!(error.certainty(), Certainty::NotSent);
    assert_eq!(
        error.source().unwrap().to_string(),
        "the tape has no such exchange among the 1 that are left of 1: \
         GET /b?token=[secret]&filter[phone]=999000000001"
    );
}

#[tokio::test]
async fn the_order_of_fields_does_not_matter_and_drawn_ones_can_be_ignored() {
    let send = |reference: &str| {
        let body = format!(r#"{{"reference_id":"{reference}","phone":491701234567}}"#);
        request("POST", "/send", body)
    };
    let tape = recorded([(send("aaaa"), json("{}")), (send("bbbb"), json("{}"))]).await;
    let replay = Replay::read(tape.as_bytes()).unwrap();
    replay.exchange(send("cccc")).await.unwrap_err();
    let turned = r#"{ "phone": 491701234567, "reference_id": "bbbb" }"#;
    replay.exchange(request("POST", "/send", turned)).await.unwrap();

    let replay = Replay::read(tape.as_bytes()).unwrap().ignoring("reference_id");
    replay.exchange(send("cccc")).await.unwrap();
}

#[tokio::test]
async fn the_caller_reads_its_own_numbers_and_the_pseudonyms_of_others() {
    let lookup = |number: &str| request("POST", "/lookup", format!(r#"{{"phone":"{number}"}}"#));
    let others = r#"{"phones":["491701234567","491709999999"]}"#;
    let tape =
        recorded([(lookup("491701234567"), json(others)), (lookup("491709999999"), json("{}"))])
            .await;
    let replay = Replay::read(tape.as_bytes()).unwrap();
    let answer = replay.exchange(lookup("491701234567")).await.unwrap();
    assert_eq!(answer.body(), r#"{"phones":["491701234567","999000000002"]}"#);
    // Asked for the number that it was given.
    replay.exchange(lookup("999000000002")).await.unwrap();
}

#[test]
fn a_line_that_is_no_exchange_is_named() {
    let error = Replay::read(&b"\n\n{\"request\":7}\n"[..]).unwrap_err();
    assert_eq!(error.to_string(), "line 3 of the tape cannot be read");
}

/// Takes so many lines, and then no more.
struct FullDisk(usize);

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| io::Error::other("the disk is full"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_full_disk_disturbs_no_exchange_and_is_told_at_the_end() {
    let script = Scripted::new().then_json(StatusCode::OK, "1").then_json(StatusCode::OK, "2");
    let transport = Record::new(script, FullDisk(1));
    transport.exchange(request("GET", "/", "")).await.unwrap();
    assert!(transport.finish().is_ok());
    transport.exchange(request("GET", "/", "")).await.unwrap();
    assert_eq!(transport.finish().unwrap_err().to_string(), "the disk is full");
}

/// Numbers of people, none of which looks like a pseudonym.
fn number() -> impl Strategy<Value = String> {
    "[1-8][0-9]{8,14}"
}

proptest! {
    /// Whatever numbers and secrets go over the line, none is on the tape, and a caller that says
    /// the same again gets the same answers.
    #[test]
    fn a_replay_is_the_recording_and_the_tape_tells_nobody(
        exchanges in prop::collection::vec((number(), number(), "[A-Za-z]{12,40}"), 1..6),
    ) {
        let exchange = |(to, of, token): &(String, String, String)| {
            let body = format!(r#"{{"phones":[{to},"{of}"],"api_key":"{token}","note":"{token}"}}"#);
            let target = format!("/p/{to}?search%5Bvalue%5D={of}&page%5Blimit%5D=30");
            let answer = format!(r#"{{"phone":{of},"note":"{to}","amount":-1.10}}"#);
            (request("POST", &target, body), json(&answer), answer)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let said = exchanges.iter().map(exchange).map(|(ask, answer, _)| (ask, answer));
            let tape = recorded(said).await;
            for (to, of, token) in &exchanges {
                for secret in [to, of, token, "opensesame", "hidden"] {
                    assert!(!tape.contains(secret), "{secret} stands on\n{tape}");
                }
            }
            let replay = Replay::read(tape.as_bytes()).unwrap();
            for (ask, _, answer) in exchanges.iter().map(exchange) {
                assert_eq!(replay.exchange(ask).await.unwrap().body(), &answer);
            }
            assert_eq!(replay.remaining(), 0);
        });
    }
}
