//! The examples, one small program a crate, each run to its end.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::sandbox::Sandbox;
use crate::{postgres, shell};

/// A program: its crate, its name, features that it needs, and what it is given. URL is a sandbox, FILE a file
/// that there is not, LIST a list of recipients.
struct Example(&'static str, &'static str, &'static str, &'static [&'static str]);

const EXAMPLES: [Example; 13] = [
    Example("bsg-rcs-domain", "rules", "", &[]),
    Example("bsg-rcs-wire", "read_callback", "", &[]),
    Example("bsg-rcs-transport", "own_transport", "conformance", &[]),
    Example("bsg-rcs-transport-reqwest", "bare", "", &["URL", "3", "live_sandbox"]),
    Example("bsg-rcs", "calls", "reqwest", &["URL", "3"]),
    Example("bsg-rcs", "calls", "reqwest", &["URL", "10", "campaigns"]),
    Example("bsg-rcs-webhook", "journal", "serve", &["FILE"]),
    Example("bsg-rcs-store", "prove", "conformance", &[]),
    Example("bsg-rcs-store-sqlite", "settings", "", &["FILE"]),
    Example("bsg-rcs-campaign", "unique", "", &["LIST", "FILE"]),
    Example("bsg-rcs-campaign", "bodies", "", &["LIST", "FILE"]),
    Example("bsg-rcs-sandbox", "hello", "", &[]),
    Example("bsg-rcs-view", "phone", "", &[]),
];

/// Runs them all.
pub(crate) fn run() -> Result<()> {
    let folder = shell::target().join("examples");
    fs::create_dir_all(&folder)?;
    let list = folder.join("people.csv");
    fs::write(&list, "phone\n380661231210\n380661231291\n380661231210\n")?;
    let file = folder.join("file");
    let sandbox = Sandbox::start(&folder)?;
    for Example(package, name, features, words) in EXAMPLES {
        // There is none before the first that writes one.
        let _ = fs::remove_file(&file);
        let mut command = example(package, name, features);
        for word in words {
            match *word {
                "URL" => command.arg(&sandbox.url),
                "FILE" => command.arg(&file),
                "LIST" => command.arg(&list),
                word => command.arg(word),
            };
        }
        command.env("BSG_API_KEY", "live_sandbox");
        shell::output(&mut command).with_context(|| format!("{name} of {package}"))?;
        println!("ok   {package}: {name}");
    }
    let mut with_database = Command::new("sh");
    with_database.current_dir(shell::root()).args(["-c", WITH_DATABASE]);
    postgres::beside(&mut with_database)
}

/// Where there is no PostgreSQL, it says that it is skipped.
const WITH_DATABASE: &str = "if [ -n \"$BSG_RCS_TEST_POSTGRES\" ]; then \
    BSG_RCS_STORE=$BSG_RCS_TEST_POSTGRES cargo run --quiet --package bsg-rcs-store-postgres --example settings; \
    else echo 'skipped: it needs a server'; fi";

fn example(package: &str, name: &str, features: &str) -> Command {
    let mut command = shell::cargo();
    command.args(["run", "--quiet", "--package", package, "--example", name]);
    if !features.is_empty() {
        command.args(["--features", features]);
    }
    command.arg("--");
    command
}
