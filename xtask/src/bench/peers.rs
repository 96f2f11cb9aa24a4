//! Programs of others, from their public packages, and the work they do.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Bench;
use crate::{python, shell};

/// What the peers in Python run on.
const REQUIREMENTS: &str = "xtask/src/bench/requirements.txt";
/// A mock server that answers from an OpenAPI document.
const PRISM: &str = "@stoplight/prism-cli@5.16.0";

/// polars: the first of each number, in the order of the file, by all threads.
pub(super) const UNIQUE: &str = r#"
import polars, sys
table = polars.read_csv(sys.argv[1], columns=["phone"], schema_overrides={"phone": polars.Int64})
table.unique(subset="phone", keep="first", maintain_order=True).write_csv(sys.argv[2], include_header=False)
"#;

/// The vendor's client: the same campaigns built from its models, checked as it checks, and written as its client
/// writes them.
pub(super) const BODIES: &str = r#"
import csv, json, sys
import bsg_api
with open(sys.argv[1], newline="") as file:
    numbers = list(dict.fromkeys(row["phone"] for row in csv.DictReader(file)))
with open(sys.argv[2], "w") as out:
    for first in range(0, len(numbers), 5000):
        phones = [
            bsg_api.Phone(number=number, reference_id=f"bench{first + at:027}")
            for at, number in enumerate(numbers[first:first + 5000])
        ]
        body = bsg_api.SendRcsCampaign(
            phones=phones, sender="demo_agent",
            options=bsg_api.Options(bsg_api.Text(text="Your table is ready.")),
        )
        out.write(json.dumps(bsg_api.ApiClient().sanitize_for_serialization(body)) + "\n")
"#;

/// The interpreter that has the peers in Python.
pub(super) fn interpreter(bench: &Bench) -> Result<PathBuf> {
    let home = bench.file("python");
    python::install(&home, REQUIREMENTS)?;
    Ok(home.join("bin/python"))
}

/// A command that runs one of the scripts above.
pub(super) fn script(interpreter: &PathBuf, text: &str) -> Command {
    let mut command = Command::new(interpreter);
    command.args(["-c", text]);
    command
}

/// Prism, installed; the path of its program.
pub(super) fn prism(bench: &Bench) -> Result<PathBuf> {
    let home = bench.file("prism");
    let program = home.join("node_modules/.bin/prism");
    if !program.is_file() {
        fs::create_dir_all(&home)?;
        let mut install = Command::new("npm");
        install.args(["install", "--silent", "--no-fund", "--no-audit", PRISM]).current_dir(&home);
        shell::run(&mut install).context("Prism comes by npm: `apt-get install npm` on Debian")?;
    }
    ensure!(program.is_file(), "npm did not install Prism");
    Ok(program)
}
