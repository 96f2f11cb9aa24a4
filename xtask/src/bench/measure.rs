//! What a run takes, and runs of two programs in turn.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use serde::Serialize;

use crate::shell::Stopwatch;

/// Two halves of the runs of one program may differ by so much, in percent; else nothing is judged.
const NOISE_MAX: u64 = 15;
/// How often a process is asked for its memory.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What one run took.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Cost {
    pub(super) wall_us: u64,
    /// Of the process, user and system.
    pub(super) cpu_us: u64,
    /// The most memory it had at once.
    pub(super) memory_kib: u64,
}

/// Runs a program to its end; what it said is thrown away unless it fails.
pub(super) fn run(command: &mut Command) -> Result<Cost> {
    let before = children_cpu()?;
    let watch = Stopwatch::start();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut memory_kib = 0;
    let status = loop {
        // Of short runs the system tells nothing here: they end before they are asked.
        memory_kib = memory_kib.max(peak_memory(&status_file));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        pause(if watch.passed() < LOOK_EVERY * 10 {
            Duration::from_micros(200)
        } else {
            LOOK_EVERY
        });
    };
    let wall_us = micros(watch.passed());
    if !status.success() {
        let mut why = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().context("its errors")?, &mut why)?;
        bail!("{command:?} failed: {why}");
    }
    Ok(Cost { wall_us, cpu_us: micros(children_cpu()?.saturating_sub(before)), memory_kib })
}

#[expect(clippy::disallowed_methods, reason = "a process is looked at from time to time")]
fn pause(how_long: Duration) {
    std::thread::sleep(how_long);
}

fn children_cpu() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let of = |time: nix::sys::time::TimeVal| -> Result<Duration> {
        let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
        Ok(Duration::from_micros(u64::try_from(micros)?))
    };
    Ok(of(usage.user_time())? + of(usage.system_time())?)
}

fn peak_memory(status: &str) -> u64 {
    let status = fs::read_to_string(status).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The runs of two programs.
pub(super) struct Pairs {
    pub(super) ours: Vec<Cost>,
    pub(super) theirs: Vec<Cost>,
}

/// Runs both in turn, after a run of each that does not count.
pub(super) fn pairs(
    count: usize,
    mut ours: impl FnMut() -> Result<Cost>,
    mut theirs: impl FnMut() -> Result<Cost>,
) -> Result<Pairs> {
    ours()?;
    theirs()?;
    let mut pairs = Pairs { ours: Vec::new(), theirs: Vec::new() };
    for _ in 0..count {
        pairs.ours.push(ours()?);
        pairs.theirs.push(theirs()?);
    }
    Ok(pairs)
}

pub(super) fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

/// How much the medians of the first and the second half of some runs differ, in percent.
pub(super) fn noise(values: &[u64]) -> u64 {
    let (first, second) = values.split_at(values.len() / 2);
    let (first, second) = (median(first.to_vec()), median(second.to_vec()));
    first.abs_diff(second) * 100 / first.min(second).max(1)
}

/// A comparison and what came of it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Judged {
    pub(super) name: String,
    /// What was measured, in words.
    pub(super) measured: String,
    /// Our figure beside theirs.
    pub(super) ours: String,
    pub(super) theirs: String,
    /// In hundredths; what is wanted of it stands in `wanted`.
    pub(super) ratio: Option<u64>,
    pub(super) wanted: String,
    pub(super) verdict: &'static str,
    pub(super) noise_percent: u64,
    pub(super) why: String,
}

/// What a ratio has to be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    /// At least so many hundredths.
    AtLeast(u64),
    /// At most so many.
    AtMost(u64),
}

impl Judged {
    pub(super) fn missing(name: &str, why: &str) -> Self {
        Self {
            name: name.to_owned(),
            measured: String::new(),
            ours: String::new(),
            theirs: String::new(),
            ratio: None,
            wanted: String::new(),
            verdict: "not measured",
            noise_percent: 0,
            why: why.to_owned(),
        }
    }

    /// Judges a ratio in hundredths.
    pub(super) fn of(
        name: &str,
        measured: &str,
        (ours, theirs): (String, String),
        ratio: u64,
        wanted: Wanted,
        noise_percent: u64,
    ) -> Self {
        let (holds, words) = match wanted {
            Wanted::AtLeast(least) => (ratio >= least, format!("at least {}", hundredths(least))),
            Wanted::AtMost(most) => (ratio <= most, format!("at most {}", hundredths(most))),
        };
        let verdict = match (noise_percent > NOISE_MAX, holds) {
            (true, _) => "too noisy to judge",
            (false, true) => "holds",
            (false, false) => "missed",
        };
        let judged = Self {
            name: name.to_owned(),
            measured: measured.to_owned(),
            ours,
            theirs,
            ratio: Some(ratio),
            wanted: words,
            verdict,
            noise_percent,
            why: String::new(),
        };
        println!(
            "  {measured}: {} beside {}, ratio {} ({}): {verdict}, noise {noise_percent} %",
            judged.ours,
            judged.theirs,
            hundredths(ratio),
            judged.wanted
        );
        judged
    }

    /// Adds a sentence.
    pub(super) fn because(mut self, why: &str) -> Self {
        why.clone_into(&mut self.why);
        self
    }
}

impl Pairs {
    /// How much longer they took than we, judged by the wall clock.
    pub(super) fn speed(&self, name: &str, measured: &str, least: u64) -> Judged {
        let wall = |costs: &[Cost]| costs.iter().map(|cost| cost.wall_us).collect::<Vec<_>>();
        let (ours, theirs) = (wall(&self.ours), wall(&self.theirs));
        let noise = noise(&ours).max(noise(&theirs));
        let (ours, theirs) = (median(ours), median(theirs));
        let ratio = theirs * 100 / ours.max(1);
        let shown = (time(ours), time(theirs));
        Judged::of(name, measured, shown, ratio, Wanted::AtLeast(least), noise)
    }

    /// Our memory as a share of theirs.
    pub(super) fn memory(&self, name: &str, measured: &str, most: u64) -> Judged {
        let memory = |costs: &[Cost]| median(costs.iter().map(|cost| cost.memory_kib).collect());
        let (ours, theirs) = (memory(&self.ours), memory(&self.theirs));
        let shown = (format!("{} MiB", ours / 1024), format!("{} MiB", theirs / 1024));
        Judged::of(name, measured, shown, ours * 100 / theirs.max(1), Wanted::AtMost(most), 0)
    }
}

/// `1.25` of 125.
pub(super) fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

/// A time as people read it.
pub(super) fn time(micros: u64) -> String {
    match micros {
        0..10_000 => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
        10_000..10_000_000 => format!("{} ms", micros / 1000),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}
