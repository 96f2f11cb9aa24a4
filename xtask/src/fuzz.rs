//! Fuzzing: random input for the parsers, grown by what it reaches. The targets are in `fuzz/`, a
//! workspace of its own, because they need the nightly compiler.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;

const ADVICE: &str = "fuzzing needs the nightly compiler and cargo-fuzz: \
                      `rustup toolchain install nightly`, then `cargo install --locked cargo-fuzz`";

/// Runs one target, or each in its turn, for so many seconds. A crash stops them.
pub(crate) fn run(target: Option<&str>, seconds: u64) -> Result<()> {
    shell::output(cargo_fuzz().arg("--version")).context(ADVICE)?;
    let known = targets()?;
    let chosen: Vec<&String> = match target {
        Some(name) => known.iter().filter(|known| *known == name).collect(),
        None => known.iter().collect(),
    };
    if chosen.is_empty() {
        bail!("there is no such target; there are {}", known.join(", "));
    }
    for name in chosen {
        let limit = format!("-max_total_time={seconds}");
        // Long inputs from the start: a minute is too short to wait until they grow.
        let options = [&*limit, "-len_control=0", "-print_final_stats=1"];
        shell::run(cargo_fuzz().args(["run", name, "--"]).args(options))?;
    }
    Ok(())
}

/// The names of the files in `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>> {
    let folder = shell::root().join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        names.extend(entry?.path().file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// `cargo fuzz` by the nightly compiler; the cargo that runs us is of another one.
fn cargo_fuzz() -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(shell::root()).args(["run", "nightly", "cargo", "fuzz"]);
    for inherited in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(inherited);
    }
    command
}
