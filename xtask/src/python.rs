//! Virtual environments of Python under `target/`, for tests that programs written in it carry out.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell;

const ADVICE: &str = "this needs Python 3.11 or later with venv: \
                      `apt-get install python3 python3-venv` on Debian";

/// Makes the virtual environment, unless the one that is there was made from the same requirements.
pub(crate) fn install(home: &Path, requirements: &str) -> Result<()> {
    let wanted = shell::root().join(requirements);
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
