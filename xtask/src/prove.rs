//! Proofs that take longer than the gate may: they go on, each time with new random seeds, until the time is
//! spent. A failure stops them at once.

use std::time::Duration;

use anyhow::{Context, Result};
use cargo_metadata::DependencyKind;

use crate::shell::{self, Stopwatch};

/// Cases a property test tries in one round; a gate's run tries 256.
const CASES: u32 = 4096;

/// One proof: its name, and what carries out one round of it.
struct Proof(&'static str, fn() -> Result<()>);

/// Everything that can be proved longer.
const PROOFS: &[Proof] = &[Proof("property tests with more cases", properties)];

/// Goes through the proofs again and again until the time is spent, at least once.
pub(crate) fn run(minutes: u64) -> Result<()> {
    let watch = Stopwatch::start();
    let limit = Duration::from_secs(minutes.saturating_mul(60));
    let mut rounds = 0;
    while rounds == 0 || watch.passed() < limit {
        rounds += 1;
        for Proof(name, carry_out) in PROOFS {
            let round = Stopwatch::start();
            carry_out().with_context(|| format!("round {rounds}: {name}"))?;
            println!("ok   round {rounds}: {name} ({})", round.words());
        }
    }
    println!("nothing was refuted (rounds: {rounds}, {})", watch.words());
    Ok(())
}

/// The tests of every crate that has property tests, with many more cases.
fn properties() -> Result<()> {
    let metadata =
        cargo_metadata::MetadataCommand::new().current_dir(shell::root()).no_deps().exec()?;
    let mut test = shell::cargo();
    test.args(["test", "--quiet", "--all-features", "--lib", "--bins", "--tests"]);
    for package in &metadata.packages {
        let has_properties = package.dependencies.iter().any(|dependency| {
            dependency.name == "proptest" && dependency.kind == DependencyKind::Development
        });
        if has_properties {
            test.args(["--package", package.name.as_str()]);
        }
    }
    shell::run(test.env("PROPTEST_CASES", CASES.to_string()))
}
