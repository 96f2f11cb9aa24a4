//! The program's sandbox in a process of its own, for what is run or measured against it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::shell;

/// A sandbox that runs. Dropped, it is ended.
pub(crate) struct Sandbox {
    running: Child,
    pub(crate) url: String,
}

/// The optimised program, in a folder.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(shell::target().join("release/bsg-rcs"));
    command.current_dir(folder);
    command
}

impl Sandbox {
    /// Starts an optimised one on a free port; time passes as it does outside.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        Self::of(&mut program(folder), "1")
    }

    /// Starts one of this program, whose time passes so many times as fast.
    pub(crate) fn of(program: &mut Command, speed: &str) -> Result<Self> {
        program.args(["sandbox", "--listen", "127.0.0.1:0", "--speed", speed]);
        let mut running = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        let stdout = running.stdout.take().context("it has an output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let url = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        Ok(Self { running, url })
    }

    /// Puts so much into the account: a million messages cost more than it has.
    pub(crate) fn top_up(&self) -> Result<()> {
        let body = r#"{"amount": "100000.0000000"}"#;
        self.post("/sandbox/accounts/live_sandbox/top-up", "", body).map(drop)
    }

    /// Posts a body, and answers what is answered.
    pub(crate) fn post(&self, path: &str, headers: &str, body: &str) -> Result<String> {
        post(self.url.trim_start_matches("http://"), path, headers, body)
    }
}

/// Posts a body to a server.
pub(crate) fn post(address: &str, path: &str, headers: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.lines().next().unwrap_or_default();
    ensure!(status.contains(" 200 ") || status.contains(" 201 "), "{path}: {status}");
    Ok(answer)
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}
