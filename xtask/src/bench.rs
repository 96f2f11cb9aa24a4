//! `cargo xtask bench`: what our programs take beside what a user would pick instead, on the same work, in one run.
//!
//! | file | tells |
//! | --- | --- |
//! | `measure` | what one run took; runs of two programs, one after the other in turn |
//! | `rows` | the comparisons: what is run, against what, and what is wanted |
//! | `peers` | programs of others, from their public packages, and the work they do |
//! | `limits` | what this machine can do at all, measured in the same run |
//! | `page` | the table, the JSON, and `docs/performance.md` |

mod limits;
mod measure;
mod page;
mod peers;
mod rows;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::shell;

/// How much is done, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Whether it is to be over in five minutes.
    pub(crate) quick: bool,
}

impl Scale {
    /// Pairs of runs after the warm-up.
    fn pairs(self) -> usize {
        if self.quick { 3 } else { 5 }
    }

    /// So much, or a tenth in a hurry.
    fn of(self, count: u64) -> u64 {
        if self.quick { count / 10 } else { count }
    }
}

/// What the comparisons work with.
pub(crate) struct Bench {
    scale: Scale,
    folder: PathBuf,
}

impl Bench {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Runs the comparisons of these names, or all, and writes down what came of them. The page is written by a whole
/// run that was not in a hurry.
pub(crate) fn run(names: &[String], quick: bool) -> Result<()> {
    let folder = shell::target().join("bench");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    build()?;
    let bench = Bench { scale: Scale { quick }, folder };
    let limits = limits::measure(&bench)?;
    let mut found = Vec::new();
    for row in
        rows::ROWS.iter().filter(|row| names.is_empty() || names.iter().any(|n| n == row.name))
    {
        println!("\n{}: {}", row.name, row.says);
        match (row.measure)(&bench) {
            Ok(results) => found.extend(results),
            Err(error) => {
                println!("  not measured: {error:#}");
                found.push(measure::Judged::missing(row.name, &format!("{error:#}")));
            }
        }
    }
    let whole = names.is_empty() && !quick;
    page::write(&bench, &limits, &found, whole)
}

/// Our programs, optimised.
fn build() -> Result<()> {
    let example = |package: &str, features: &str, example: &str| {
        let mut build = shell::cargo();
        build.args(["build", "--release", "--quiet", "--package", package, "--example", example]);
        if !features.is_empty() {
            build.args(["--features", features]);
        }
        shell::run(&mut build)
    };
    shell::run(shell::cargo().args(["build", "--release", "--quiet", "--package", "bsg-rcs-cli"]))?;
    example("bsg-rcs-campaign", "", "unique")?;
    example("bsg-rcs-campaign", "", "bodies")?;
    example("bsg-rcs", "reqwest", "calls")?;
    example("bsg-rcs-transport-reqwest", "", "bare")?;
    example("bsg-rcs-webhook", "serve", "discard")
}
