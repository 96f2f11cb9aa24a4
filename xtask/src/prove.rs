//! Proofs that take longer than the gate may: they go on, each time with new random seeds, until the time is
//! spent. A failure stops them at once.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cargo_metadata::DependencyKind;

use crate::shell::{self, Stopwatch};
use crate::{alone, bench, callbacks, judges, million, simulate, storm};

/// Cases a property test tries in one round; a gate's run tries 256.
const CASES: u32 = 4096;

/// Seeds that are simulated in one round.
const SEEDS: u64 = 20_000;

/// One proof: its name, and what carries out one round of it.
struct Proof(&'static str, fn() -> Result<()>);

/// Everything that can be proved longer.
const PROOFS: &[Proof] = &[
    Proof("each crate by itself, feature by feature", alone::run),
    Proof("property tests with more cases", properties),
    Proof("a demo of 20,000 recipients", large_demo),
    Proof("a million messages in the sandbox", million_messages),
    Proof("simulated campaigns", simulated),
    Proof("the PostgreSQL store, whose server dies", storm::database),
    Proof("a campaign of a million", million::run),
    Proof("storms of kills", storms),
    Proof("callbacks in great numbers", callbacks::run),
    Proof("the sandbox before its judges", judged),
    Proof("comparisons, in a hurry", compared),
];

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

fn compared() -> Result<()> {
    bench::run(&[], true)
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

/// Seeds that no round had before, unless by chance.
fn simulated() -> Result<()> {
    let anywhere = RandomState::new().build_hasher().finish() >> 8;
    simulate::run(SEEDS, anywhere)
}

/// Fifty thousand recipients and a hundred kills over each store, another way each time.
fn storms() -> Result<()> {
    storm::run(50_000, 100, RandomState::new().build_hasher().finish() >> 8)
}

/// A million messages in 200 campaigns are taken and walked to their ends within a minute and a gibibyte.
fn million_messages() -> Result<()> {
    let example = ["run", "--release", "--quiet", "--package=bsg-rcs-sandbox", "--example=million"];
    let said = shell::output(shell::cargo().args(example).args(["--", "1000000", "200"]))?;
    let figures: serde_json::Value = serde_json::from_str(&said).context("the figures")?;
    let figure = |name: &str| figures[name].as_u64().with_context(|| format!("{name}: {figures}"));
    let (millis, kib) = (figure("intake_ms")? + figure("walking_ms")?, figure("rss_peak_kib")?);
    ensure!(millis < 60_000 && kib < 1 << 20, "{figures}");
    println!("     a million messages: {millis} ms, {kib} KiB");
    Ok(())
}

/// Ten minutes of requests that no round had before.
fn judged() -> Result<()> {
    judges::run(600, Some(RandomState::new().build_hasher().finish() >> 32))
}

/// Four batches of 5000 through the real program, optimised: everyone once, nothing paid but what was delivered.
fn large_demo() -> Result<()> {
    let demo =
        ["run", "--release", "--quiet", "--", "demo", "--count", "20000", "--output", "json"];
    let said = shell::output(shell::cargo().args(demo))?;
    let journey: serde_json::Value = serde_json::from_str(&said).context("the demo's JSON")?;
    let (plan, report) = (&journey["plan"], &journey["report"]);
    ensure!(plan["batches"] == 4 && plan["recipients"] == 20_000, "the plan is {plan}");
    ensure!(report["accepted"] == 20_000 && report["state"] == "done", "the report is {report}");
    let amount = |value: &serde_json::Value| -> Result<i128> {
        let text = value.as_str().context("an amount is text")?;
        Ok(text.replace('.', "").parse()?)
    };
    let spent = amount(&journey["balance_before"])? - amount(&journey["balance_after"])?;
    ensure!(
        spent == amount(&report["billed"])?,
        "{spent} ten-millionths left the balance: {report}"
    );
    Ok(())
}
