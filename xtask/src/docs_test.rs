//! The commands of the README and the guide, run as they stand; their Rust is compiled and run by `cargo test`
//! (the package `docs`). And the commands of the container and service files, whose words must be the program's.
//!
//! Shell blocks (`sh`) of a page run one after the other in an empty folder, with the program as `bsg-rcs`, beside a
//! sandbox at a minute a second; Python blocks run so, too. In the README the program is started through cargo, and
//! CAMPAIGN stands for the id that the plan before it printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::sandbox::Sandbox;
use crate::shell;

/// In the README: `cargo run` is the program that was built; all tests are what calls us; a sandbox runs already.
const README: &str = r#"
PLANNED=
cargo() {
    if [ "$1" = test ]; then echo "(the tests are run by the gate)"; return; fi
    shift 3
    if [ "$1" = sandbox ]; then echo "(a sandbox runs already)"; return; fi
    local words=()
    for word in "$@"; do words+=("${word/#CAMPAIGN/$PLANNED}"); done
    bsg-rcs "${words[@]}" | tee said.txt
    if [ "$1 ${2:-}" = "campaign plan" ]; then
        PLANNED=$(sed -n 's/^ *campaign *\([a-z0-9]*\) *$/\1/p' said.txt)
    fi
}
curl() { command curl --fail "${@//127.0.0.1:8080/${BSG_BASE_URL#http://}}"; }
export() { for word in "$@"; do case $word in BSG_*) ;; *) builtin export "$word";; esac; done; }
"#;

/// Runs them all.
pub(crate) fn run() -> Result<()> {
    shell::run(shell::cargo().args(["build", "--quiet", "--package", "bsg-rcs-cli"]))?;
    shell::run(shell::cargo().args(["test", "--quiet", "--package", "bsg-rcs-docs", "--doc"]))?;
    page(&shell::root().join("README.md"), README)?;
    let mut pages: Vec<PathBuf> = fs::read_dir(shell::root().join("docs/guide"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    pages.sort();
    for one in pages {
        page(&one, "")?;
    }
    the_words_of_files()
}

/// The program, as tests build it.
fn built() -> Command {
    Command::new(shell::target().join("debug/bsg-rcs"))
}

/// A block of code of a page.
struct Block {
    language: String,
    text: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block { language: language.to_owned(), text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

fn page(path: &Path, prelude: &str) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let blocks = blocks(&fs::read_to_string(path)?);
    let shell: String = blocks
        .iter()
        .filter(|block| block.language == "sh")
        .map(|block| block.text.as_str())
        .collect();
    let python: Vec<_> = blocks.iter().filter(|block| block.language == "python").collect();
    if shell.is_empty() && python.is_empty() {
        return Ok(());
    }
    let folder = shell::target().join("docs-test").join(&name);
    // There is none before the first run.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let sandbox = Sandbox::of(built().current_dir(&folder), "60")?;
    let script = format!("set -eo pipefail\n{prelude}\n{shell}");
    let mut bash = Command::new("bash");
    bash.args(["-c", &script]);
    said(&mut bash, &folder, &sandbox).with_context(|| format!("the commands of {name}"))?;
    for block in &python {
        let mut python = Command::new("python3");
        python.args(["-c", &block.text]);
        said(&mut python, &folder, &sandbox).with_context(|| format!("the Python of {name}"))?;
    }
    println!("ok   {name}: {} shell lines, {} Python blocks", shell.lines().count(), python.len());
    Ok(())
}

/// Runs a command in a page's folder.
fn said(command: &mut Command, folder: &Path, sandbox: &Sandbox) -> Result<String> {
    let programs = shell::target().join("debug");
    let path = std::env::var("PATH").unwrap_or_default();
    command.current_dir(folder).env("PATH", format!("{}:{path}", programs.display()));
    command.env("BSG_BASE_URL", &sandbox.url).env("BSG_API_KEY", "live_sandbox");
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    shell::output(command)
}

/// The commands of the files for containers and services are the program's: it reads them without complaint.
fn the_words_of_files() -> Result<()> {
    let compose = fs::read_to_string(shell::root().join("compose.yaml"))?;
    let listed = |line: &str| -> Option<Vec<String>> {
        let list = line.trim().strip_prefix("command: [")?.strip_suffix(']')?;
        Some(list.split(',').map(|word| word.trim().trim_matches('"').to_owned()).collect())
    };
    let mut commands: Vec<Vec<String>> = compose.lines().filter_map(listed).collect();
    let unit = fs::read_to_string(shell::root().join("dist/bsg-rcs-webhook.service"))?;
    let joined = unit.replace("\\\n", " ");
    let exec =
        joined.lines().find_map(|line| line.strip_prefix("ExecStart=")).context("ExecStart")?;
    commands.push(exec.split_whitespace().skip(1).map(str::to_owned).collect());
    ensure!(
        commands.len() == 4,
        "three commands in compose.yaml and one in the unit: {commands:?}"
    );
    for words in commands {
        let words: Vec<_> =
            words.iter().map(|word| word.replace("${CAMPAIGN:-}", "campaign")).collect();
        let mut program = built();
        shell::output(program.args(&words).arg("--help")).with_context(|| words.join(" "))?;
        println!("ok   bsg-rcs {}", words.join(" "));
    }
    Ok(())
}
