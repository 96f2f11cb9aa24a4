//! The judges of the sandbox: the vendor's client and schemathesis, installed into a virtual environment of
//! Python under `target/`, then run by the sandbox's own tests.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell;

/// What they run on, every version pinned.
const REQUIREMENTS: &str = "crates/bsg-rcs-sandbox/tests/judges/requirements.txt";
/// Where they are installed.
const HOME: &str = "target/judges";

const ADVICE: &str = "the judges need Python 3.11 or later with venv: \
                      `apt-get install python3 python3-venv` on Debian";

/// Installs what is missing and runs the judges. Without a seed, schemathesis tries the same input in every run.
pub(crate) fn run(seconds: u64, seed: Option<u64>) -> Result<()> {
    let home = shell::root().join(HOME);
    install(&home)?;
    let mut test = shell::cargo();
    test.args(["test", "--package", "bsg-rcs-sandbox", "--test", "it", "judges::"]);
    // What the judges said is worth reading also when they found nothing.
    test.args(["--", "--nocapture", "--test-threads", "1"]);
    test.env("BSG_RCS_JUDGES", &home).env("BSG_RCS_JUDGES_SECONDS", seconds.to_string());
    if let Some(seed) = seed {
        test.env("BSG_RCS_JUDGES_SEED", seed.to_string());
    }
    shell::run(&mut test)
}

/// Makes the virtual environment, unless the one that is there was made from the same requirements.
fn install(home: &Path) -> Result<()> {
    let wanted = shell::root().join(REQUIREMENTS);
    let wanted_text = fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    let installed = home.join("requirements.txt");
    if fs::read_to_string(&installed).is_ok_and(|text| text == wanted_text) {
        return Ok(());
    }
    // `--clear`: what a changed list no longer names must not stay.
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(home);
    shell::run(&mut venv).context(ADVICE)?;
    let mut pip = Command::new(home.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    shell::run(pip.arg("--requirement").arg(&wanted))?;
    // Last, so that an installation that was broken off begins anew.
    fs::write(&installed, wanted_text).with_context(|| installed.display().to_string())
}
