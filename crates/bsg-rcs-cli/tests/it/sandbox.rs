//! The sandbox as a process: its configuration file, and its state file across a SIGKILL.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http;
use crate::program::{Running, program, run};

/// A sandbox in a folder, listening on a free port.
struct Sandbox {
    running: Running,
    address: String,
}

impl Sandbox {
    fn start(folder: &Path, args: &[&str]) -> Self {
        let args = [&["sandbox", "--listen", "127.0.0.1:0"], args].concat();
        let mut running = Running::start(&mut program(folder, &args));
        let line = running.out.until("sandbox listening on ");
        let address = line.strip_prefix("sandbox listening on http://").unwrap().to_owned();
        Self { running, address }
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        let (status, body) = http::call(&self.address, "GET", path, "");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = http::call(&self.address, "POST", path, &body.to_string());
        assert_eq!(status, 200, "{path}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// Calls the platform with a token; status and body.
    fn api(&self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let (body, address) = (body.to_string(), &self.address);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = http::exchange(&self.address, request.as_bytes());
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).expect("an answer has a status").parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    #[track_caller]
    fn log_in(&self, key: &str) -> String {
        let answer = self.post("/api/auth/login", &json!({ "api_key": key }));
        answer["bearer"].as_str().unwrap().to_owned()
    }

    /// What scripts can see of money, messages and campaigns, to the last history and ledger line; not what became of
    /// callbacks, which may come to be known at any moment.
    fn seen(&self) -> [Value; 3] {
        let mut messages = self.get("/sandbox/messages?limit=10000");
        for message in messages["data"].as_array_mut().unwrap() {
            for callback in message["callbacks"].as_array_mut().unwrap() {
                callback.as_object_mut().unwrap().retain(|key, _| key == "at" || key == "status");
            }
        }
        [self.get("/sandbox/state"), messages, self.get("/sandbox/ledger")]
    }
}

/// Answers every callback with 200, for as long as the test runs.
fn acknowledge(listener: TcpListener) {
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                let mut length = 0;
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                    let lower = line.to_ascii_lowercase();
                    if let Some(said) = lower.strip_prefix("content-length:") {
                        length = said.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                // Whoever was killed said only half of it, and hears no answer.
                let _ = reader.read_exact(&mut body);
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _ = reader.get_mut().write_all(answer.as_bytes());
            });
        }
    });
}

fn campaign(count: u64) -> Value {
    let phones: Vec<_> = (0..count)
        .map(|at| {
            json!({ "number": (380_661_231_200 + at).to_string(), "reference_id": format!("r{at}") })
        })
        .collect();
    json!({ "phones": phones, "sender": "mine", "options": { "text": "Hello" } })
}

const WORLD: &str = r#"
speed = 60
[[accounts]]
key = "live_mine"
balance = "0.6"
[[agents]]
name = "mine"
[[prices]]
country = "*"
text = "0.01"
[fates]
rules = [{ number = "*77", fate = "undelivered" }]
"#;

#[test]
fn a_sandbox_that_is_killed_goes_on_where_it_was() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("world.toml"), WORLD).unwrap();
    let args = ["--config", "world.toml", "--state", "here", "--speed", "0"];
    let sandbox = Sandbox::start(folder.path(), &args);
    let token = sandbox.log_in("live_mine");
    // Callbacks come to somebody who does not listen yet.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    sandbox.post("/sandbox/callbacks", &json!({ "key": "live_mine", "url": url }));
    let (status, sent) = sandbox.api("POST", "/api/campaigns/rcs/send", &token, &campaign(99));
    assert_eq!(status, 200, "{sent}");
    let begun = sandbox.get("/sandbox/clock")["now_ms"].as_i64().unwrap();
    // The advance waits for the callbacks, and is cut short.
    let address = sandbox.address.clone();
    let cut_short = thread::spawn(move || {
        let body = r#"{"advance": "20s"}"#;
        let length = body.len();
        let request = format!(
            "POST /sandbox/clock HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    });
    let mut passed = 0;
    while passed < 15_000 {
        passed = sandbox.get("/sandbox/clock")["now_ms"].as_i64().unwrap() - begun;
    }
    let seen = sandbox.seen();
    let campaign = &seen[0]["campaigns"][0];
    assert_eq!((&campaign["status"], &campaign["handed_over"]), (&json!("paused"), &json!(60)));
    sandbox.running.kill();
    assert!(cut_short.join().unwrap().is_empty(), "nobody answered");

    let sandbox = Sandbox::start(folder.path(), &args);
    let again = sandbox.seen();
    for (before, after) in seen.iter().zip(&again) {
        assert_eq!(before, after);
    }
    // A token lives on.
    let (status, balance) = sandbox.api("GET", "/api/accounts/balance", &token, &Value::Null);
    assert_eq!(status, 200, "{balance}");
    // So does what is known of references.
    let (status, refused) = sandbox.api("POST", "/api/campaigns/rcs/send", &token, &{
        let mut other = self::campaign(1);
        other["options"]["text"] = json!("Other words");
        other
    });
    assert_eq!(status, 422, "{refused}");
    // Callbacks are tried again, and time goes on.
    acknowledge(listener);
    let id = campaign["id"].as_u64().unwrap();
    sandbox.post("/sandbox/accounts/live_mine/top-up", &json!({ "amount": "1" }));
    sandbox.post(&format!("/sandbox/campaigns/{id}/resume"), &Value::Null);
    sandbox.post("/sandbox/clock", &json!({ "advance": "100h" }));
    let state = sandbox.get("/sandbox/state");
    assert_eq!(state["campaigns"][0]["status"], "done");
    assert_eq!(state["messages"]["undelivered"], 2, "77 by the file, 93 by the table: {state}");
    let messages = sandbox.get("/sandbox/messages?limit=10000");
    let mut told = 0;
    for message in messages["data"].as_array().unwrap() {
        for callback in message["callbacks"].as_array().unwrap() {
            assert_eq!(callback["delivery"], "acknowledged", "{message}");
            told += 1;
        }
    }
    assert!(told > 100, "{told}");
}

#[test]
fn what_was_answered_is_there_whenever_it_is_killed() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("world.toml"), WORLD).unwrap();
    let args = ["--config", "world.toml", "--state", "here", "--speed", "1000"];
    let mut answered = Vec::new();
    let mut now = 0;
    for round in 0..4_u64 {
        let sandbox = Sandbox::start(folder.path(), &args);
        let token = sandbox.log_in("live_mine");
        let found = sandbox.get("/sandbox/messages?limit=1000");
        let ids: Vec<_> =
            found["data"].as_array().unwrap().iter().map(|m| m["id"].clone()).collect();
        assert_eq!(ids, answered);
        let clock = sandbox.get("/sandbox/clock")["now_ms"].as_i64().unwrap();
        assert!(clock >= now, "time went back from {now} to {clock}");
        for at in 0..=round * 3 {
            let body = json!({
                "phone": { "number": (380_661_231_200 + round * 20 + at).to_string() },
                "sender": "mine",
                "options": { "text": format!("Hello {round}") },
            });
            let (status, sent) = sandbox.api("POST", "/api/messages/rcs/send", &token, &body);
            assert_eq!(status, 200, "{sent}");
            answered.push(sent["data"]["id"].clone());
        }
        now = sandbox.get("/sandbox/clock")["now_ms"].as_i64().unwrap();
        sandbox.running.kill();
    }
}

#[test]
fn a_configuration_with_faults_is_refused_with_all_of_them() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("world.toml");
    std::fs::write(&file, "sped = 60\n[[accounts]]\nkey = \"live_mine\"\nbalance = 1.5\n").unwrap();
    let args = ["sandbox", "--config", "world.toml"];
    let ended = run(&mut program(folder.path(), &args));
    ended.expect(3, "world.toml:1:1: sped: no such key here");
    ended.expect(3, "world.toml:4:11: accounts[0].balance: money is exact");
    let ended = run(&mut program(folder.path(), &["sandbox", "--config", "nowhere.toml"]));
    ended.expect(3, "nowhere.toml cannot be read");
    std::fs::write(&file, [0xff, 0xfe]).unwrap();
    run(&mut program(folder.path(), &args)).expect(3, "world.toml cannot be read");
}

#[test]
fn options_win_over_the_file() {
    let folder = TempDir::new().unwrap();
    let text = "listen = \"127.0.0.1:1\"\nspeed = 60\nstart = 2026-01-05 09:00:00\n";
    std::fs::write(folder.path().join("world.toml"), text).unwrap();
    let sandbox = Sandbox::start(
        folder.path(),
        &["--config", "world.toml", "--speed", "0", "--start", "2026-02-01 00:00:00"],
    );
    let state = sandbox.get("/sandbox/state");
    assert_eq!((&state["virtual"], &state["now"]), (&json!(true), &json!("2026-02-01 00:00:00")));
}

#[test]
fn a_state_file_of_something_else_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let args = ["--state", "here", "--speed", "0"];
    let sandbox = Sandbox::start(folder.path(), &args);
    let second = ["sandbox", "--listen", "127.0.0.1:0", "--state", "here"];
    run(&mut program(folder.path(), &second)).expect(3, "another sandbox uses it");
    sandbox.running.kill();
    let before = std::fs::read(folder.path().join("here")).unwrap();
    let other = [&second[..], &["--seed", "9"]].concat();
    run(&mut program(folder.path(), &other)).expect(3, "it was made with seed 0 and not 9");
    assert_eq!(std::fs::read(folder.path().join("here")).unwrap(), before);
    std::fs::write(folder.path().join("here"), "my diary").unwrap();
    run(&mut program(folder.path(), &second)).expect(3, "it is no state file of a sandbox");
    assert_eq!(std::fs::read(folder.path().join("here")).unwrap(), b"my diary");
}

#[test]
fn who_lets_others_reach_the_sandbox_is_warned() {
    let folder = tempfile::tempdir().unwrap();
    let start = |listen: &str| {
        let args = ["sandbox", "--listen", listen, "--speed", "0"];
        let mut running = Running::start(&mut program(folder.path(), &args));
        running.out.until("sandbox listening on ");
        running
    };
    let mut open = start("0.0.0.0:0");
    open.err.until("WARNING: others on the network reach this sandbox; it protects nothing");
    let mut closed = start("127.0.0.1:0");
    let first = closed.err.until("");
    assert!(first.contains("Ctrl-C stops it"), "no warning: {first}");
}
