//! The `bsg-rcs` program: arguments in, words, tables and progress out.
//!
//! No rule lives here. This crate alone names concrete backends, ties the inbox to the store, and
//! maps what happened to exit codes ([`exit`]).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a command-line program")]

mod args;
mod commands;
mod context;
mod exit;
mod listen;
mod metering;
mod output;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::args::Args;
use crate::output::Output;

/// The system's allocator gives memory back and asks for it again with each group of callbacks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    log_to_stderr(args.verbose);
    let output = Output::new(&args.general);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            output.failure(&format!("the program cannot start: {why}"));
            return exit::Exit::Fault.into();
        }
    };
    let exit = match runtime.block_on(commands::run(args, &output)) {
        Ok(exit) => exit,
        Err(failure) => {
            output.failure(&failure.message);
            failure.exit
        }
    };
    if let Some(peak_memory_kib) = peak_memory() {
        tracing::debug!(peak_memory_kib, "done");
    }
    // Work that was cut short may sit in a blocking read of standard input: nobody waits for it.
    runtime.shutdown_background();
    exit.into()
}

/// The most memory that this process had at once, in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Logs go to standard error: warnings unless `RUST_LOG` or `-v` say otherwise.
fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours);
    log.with_writer(std::io::stderr).init();
}
