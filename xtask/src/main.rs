//! What the workspace does to itself: generated code, the gate, and proofs that take longer.
//!
//! It runs our programs and reads our files; it links none of our crates.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a command-line program")]

mod alone;
mod bench;
mod browser;
mod callbacks;
mod check;
mod ci;
mod codegen;
mod docs_test;
mod examples;
mod fuzz;
mod judges;
mod million;
mod postgres;
mod prove;
mod public_api;
mod python;
mod rooms;
mod sandbox;
mod shell;
mod simulate;
mod storm;
mod weight;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What the workspace does to itself.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the code that is generated from our documents
    Codegen {
        /// Write nothing; fail when a committed file differs from what would be written
        #[arg(long)]
        check: bool,
    },
    /// Formatting, lints, generated code, who may depend on whom, module docs
    Check,
    /// The gate: check, all tests, all docs
    Ci,
    /// Write the public API of the library crates to docs/public-api, or compare it
    PublicApi {
        /// Write nothing; fail when a crate's API differs from its snapshot
        #[arg(long)]
        check: bool,
    },
    /// Each library crate by itself: without features, and with each of them in turn
    Alone,
    /// Proofs that take longer than the gate: all of them, again and again, or one
    Prove {
        /// How long to go on with all, in minutes; a round that has begun is finished
        #[arg(long, default_value_t = 10)]
        minutes: u64,
        #[command(subcommand)]
        one: Option<One>,
    },
    /// Judges of the sandbox from outside: the vendor's client, and schemathesis with our OpenAPI document
    Judges {
        /// How long schemathesis goes on
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// What its input depends on; without it, it is the same in every run
        #[arg(long)]
        seed: Option<u64>,
    },
    /// What our programs take beside what a user would pick instead, in one run; writes docs/performance.md
    Bench {
        /// Comparisons by name; all without one
        names: Vec<String>,
        /// A tenth of the work, in five minutes; the page is left as it is
        #[arg(long)]
        quick: bool,
    },
    /// Walk the sandbox's page in a real browser, by the keyboard, and judge how accessible it is
    Browser,
    /// Run every command of the README and the guide, and what the container and service files run
    DocsTest,
    /// Run the examples of every crate
    Examples,
    /// Build each crate by itself from nothing: writes docs/weight.md
    Weight,
    /// Run a command beside a PostgreSQL cluster that is made for it and thrown away
    Postgres {
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true)]
        command: Vec<String>,
    },
    /// Throw random input at the parsers
    Fuzz {
        /// One target of `fuzz/fuzz_targets`; without it, one after the other
        target: Option<String>,
        /// How long each goes on
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
}

/// One proof of those that take longer.
#[derive(Subcommand)]
enum One {
    /// Campaigns in simulated worlds where everything goes wrong, a world and its faults a seed
    Simulate {
        /// How many seeds
        #[arg(long, default_value_t = 10_000)]
        seeds: u64,
        /// The first of them
        #[arg(long, default_value_t = 0)]
        from: u64,
    },
    /// The program killed at random moments, over SQLite and over PostgreSQL
    Storm {
        /// How many recipients
        #[arg(long, default_value_t = 50_000)]
        recipients: u64,
        /// How many processes are killed over each store
        #[arg(long, default_value_t = 100)]
        kills: u64,
        /// What all chance comes from
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Callbacks in great numbers: kills under load, forgeries, idle connections, how many a second
    Callbacks,
    /// A million recipients planned and applied: time, memory and size, beside those of 100,000
    Million,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Codegen { check: true } => codegen::verify(),
        Command::Codegen { check: false } => codegen::write(),
        Command::Check => check::run(),
        Command::Ci => ci::run(),
        Command::Bench { names, quick } => bench::run(&names, quick),
        Command::Browser => browser::run(),
        Command::Examples => examples::run(),
        Command::DocsTest => docs_test::run(),
        Command::Weight => weight::run(),
        Command::PublicApi { check: true } => public_api::verify(),
        Command::PublicApi { check: false } => public_api::write(),
        Command::Alone => alone::run(),
        Command::Prove { minutes, one: None } => prove::run(minutes),
        Command::Prove { one: Some(One::Simulate { seeds, from }), .. } => {
            simulate::run(seeds, from)
        }
        Command::Prove { one: Some(One::Storm { recipients, kills, seed }), .. } => {
            storm::run(recipients, kills, seed)
        }
        Command::Prove { one: Some(One::Callbacks), .. } => callbacks::run(),
        Command::Prove { one: Some(One::Million), .. } => million::run(),
        Command::Judges { seconds, seed } => judges::run(seconds, seed),
        Command::Postgres { command } => postgres::run(&command),
        Command::Fuzz { target, seconds } => fuzz::run(target.as_deref(), seconds),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Printed by hand: a backtrace of ours says nothing about what was found.
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
