//! Judges from outside: the vendor's published client, and schemathesis with our own document.
//!
//! They are Python programs in `tests/judges`; `cargo xtask judges` installs what they run on and sets
//! `BSG_RCS_JUDGES` to its folder. Without the variable they are skipped.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a judge says is for people")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bsg_rcs_sandbox::Sandbox;

use crate::client::config;

/// Folder of the virtual environment that has what the judges run on.
const HOME: &str = "BSG_RCS_JUDGES";
/// How long schemathesis goes on.
const SECONDS: &str = "BSG_RCS_JUDGES_SECONDS";
/// What its input depends on; without it, it is the same in every run.
const SEED: &str = "BSG_RCS_JUDGES_SEED";

#[tokio::test(flavor = "multi_thread")]
async fn the_vendors_client_works_unchanged() {
    judge("vendor_client.py", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing() {
    let seconds = std::env::var_os(SECONDS).unwrap_or_else(|| "60".into());
    judge("run_schemathesis.py", &[Some(seconds), std::env::var_os(SEED)]).await;
}

/// Runs a judge against a sandbox of its own.
async fn judge(script: &str, arguments: &[Option<OsString>]) {
    let Some(home) = std::env::var_os(HOME) else {
        eprintln!(
            "{script} skipped: {HOME} names no virtual environment; `cargo xtask judges` makes one"
        );
        return;
    };
    let python = PathBuf::from(home).join("bin/python");
    assert!(python.is_file(), "{HOME}: there is no {}", python.display());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges").join(script);
    let sandbox = Sandbox::start(config()).await.unwrap();
    let mut command = Command::new(&python);
    command.arg(&script).arg(sandbox.url()).args(arguments.iter().flatten()).stdin(Stdio::null());
    // The sandbox is on this machine: no proxy has a way to it.
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    let ended = tokio::task::spawn_blocking(move || command.output());
    let output = ended.await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}\n{complained}", script.display());
    println!("{said}");
}
