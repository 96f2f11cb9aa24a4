//! A stage: a folder, a sandbox whose time passes only when it is told to, and the program between
//! them.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Mutex;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http;
use crate::program::{Ended, Running, program, run};

/// A message that is in order.
pub(crate) const MESSAGE: &str = "agent = \"demo_agent\"\ntext = \"Your table is ready.\"\n";

pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    /// Host and port of the sandbox.
    pub(crate) sandbox: String,
    /// What the program takes for the platform.
    pub(crate) base_url: String,
    /// Where the program keeps everything.
    pub(crate) store: String,
    /// Behind a lock only so that threads can share the stage.
    _running: Mutex<Running>,
}

impl Stage {
    /// A sandbox, and a message in `message.toml`.
    pub(crate) fn new() -> Self {
        Self::of("", &["--speed", "0"])
    }

    /// A sandbox with a configuration and arguments of its own, and the message.
    pub(crate) fn of(config: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("sandbox.toml"), config).unwrap();
        let args = ["sandbox", "--listen", "127.0.0.1:0", "--config", "sandbox.toml"];
        let args = [&args[..], more].concat();
        let mut running = Running::start(&mut program(folder.path(), &args));
        let line = running.out.until("sandbox listening on ");
        let base_url = line.strip_prefix("sandbox listening on ").unwrap().to_owned();
        let sandbox = base_url.strip_prefix("http://").unwrap().to_owned();
        let store = "sqlite:store.db".to_owned();
        let stage = Self { folder, sandbox, base_url, store, _running: Mutex::new(running) };
        stage.file("message.toml", MESSAGE);
        stage
    }

    /// Writes a file into the folder that the program runs in.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }

    /// Writes so many numbers into `people.csv`, of the fate that all are delivered.
    pub(crate) fn people(&self, count: u64) {
        self.file("people.csv", format!("phone\n{}", lines(delivered(count))));
    }

    /// The program with the platform, the key and the store of this stage.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program(self.folder.path(), args);
        command
            .env("BSG_BASE_URL", &self.base_url)
            .env("BSG_API_KEY", "live_sandbox")
            .env("BSG_RCS_STORE", &self.store);
        command
    }

    pub(crate) fn start(&self, args: &[&str]) -> Running {
        Running::start(&mut self.command(args))
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        run(&mut self.command(args))
    }

    /// What a command answers that is to succeed.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let ended = run(self.command(args).args(["--output", "json"]));
        ended.expect(0, "").json()
    }

    /// Plans `message.toml` to `people.csv`; answers the campaign's id.
    #[track_caller]
    pub(crate) fn plan(&self) -> String {
        let plan = self.json(&[
            "campaign",
            "plan",
            "--message",
            "message.toml",
            "--recipients",
            "people.csv",
        ]);
        plan["campaign"].as_str().unwrap().to_owned()
    }

    /// How a campaign stands.
    #[track_caller]
    pub(crate) fn report(&self, id: &str) -> Value {
        self.json(&["campaign", "report", id])
    }

    /// Asks the sandbox.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = http::call(&self.sandbox, "GET", path, "");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Steers the sandbox.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = http::call(&self.sandbox, "POST", path, &body.to_string());
        assert_eq!(status, 200, "{path}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// Lets time pass; returns when every callback of that time is through.
    pub(crate) fn advance(&self, span: &str) {
        self.post("/sandbox/clock", &json!({ "advance": span }));
    }

    /// Starts a webhook receiver and tells the sandbox of it; answers it and its URL.
    pub(crate) fn webhook(&self) -> (Running, String) {
        self.webhook_at("127.0.0.1:0")
    }

    /// The same, at an address of the test's choice.
    pub(crate) fn webhook_at(&self, address: &str) -> (Running, String) {
        let mut webhook = self.start(&["webhook", "--listen", address]);
        let url = webhook.out.until("http://");
        self.post("/sandbox/callbacks", &json!({ "key": "live_sandbox", "url": url }));
        (webhook, url)
    }

    /// How many messages the sandbox has.
    #[track_caller]
    pub(crate) fn total(&self) -> u64 {
        self.get("/sandbox/messages?limit=0")["total"].as_u64().unwrap()
    }

    /// The sandbox's messages, page by page.
    pub(crate) fn messages(&self) -> Vec<Value> {
        let mut messages = Vec::new();
        loop {
            let offset = messages.len();
            let page = self.get(&format!("/sandbox/messages?offset={offset}&limit=10000"));
            messages.extend_from_slice(page["data"].as_array().unwrap());
            if page["total"] == messages.len() {
                return messages;
            }
            assert!(messages.len() > offset, "a page is empty before the end");
        }
    }

    /// Fails unless the sandbox has one RCS message for each of these numbers and for no other.
    #[track_caller]
    pub(crate) fn expect_each_once(&self, numbers: impl IntoIterator<Item = u64>) {
        let messages = self.messages();
        let sent: Vec<u64> = messages
            .iter()
            .filter(|message| message["type"] == "rcs")
            .map(|message| message["phone"].as_str().unwrap().parse().unwrap())
            .collect();
        let once: BTreeSet<u64> = sent.iter().copied().collect();
        assert_eq!(sent.len(), once.len(), "somebody got two messages");
        assert!(once.into_iter().eq(numbers.into_iter().collect::<BTreeSet<_>>()));
    }
}

/// So many numbers that messages are delivered to.
pub(crate) fn delivered(count: u64) -> impl Iterator<Item = u64> {
    // Ninety of each hundred: the endings 91 to 99 have other fates.
    (0..count).map(|at| 380_661_000_000 + at / 90 * 100 + at % 90)
}

/// Numbers, one a line.
pub(crate) fn lines(numbers: impl IntoIterator<Item = u64>) -> String {
    numbers.into_iter().map(|number| format!("{number}\n")).collect()
}
