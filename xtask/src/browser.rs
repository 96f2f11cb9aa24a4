//! The sandbox's page in a real browser: what it is walked by stands in `crates/bsg-rcs-cli/tests/browser`.
//! It leaves a picture of every view at two widths in `target/browser/pictures`.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{python, shell};

/// What drives it, every version pinned.
const REQUIREMENTS: &str = "crates/bsg-rcs-cli/tests/browser/requirements.txt";
const WALK: &str = "crates/bsg-rcs-cli/tests/browser/walk.py";
/// Where that is installed, and the pictures are.
const HOME: &str = "target/browser";
/// Names that the browser has on this system and that.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Builds the program and walks the page.
pub(crate) fn run() -> Result<()> {
    let Some(browser) = BROWSERS.into_iter().find_map(found) else {
        bail!("the page is walked in chromium: `apt-get install chromium` on Debian");
    };
    let home = shell::root().join(HOME);
    python::install(&home, REQUIREMENTS)?;
    shell::run(shell::cargo().args(["build", "--package", "bsg-rcs-cli"]))?;
    let mut walk = Command::new(home.join("bin/python"));
    walk.arg(shell::root().join(WALK));
    walk.arg(shell::target().join("debug/bsg-rcs")).arg(browser).arg(home.join("pictures"));
    walk.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    shell::run(&mut walk).context("the walk through the page")
}

/// The path of a program, if it is there.
fn found(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
