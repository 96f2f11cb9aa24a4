//! The judges of the sandbox: the vendor's client and schemathesis, installed into a virtual environment of
//! Python under `target/`, then run by the sandbox's own tests.

use anyhow::Result;

use crate::{python, shell};

/// What they run on, every version pinned.
const REQUIREMENTS: &str = "crates/bsg-rcs-sandbox/tests/judges/requirements.txt";
/// Where they are installed.
const HOME: &str = "target/judges";

/// Installs what is missing and runs the judges. Without a seed, schemathesis tries the same input in every run.
pub(crate) fn run(seconds: u64, seed: Option<u64>) -> Result<()> {
    let home = shell::root().join(HOME);
    python::install(&home, REQUIREMENTS)?;
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
