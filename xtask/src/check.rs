//! What must hold of the source before anything is run. Every step reports all that it finds, and a step that
//! fails does not keep the others from running.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell::{self, Stopwatch};
use crate::{codegen, rooms};

/// One step: its name, and what finds its faults, a sentence each.
struct Step(&'static str, fn() -> Result<Vec<String>>);

/// The steps, in the order in which they run.
const STEPS: &[Step] = &[
    Step("formatting", formatting),
    Step("lints", lints),
    Step("generated code", codegen::stale),
    Step("edges between crates", edges),
    Step("architecture page", architecture),
    Step("spelling", || Ok(tool("typos", &[]))),
    Step("dependencies", || {
        Ok(tool(
            "cargo-deny",
            &["--offline", "--log-level", "error", "check", "bans", "licenses", "sources"],
        ))
    }),
    Step("purity of the domain", purity),
    Step("purity of the sandbox's engine", engine_purity),
    Step("module docs", module_docs),
];

/// What it may have below it if a feature asks for it.
const OF_FEATURES: [&str; 2] = ["serde", "serde_core"];

/// What `bsg-rcs-domain` may not have anywhere below it: I/O, an async runtime, serde, clocks, randomness.
const IMPURE: &[&str] = &[
    "async-trait",
    "axum",
    "chrono",
    "csv",
    "csv-core",
    "futures",
    "futures-core",
    "futures-util",
    "getrandom",
    "http",
    "http-body",
    "hyper",
    "libc",
    "mio",
    "rand",
    "reqwest",
    "rusqlite",
    "serde",
    "serde_core",
    "serde_json",
    "socket2",
    "tempfile",
    "tokio",
    "tracing",
    "url",
];

/// What `bsg-rcs-sandbox-engine` may not have anywhere below it: I/O, an async runtime, HTTP, a format, a schema.
const NOT_IN_ENGINE: &[&str] =
    &["axum", "http", "hyper", "jsonschema", "mio", "serde_json", "tokio"];

/// Runs every step and fails if any found something.
pub(crate) fn run() -> Result<()> {
    let mut faults = 0;
    for Step(name, find) in STEPS {
        let watch = Stopwatch::start();
        // A step that cannot be carried out is a finding as well.
        let findings = find().unwrap_or_else(|error| vec![format!("{error:#}")]);
        let verdict = if findings.is_empty() { "ok  " } else { "FAIL" };
        println!("{verdict} {name} ({})", watch.words());
        for finding in &findings {
            println!("     - {}", finding.trim_end().replace('\n', "\n       "));
        }
        faults += findings.len();
    }
    if faults > 0 {
        bail!("cargo xtask check: {faults} finding{}", if faults == 1 { "" } else { "s" });
    }
    Ok(())
}

/// The code stands as rustfmt would write it.
fn formatting() -> Result<Vec<String>> {
    Ok(failure(shell::cargo().args(["fmt", "--all", "--check"])))
}

/// No warning anywhere, in tests and with every feature.
fn lints() -> Result<Vec<String>> {
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--all-features"];
    Ok(failure(shell::cargo().args(clippy).args(["--", "-D", "warnings"])))
}

/// A command's failure as a finding.
fn failure(command: &mut std::process::Command) -> Vec<String> {
    shell::output(command).err().into_iter().map(|error| format!("{error:#}")).collect()
}

/// No crate depends on what its room may not use.
fn edges() -> Result<Vec<String>> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(shell::root())
        .no_deps()
        .exec()
        .context("`cargo metadata` failed")?;
    Ok(rooms::findings(&metadata.packages))
}

/// The architecture page's table of crates is that of the manifests.
fn architecture() -> Result<Vec<String>> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(shell::root())
        .no_deps()
        .exec()
        .context("`cargo metadata` failed")?;
    let page = fs::read_to_string(shell::root().join("docs/architecture.md"))?;
    Ok(rooms::page_findings(&metadata.packages, &page))
}

/// What a program finds that is no part of Rust; nothing where it is not installed.
fn tool(name: &str, arguments: &[&str]) -> Vec<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(program) =
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    else {
        println!("skip {name} is not installed");
        return Vec::new();
    };
    failure(std::process::Command::new(program).args(arguments).current_dir(shell::root()))
}

/// The domain is `no_std` and has nothing impure below it.
fn purity() -> Result<Vec<String>> {
    let mut findings = Vec::new();
    let lib = "crates/bsg-rcs-domain/src/lib.rs";
    if !fs::read_to_string(shell::root().join(lib)).context(lib)?.contains("#![no_std]") {
        findings
            .push(format!("{lib} does not say `#![no_std]`: the domain must not reach for std"));
    }
    findings.extend(below("bsg-rcs-domain", IMPURE, &OF_FEATURES)?);
    Ok(findings)
}

/// The sandbox's engine has nothing below it that does I/O, awaits or knows a format.
fn engine_purity() -> Result<Vec<String>> {
    below("bsg-rcs-sandbox-engine", NOT_IN_ENGINE, &[])
}

/// A sentence for each crate that must not be below another and is. Those of `of_features` may be,
/// where a feature asks for them.
fn below(package: &str, impure: &[&str], of_features: &[&str]) -> Result<Vec<String>> {
    let mut found = impure_below(package, impure, &[])?;
    let with_features = impure_below(package, impure, &["--all-features"])?;
    found.extend(with_features.into_iter().filter(|name| !of_features.contains(&name.as_str())));
    found.sort_unstable();
    found.dedup();
    let sentence = |name: String| {
        format!(
            "{package} has `{name}` below it: what does I/O, awaits or serialises belongs to another crate \
             (`cargo tree -p {package} -e normal -i {name}` shows the way to it)"
        )
    };
    Ok(found.into_iter().map(sentence).collect())
}

/// What a package has below it, with these options, of what it may not have.
fn impure_below(package: &str, impure: &[&str], options: &[&str]) -> Result<Vec<String>> {
    let tree = ["tree", "--package", package, "--edges=normal", "--prefix=none"];
    let tree = shell::output(shell::cargo().args(tree).arg("--format={p}").args(options))?;
    let below = tree.lines().filter_map(|line| line.split_whitespace().next());
    Ok(below.filter(|name| impure.contains(name)).map(str::to_owned).collect())
}

/// Every source file begins with a sentence about itself.
fn module_docs() -> Result<Vec<String>> {
    let root = shell::root();
    let mut files = Vec::new();
    let mut members = vec![root.join("xtask")];
    members.extend(entries(&root.join("crates"))?);
    for member in members {
        for folder in ["src", "tests", "examples", "benches"] {
            rust_files(&member.join(folder), &mut files)?;
        }
    }
    files.sort();
    let mut findings = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        if !(text.starts_with("//!") || text.starts_with("// @generated by `cargo xtask codegen`"))
        {
            let shown = file.strip_prefix(&root).unwrap_or(&file).display();
            findings.push(format!(
                "{shown} does not begin with a `//!` doc: say what lives there and why"
            ));
        }
    }
    Ok(findings)
}

/// All Rust files of a folder and the folders in it; none if there is no such folder.
fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for path in entries(folder)? {
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The paths in a folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    entries.map(|entry| Ok(entry?.path())).collect()
}
