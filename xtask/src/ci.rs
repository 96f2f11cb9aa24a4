//! The gate: what has to pass before a change lands, within fifteen minutes on two cores.

use anyhow::{Result, bail};

use crate::python;
use crate::shell::{self, Stopwatch};
use crate::{alone, browser, check, docs_test, examples, judges, postgres, public_api};

/// One step: its name and what carries it out.
struct Step(&'static str, fn() -> Result<()>);

/// The steps, in the order in which they run.
const STEPS: &[Step] = &[
    Step("check", check::run),
    Step("features", alone::gate),
    Step("public-api", public_api::verify),
    Step("spelling", spelling),
    Step("tests", tests),
    Step("judges", judges),
    Step("browser", browser::run),
    Step("docs-test", docs_test::run),
    Step("examples", examples::run),
    Step("docs", docs),
];

/// Runs every step, also after one failed, and says at the end how long each took.
pub(crate) fn run() -> Result<()> {
    let mut lines = Vec::new();
    let mut failed = Vec::new();
    for Step(name, carry_out) in STEPS {
        let watch = Stopwatch::start();
        let verdict = match carry_out() {
            Ok(()) => "ok  ",
            Err(error) => {
                println!("{error:#}");
                failed.push(*name);
                "FAIL"
            }
        };
        lines.push(format!("{verdict} {name} ({})", watch.words()));
    }
    println!("{}", lines.join("\n"));
    if !failed.is_empty() {
        bail!("cargo xtask ci: {} failed", failed.join(", "));
    }
    Ok(())
}

/// No word is misspelt: `check` looks only where the program for it is installed.
fn spelling() -> Result<()> {
    let home = shell::target().join("spelling");
    python::install(&home, "xtask/spelling.txt")?;
    shell::run(std::process::Command::new(home.join("bin/typos")).current_dir(shell::root()))
}

/// Unit tests, integration tests and doctests of every crate, by the README's own command, beside a
/// PostgreSQL of their own. In the
/// whole workspace every feature is on: those who need one ask for it.
fn tests() -> Result<()> {
    postgres::beside(shell::cargo().args(["test", "--workspace"]))
}

/// The judges of the sandbox, with the same input in every run. `tests` skips them: Python is not among what the
/// README asks for.
fn judges() -> Result<()> {
    judges::run(60, None)
}

/// The documentation, without a single warning.
fn docs() -> Result<()> {
    shell::run(
        shell::cargo()
            .args(["doc", "--workspace", "--no-deps", "--all-features"])
            .env("RUSTDOCFLAGS", "-Dwarnings"),
    )
}
