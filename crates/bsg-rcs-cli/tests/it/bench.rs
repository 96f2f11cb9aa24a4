//! A bench of processes: a folder of its own, the program in it, and a sandbox on virtual time.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::http::{get, post};

/// What one run of the program said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The one JSON document on standard output of a run that ended with this code.
    pub(crate) fn json(&self, code: i32) -> Value {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// A program that runs until it is dropped.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// The next line on standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits for a line on standard error that has these words.
    pub(crate) fn wait_for_words(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert_ne!(self.stderr.read_line(&mut line).unwrap(), 0, "never said: {words}");
        }
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        (self.child.wait().unwrap().code(), stdout)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder, a sandbox, and the program pointed at it.
pub(crate) struct Bench {
    folder: TempDir,
    sandbox: Running,
    pub(crate) url: String,
}

/// The bare program in an empty environment, run in `folder`.
pub(crate) fn program(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bsg-rcs"));
    command.env_clear().current_dir(folder);
    command
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = program(folder.path());
        let sandbox = ["sandbox", "--listen", "127.0.0.1:0", "--speed", "0"];
        command.args(sandbox).args(["--start", "2026-01-05 09:00:00"]);
        let mut sandbox = Running::start(&mut command);
        let line = sandbox.line();
        let url = line.strip_prefix("sandbox listening on ").unwrap().to_owned();
        let bench = Self { folder, sandbox, url };
        bench.file("message.toml", "agent = \"demo_agent\"\ntext = \"Your table is ready.\"\n");
        bench
    }

    /// Writes a file; answers its name.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), content).unwrap();
        name.to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with key and platform set.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(self.folder.path());
        command.env("BSG_BASE_URL", &self.url).env("BSG_API_KEY", "live_sandbox").args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().unwrap())
    }

    /// Runs with `--output json`; the document, if it ended with this code.
    pub(crate) fn json(&self, arguments: &[&str], code: i32) -> Value {
        self.run(&[arguments, &["--output", "json"]].concat()).json(code)
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments))
    }

    /// Plans the bench's message to these lines; the campaign's id.
    pub(crate) fn plan(&self, recipients: &str) -> String {
        self.file("people.csv", recipients);
        let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
        self.json(&plan, 0)["campaign"].as_str().unwrap().to_owned()
    }

    /// Starts a webhook receiver and tells the sandbox of it.
    pub(crate) fn webhook(&self) -> (Running, String) {
        let mut webhook = self.start(&["webhook", "--listen", "127.0.0.1:0"]);
        let url = webhook.line();
        let body = format!(r#"{{"key": "live_sandbox", "url": "{url}"}}"#);
        post(&format!("{}/sandbox/callbacks", self.url), &body);
        (webhook, url)
    }

    /// Lets virtual time pass; returns when all callbacks are through.
    pub(crate) fn advance(&self, span: &str) {
        post(&format!("{}/sandbox/clock", self.url), &format!(r#"{{"advance": "{span}"}}"#));
    }

    /// Everything that the sandbox was sent, page by page.
    pub(crate) fn messages(&self) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let at = all.len();
            let page = get(&format!("{}/sandbox/messages?limit=10000&offset={at}", self.url));
            all.extend(page["data"].as_array().unwrap().iter().cloned());
            if all.len() == at {
                assert_eq!(page["total"].as_u64().and_then(|n| usize::try_from(n).ok()), Some(at));
                return all;
            }
        }
    }

    /// The numbers of all messages, in order; one that got two messages stands twice.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let number = |phone: &Value| phone.to_string().trim_matches('"').parse().unwrap();
        let mut numbers: Vec<u64> = self.messages().iter().map(|m| number(&m["phone"])).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Sets a fault script.
    pub(crate) fn faults(&self, script: &str) {
        post(&format!("{}/sandbox/faults", self.url), script);
    }

    /// The sandbox itself.
    pub(crate) fn sandbox_is_up(&mut self) -> bool {
        self.sandbox.child.try_wait().unwrap().is_none()
    }
}

/// An amount with seven decimals as a whole number of ten-millionths.
pub(crate) fn amount(value: &Value) -> i128 {
    let text = value.as_str().unwrap();
    let (whole, fraction) = text.split_once('.').unwrap();
    assert_eq!(fraction.len(), 7, "{text}");
    format!("{whole}{fraction}").parse().unwrap()
}
