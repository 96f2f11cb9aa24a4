//! Code that is made from documents: one list of what is generated from what, written or compared.

mod api;
mod document;
mod emit;
mod numbering;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::shell;

/// One generated file.
struct Generated {
    /// Where it lives, from the root.
    path: &'static str,
    /// Makes its text, given the root.
    make: fn(&Path) -> Result<String>,
}

/// Everything that is generated.
const ALL: &[Generated] = &[
    Generated { path: "crates/bsg-rcs-wire/src/generated.rs", make: wire_types },
    Generated { path: "crates/bsg-rcs-domain/src/country/generated.rs", make: numbering_plans },
    Generated { path: "docs/rules.md", make: rules },
    Generated { path: "docs/api.md", make: calls },
];

/// Types, paths and query parameters of the wire crate, from its OpenAPI document.
fn wire_types(root: &Path) -> Result<String> {
    formatted(&emit::file(&document(root)?)?)
}

/// The table of the platform's calls, from the same document.
fn calls(root: &Path) -> Result<String> {
    api::page(&document(root)?)
}

/// The OpenAPI document of the wire crate.
fn document(root: &Path) -> Result<document::Document> {
    let source = root.join("crates/bsg-rcs-wire/openapi.json");
    let json = fs::read_to_string(&source).with_context(|| source.display().to_string())?;
    document::Document::read(&json)
        .with_context(|| format!("{} is not what the generator reads", source.display()))
}

/// Calling codes, lengths and splits of the domain crate, from rlibphonenumber's metadata.
fn numbering_plans(root: &Path) -> Result<String> {
    formatted(&numbering::file(root)?)
}

/// The catalogue of rules, as the domain crate itself prints it.
fn rules(_root: &Path) -> Result<String> {
    shell::output(shell::cargo().args([
        "run",
        "--quiet",
        "--package=bsg-rcs-domain",
        "--example=rules",
    ]))
}

/// Writes what is stale.
pub(crate) fn write() -> Result<()> {
    let root = shell::root();
    for generated in ALL {
        let text = (generated.make)(&root)?;
        let path = root.join(generated.path);
        if fs::read_to_string(&path).is_ok_and(|committed| committed == text) {
            println!("unchanged  {}", generated.path);
        } else {
            fs::write(&path, text).with_context(|| generated.path)?;
            println!("written    {}", generated.path);
        }
    }
    Ok(())
}

/// Fails when a file is not what would be written.
pub(crate) fn verify() -> Result<()> {
    let stale = stale()?;
    ensure!(stale.is_empty(), "{}", stale.join("\n"));
    println!("generated code is up to date");
    Ok(())
}

/// One sentence for each file that is not what would be written.
pub(crate) fn stale() -> Result<Vec<String>> {
    let root = shell::root();
    let mut findings = Vec::new();
    for Generated { path, make } in ALL {
        let text = make(&root)?;
        match fs::read_to_string(root.join(path)) {
            Ok(committed) if committed == text => {}
            Ok(committed) => findings.push(format!(
                "{path}:{} differs from what is generated; change its source and run `cargo xtask codegen`",
                first_difference(&committed, &text)
            )),
            Err(error) => findings.push(format!(
                "{path} cannot be read ({error}); run `cargo xtask codegen`"
            )),
        }
    }
    Ok(findings)
}

/// The first line, counted from 1, in which two texts differ.
fn first_difference(left: &str, right: &str) -> usize {
    1 + left.lines().zip(right.lines()).take_while(|(left, right)| left == right).count()
}

/// Formats Rust code as the workspace is formatted.
fn formatted(code: &str) -> Result<String> {
    let root = shell::root();
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(&root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("rustfmt could not be started; `rustup component add rustfmt` installs it")?;
    // rustfmt reads all of its input before it writes, so one after the other cannot block.
    let mut input = rustfmt.stdin.take().context("rustfmt takes no input")?;
    input.write_all(code.as_bytes())?;
    drop(input);
    let output = rustfmt.wait_with_output()?;
    if !output.status.success() {
        bail!("rustfmt refused the generated code:\n{code}");
    }
    Ok(String::from_utf8(output.stdout)?)
}
