//! What came of it: a table for people, JSON for programs, and the page of a whole run.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::Result;

use super::Bench;
use super::measure::{Judged, hundredths};
use crate::shell;

/// The page that a whole run writes.
const PAGE: &str = "docs/performance.md";
/// What was tried where something is missed; written by people.
const NOTES: &str = "xtask/src/bench/notes.md";

pub(super) fn write(
    bench: &Bench,
    limits: &[(&'static str, String)],
    found: &[Judged],
    whole: bool,
) -> Result<()> {
    let json = bench.file("bench.json");
    let limits_json: serde_json::Map<String, serde_json::Value> =
        limits.iter().map(|(name, figure)| ((*name).to_owned(), figure.clone().into())).collect();
    let document = serde_json::json!({ "limits": limits_json, "comparisons": found });
    fs::write(&json, serde_json::to_string_pretty(&document)?)?;
    let table = table(found);
    println!("\n{table}\nwritten to {}", json.display());
    if whole {
        let notes = fs::read_to_string(shell::root().join(NOTES))?;
        fs::write(shell::root().join(PAGE), page(limits, &table, &notes)?)?;
        println!("{PAGE} is written anew");
    }
    Ok(())
}

fn table(found: &[Judged]) -> String {
    let mut table = String::from(
        "| comparison | measured | ours | beside | ratio | wanted | noise | verdict |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for one in found {
        let ratio = one.ratio.map(hundredths).unwrap_or_default();
        let verdict = if one.why.is_empty() {
            one.verdict.to_owned()
        } else {
            format!("{}: {}", one.verdict, one.why.replace(['\n', '|'], " "))
        };
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {ratio} | {} | {} % | {verdict} |",
            one.name, one.measured, one.ours, one.theirs, one.wanted, one.noise_percent
        );
    }
    table
}

fn page(limits: &[(&'static str, String)], table: &str, notes: &str) -> Result<String> {
    let date = shell::output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
    let mut page = format!(
        "# Performance\n\n\
         Written by `cargo xtask bench` on {}, on {}. Each figure is a median of runs that took turns with what \
         they are measured against; the noise is how much the medians of their two halves differ, and above 15 % \
         nothing is judged.\n\n## The machine\n\n| limit | measured |\n| --- | --- |\n",
        date.trim(),
        machine()
    );
    for (name, figure) in limits {
        let _ = writeln!(page, "| {name} | {figure} |");
    }
    let _ = write!(page, "\n## The comparisons\n\n{table}\n{notes}");
    Ok(page)
}

/// Its processors, as far as the system tells.
fn machine() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let cores = cpus.lines().filter(|line| line.starts_with("processor")).count();
    format!("{cores} cores of {}", model.map_or("an unknown kind", |(_, name)| name.trim()))
}
