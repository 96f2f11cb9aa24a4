//! What each crate weighs for whoever takes it alone: how many crates it pulls in, and how long a clean build takes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use anyhow::Result;

use crate::shell::{self, Stopwatch};

/// The page that is written.
const PAGE: &str = "docs/weight.md";

/// Builds each crate by itself from nothing, and writes the page.
pub(crate) fn run() -> Result<()> {
    let metadata =
        cargo_metadata::MetadataCommand::new().current_dir(shell::root()).no_deps().exec()?;
    let mut page = String::from(
        "# Weight\n\nWritten by `cargo xtask weight`: with its default features, how many crates of others each of \
         ours pulls in, and how long a clean build of it takes (unoptimised, on two cores).\n\n\
         | crate | crates of others | clean build |\n| --- | --- | --- |\n",
    );
    let folder = shell::target().join("weight");
    for package in metadata.packages.iter().filter(|package| package.publish.is_none()) {
        let name = package.name.as_str();
        let mut tree = shell::cargo();
        tree.args(["tree", "--package", name, "--edges", "normal,build", "--prefix", "none"]);
        let tree = shell::output(tree.args(["--format", "{p}"]))?;
        let others: BTreeSet<_> = tree
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| !name.starts_with("bsg-rcs"))
            .collect();
        // There is none before the first crate.
        let _ = fs::remove_dir_all(&folder);
        let watch = Stopwatch::start();
        let mut build = shell::cargo();
        build.args(["build", "--quiet", "--package", name]).env("CARGO_TARGET_DIR", &folder);
        shell::run(&mut build)?;
        writeln!(page, "| `{name}` | {} | {} s |", others.len(), watch.passed().as_secs().max(1))?;
    }
    fs::remove_dir_all(&folder)?;
    fs::write(shell::root().join(PAGE), page)?;
    println!("{PAGE} is written anew");
    Ok(())
}
