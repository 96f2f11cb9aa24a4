//! A second process: this very test binary, told to run one of its ignored tests, which then plays
//! a part until it is killed. It speaks one line at a time.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Tells the child which store to open. Without it, a part is not played.
const STORE: &str = "BSG_RCS_TEST_STORE";
/// Sets a child's lines apart from those of the test harness around it.
const MARK: &str = "child says ";

/// A process that plays a part.
pub(crate) struct Player {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Player {
    /// Starts the ignored test of this name on a store.
    pub(crate) fn start(part: &str, store: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", part])
            .env(STORE, store)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// What it says next; `None` once it is dead.
    pub(crate) fn next_word(&mut self) -> Option<String> {
        let mut lines = self.lines.by_ref().map(Result::unwrap);
        lines.find_map(|line| line.split_once(MARK).map(|(_, word)| word.to_owned()))
    }

    /// Ends it as `kill -9` does, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// In the child: the store to play with; `None` if someone runs the part as a test.
pub(crate) fn part() -> Option<PathBuf> {
    std::env::var_os(STORE).map(PathBuf::from)
}

/// In the child: says a word, in one piece.
pub(crate) fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{MARK}{word}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// In the child: waits for its end.
pub(crate) fn wait_to_be_killed() -> ! {
    loop {
        std::thread::park();
    }
}
