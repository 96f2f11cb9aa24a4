//! A campaign of a million through the real program, optimised: plan and apply, against the sandbox in a process
//! of its own, beside the same of a tenth. What it took grows with the recipients and no faster.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::sandbox::{Sandbox, program};
use crate::shell::{self, Stopwatch};

/// The most memory that either step may take.
const MEMORY_MAX_KIB: u64 = 512 * 1024;
/// Ten times the recipients take so much more time at most, in percent: ten times, and room for a busy machine.
const GROWTH_MAX: u128 = 1500;

/// What one step took.
struct Took {
    time: Duration,
    memory_kib: u64,
}

/// Plans and applies both, and holds the great one against the small one.
pub(crate) fn run() -> Result<()> {
    shell::run(shell::cargo().args(["build", "--release", "--quiet"]))?;
    let folder = std::env::temp_dir().join(format!("bsg-rcs-million-{}", std::process::id()));
    fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
    let measured = measure(&folder);
    fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &Path) -> Result<()> {
    let sandbox = Sandbox::start(folder)?;
    sandbox.top_up()?;
    fs::write(
        folder.join("message.toml"),
        "agent = \"demo_agent\"\ntext = \"Your table is ready.\"\n",
    )?;
    let mut steps = Vec::new();
    println!("recipients  step   time      memory    store, bytes a recipient");
    for count in [100_000, 1_000_000] {
        write_numbers(&folder.join("people.csv"), count)?;
        let store = folder.join(format!("{count}.db"));
        let program = Program { folder, url: &sandbox.url, store: &store };
        let (planned, plan) = program.run(&[
            "campaign",
            "plan",
            "--message",
            "message.toml",
            "--recipients",
            "people.csv",
        ])?;
        let id = plan["campaign"].as_str().context("a plan has an id")?;
        let (applied, report) = program.run(&["campaign", "apply", id])?;
        ensure!(report["accepted"] == count, "{report}");
        let log = folder.join(format!("{count}.db-wal"));
        let length = |path: &Path| fs::metadata(path).map_or(0, |about| about.len());
        let bytes = (length(&store) + length(&log)) / count;
        for (name, took) in [("plan", &planned), ("apply", &applied)] {
            let (millis, mib) = (took.time.as_millis(), took.memory_kib / 1024);
            println!("{count:>10}  {name:5}  {millis:>5} ms  {mib:>4} MiB  {bytes:>4}");
            ensure!(took.memory_kib < MEMORY_MAX_KIB, "{name} of {count} took {mib} MiB");
        }
        steps.push([planned, applied]);
    }
    let [small, great] = steps.as_slice() else { return Ok(()) };
    for (small, great) in small.iter().zip(great) {
        let growth = great.time.as_millis() * 100 / small.time.as_millis().max(1);
        ensure!(growth < GROWTH_MAX, "ten times the recipients took {growth} % of the time");
    }
    Ok(())
}

/// Numbers of the fate that all are delivered: ninety of each hundred.
fn write_numbers(path: &Path, count: u64) -> Result<()> {
    let mut numbers = String::from("phone\n");
    for at in 0..count {
        writeln!(numbers, "{}", 380_500_000_000 + at / 90 * 100 + at % 90)?;
    }
    Ok(fs::write(path, numbers)?)
}

/// The program, where it works.
struct Program<'a> {
    folder: &'a Path,
    url: &'a str,
    store: &'a Path,
}

impl Program<'_> {
    fn run(&self, arguments: &[&str]) -> Result<(Took, Value)> {
        let mut command = program(self.folder);
        command
            .env("BSG_BASE_URL", self.url)
            .env("BSG_API_KEY", "live_sandbox")
            .env("BSG_RCS_STORE", format!("sqlite:{}", self.store.display()))
            .env("RUST_LOG", "bsg_rcs=debug")
            .env("NO_COLOR", "1")
            .args(arguments)
            .args(["--output", "json"]);
        let watch = Stopwatch::start();
        let output = command.output()?;
        let time = watch.passed();
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {said}");
        let peak = said.split("peak_memory_kib=").nth(1).context("it says what memory it took")?;
        let digits: String = peak.chars().take_while(char::is_ascii_digit).collect();
        let took = Took { time, memory_kib: digits.parse()? };
        Ok((took, serde_json::from_slice(&output.stdout)?))
    }
}
