//! The examples, one small program a crate, each run to its end.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::sandbox::Sandbox;
use crate::{postgres, shell};

/// A program, and what it is given. URL is a sandbox, FILE a file that there is not, LIST a list of recipients.
struct Example(&'static str, &'static [&'static str]);

const EXAMPLES: [Example; 13] = [
    Example("rules", &[]),
    Example("read_callback", &[]),
    Example("own_transport", &[]),
    Example("bare", &["URL", "3", "live_sandbox"]),
    Example("calls", &["URL", "3"]),
    Example("calls", &["URL", "10", "campaigns"]),
    Example("journal", &["FILE"]),
    Example("prove", &[]),
    Example("settings", &["FILE"]),
    Example("unique", &["LIST", "FILE"]),
    Example("bodies", &["LIST", "FILE"]),
    Example("hello", &[]),
    Example("phone", &[]),
];

/// Runs them all.
pub(crate) fn run() -> Result<()> {
    let folder = shell::target().join("examples");
    fs::create_dir_all(&folder)?;
    let list = folder.join("people.csv");
    fs::write(&list, "phone\n380661231210\n380661231291\n380661231210\n")?;
    let file = folder.join("file");
    // As the tests build them: in the whole workspace every feature that one needs is on.
    shell::run(shell::cargo().args(["build", "--quiet", "--workspace", "--examples", "--bins"]))?;
    let sandbox = Sandbox::of(&mut Command::new(shell::target().join("debug/bsg-rcs")), "1")?;
    for Example(name, words) in EXAMPLES {
        // There is none before the first that writes one.
        let _ = fs::remove_file(&file);
        let mut command = example(name);
        for word in words {
            match *word {
                "URL" => command.arg(&sandbox.url),
                "FILE" => command.arg(&file),
                "LIST" => command.arg(&list),
                word => command.arg(word),
            };
        }
        command.env("BSG_API_KEY", "live_sandbox");
        shell::output(&mut command).with_context(|| format!("the example {name}"))?;
        println!("ok   {name}");
    }
    // Where there is no PostgreSQL, it says that it is skipped.
    let program = example("shared_settings").get_program().to_owned();
    let mut with_database = Command::new("sh");
    with_database.args(["-c", WITH_DATABASE]).env("EXAMPLE", program);
    postgres::beside(&mut with_database)
}

const WITH_DATABASE: &str = "if [ -n \"$BSG_RCS_TEST_POSTGRES\" ]; then \
    BSG_RCS_STORE=$BSG_RCS_TEST_POSTGRES \"$EXAMPLE\"; else echo 'skipped: it needs a server'; fi";

fn example(name: &str) -> Command {
    Command::new(shell::target().join("debug/examples").join(name))
}
