//! The program as a process: what it is given, what it says, how it ends.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// How long anything may take before a test gives up. No test waits so long when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The program in a folder, with an empty environment and no input.
pub(crate) fn program(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bsg-rcs"));
    command.args(args).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    Running::start(command).end()
}

/// A process that ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Fails unless it ended so, with these words on standard error.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, says: &str) -> &Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(self.stderr.contains(says), "{says:?} is not in {self:#?}");
        self
    }

    /// What standard output holds: exactly one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| panic!("{why}: {self:#?}"))
    }
}

/// A process that runs. Dropped, it is killed.
pub(crate) struct Running {
    child: Child,
    pub(crate) out: Lines,
    pub(crate) err: Lines,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = Lines::of(child.stdout.take().unwrap());
        let err = Lines::of(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    /// Waits until it ends by itself.
    pub(crate) fn end(mut self) -> Ended {
        let (stdout, stderr) = (self.out.all(), self.err.all());
        let code = self.child.wait().unwrap().code();
        Ended { code, stdout, stderr }
    }

    /// Ends it as nothing can be refused: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it ends by itself within this span; if so, it has ended.
    pub(crate) fn ended_within(&mut self, span: Duration) -> bool {
        if !self.out.end_within(span) {
            return false;
        }
        self.child.wait().unwrap();
        true
    }

    /// The memory that it has now, in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Interrupts it, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines that a process says, as they come.
pub(crate) struct Lines {
    coming: Receiver<String>,
    seen: String,
}

impl Lines {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let (sender, coming) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { coming, seen: String::new() }
    }

    /// The next line; `None` if there will be no more.
    fn next(&mut self) -> Option<String> {
        match self.coming.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.seen += &line;
                self.seen.push('\n');
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("silence after {:?}", self.seen),
        }
    }

    /// Waits for a line that holds these words.
    #[track_caller]
    pub(crate) fn until(&mut self, part: &str) -> String {
        while let Some(line) = self.next() {
            if line.contains(part) {
                return line;
            }
        }
        panic!("{part:?} was never said: {:?}", self.seen)
    }

    /// Whether there will be no more lines once this span has passed.
    fn end_within(&mut self, mut span: Duration) -> bool {
        // Each line that comes starts the wait anew, a little shorter: the end is what is waited for.
        loop {
            match self.coming.recv_timeout(span) {
                Ok(line) => self.seen += &line,
                Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
            span /= 2;
        }
    }

    fn all(&mut self) -> String {
        while self.next().is_some() {}
        std::mem::take(&mut self.seen)
    }
}
