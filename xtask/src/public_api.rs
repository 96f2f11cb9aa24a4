//! The public API of each library crate, as a committed snapshot: a change that users see is seen in
//! review. `cargo semver-checks` can run against the same crates.
//!
//! The snapshots are in `docs/public-api/`, a file a crate. `cargo public-api` writes them, by the
//! nightly compiler.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;

const ADVICE: &str =
    "`rustup toolchain install nightly`, then `cargo install --locked cargo-public-api`";

/// The library crates whose API is promised to grow without breaking.
const CRATES: [&str; 6] = [
    "bsg-rcs",
    "bsg-rcs-domain",
    "bsg-rcs-transport",
    "bsg-rcs-transport-reqwest",
    "bsg-rcs-webhook",
    "bsg-rcs-wire",
];

/// Writes every snapshot anew.
pub(crate) fn write() -> Result<()> {
    shell::output(tool().arg("--version")).context(ADVICE)?;
    for name in CRATES {
        let path = snapshot(name);
        fs::write(&path, listed(name)?).with_context(|| path.display().to_string())?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// Fails if a crate's API is not that of its snapshot. Without the tool nothing is checked.
pub(crate) fn verify() -> Result<()> {
    if shell::output(tool().arg("--version")).is_err() {
        println!("skip the public API: {ADVICE} install what it needs");
        return Ok(());
    }
    let mut changed = Vec::new();
    for name in CRATES {
        let path = snapshot(name);
        let committed = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let listed = listed(name)?;
        changed.extend(differences(&committed, &listed).map(|line| format!("{name}: {line}")));
    }
    if changed.is_empty() {
        return Ok(());
    }
    bail!(
        "the public API changed; if that is meant, `cargo xtask public-api` writes it down:\n{}",
        changed.join("\n")
    )
}

/// The lines that are in one of two listings only.
fn differences<'a>(old: &'a str, new: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let missing = |from: &'a str, of: &'a str, sign: char| {
        let there: std::collections::BTreeSet<&str> = of.lines().collect();
        from.lines()
            .filter(move |line| !there.contains(line))
            .map(move |line| format!("{sign} {line}"))
    };
    missing(old, new, '-').chain(missing(new, old, '+'))
}

/// Every public item of a crate, with all its features, without derived and automatic impls.
fn listed(name: &str) -> Result<String> {
    shell::output(tool().args(["--package", name, "--all-features", "-sss"]))
}

fn snapshot(name: &str) -> PathBuf {
    shell::root().join("docs/public-api").join(format!("{name}.txt"))
}

/// `cargo public-api` by the nightly compiler; the cargo that runs us is of another one.
fn tool() -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(shell::root()).args(["run", "nightly", "cargo", "public-api"]);
    for inherited in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(inherited);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_away_and_what_was_added_is_told() {
        let told: Vec<_> = differences("a\nb\n", "a\nc\n").collect();
        assert_eq!(told, ["- b", "+ c"]);
    }
}
