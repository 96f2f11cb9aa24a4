//! Each library crate by itself: without features, and with each of its features in turn. What a workspace
//! build unites, a user who picks one crate does not have.

use std::process::Command;

use anyhow::{Context, Result, bail};
use cargo_metadata::{MetadataCommand, Package, TargetKind};

use crate::shell::{self, Stopwatch};

/// A target that has no std, for the crate that needs none.
const BARE: &str = "thumbv7em-none-eabi";
/// That crate.
const PURE: &str = "bsg-rcs-domain";

/// Checks every crate in every way that it can be picked; reports all that do not build.
pub(crate) fn run() -> Result<()> {
    check(|_| true)
}

/// The crates whose features the gate checks one by one: those that users pick features of.
const GATED: [&str; 4] =
    ["bsg-rcs", "bsg-rcs-domain", "bsg-rcs-transport", "bsg-rcs-transport-reqwest"];

/// Of the gate: the crates that have features of their own, in every way that they can be picked.
pub(crate) fn gate() -> Result<()> {
    check(|package| GATED.contains(&package.name.as_str()))
}

fn check(is_meant: impl Fn(&Package) -> bool) -> Result<()> {
    let metadata = MetadataCommand::new().current_dir(shell::root()).no_deps().exec()?;
    let mut failures = Vec::new();
    let libraries = metadata.packages.iter().filter(|it| is_library(it) && is_meant(it));
    for (package, features) in libraries.flat_map(ways) {
        let mut check = shell::cargo();
        check.args(["check", "--quiet", "--package", &package, "--no-default-features"]);
        if let Some(feature) = &features {
            check.args(["--features", feature]);
        }
        attempt(&format!("{package} {}", features.unwrap_or_default()), &mut check, &mut failures);
    }
    if has_bare_target()? {
        let mut build = shell::cargo();
        build.args(["build", "--quiet", "--package", PURE, "--target", BARE]);
        attempt(&format!("{PURE} without std"), &mut build, &mut failures);
    } else {
        println!("skip {PURE} without std: `rustup target add {BARE}` installs what it needs");
    }
    if failures.is_empty() {
        return Ok(());
    }
    bail!("{}", failures.join("\n"))
}

fn is_library(package: &Package) -> bool {
    package.targets.iter().any(|target| target.kind.contains(&TargetKind::Lib))
}

/// The crate without features, and with each.
fn ways(package: &Package) -> Vec<(String, Option<String>)> {
    let name = package.name.to_string();
    let with = package.features.keys().map(|feature| (name.clone(), Some(feature.clone())));
    std::iter::once((name.clone(), None)).chain(with).collect()
}

fn attempt(what: &str, command: &mut Command, failures: &mut Vec<String>) {
    let watch = Stopwatch::start();
    match shell::output(command) {
        Ok(_) => println!("ok   {what} ({})", watch.words()),
        Err(error) => failures.push(format!("{what}: {error:#}")),
    }
}

fn has_bare_target() -> Result<bool> {
    let installed = shell::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let folder = std::path::Path::new(installed.trim()).join("lib/rustlib").join(BARE);
    folder.try_exists().context("the toolchain's folder")
}
