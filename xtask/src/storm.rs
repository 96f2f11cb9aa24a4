//! Storms: the real program, optimised, killed at random moments and started again, over SQLite and over a
//! PostgreSQL that dies too. What a storm is and what must hold afterwards is told by the tests that it runs,
//! `crates/bsg-rcs-cli/tests/it/storm.rs`.

use anyhow::Result;

use crate::{postgres, shell};

/// Over SQLite one worker, over PostgreSQL four and a server that dies.
const STORMS: [&str; 2] =
    ["storm::one_worker_on_sqlite", "storm::four_workers_on_a_postgres_that_dies"];

/// Runs the storms one after the other, each with so many kills.
pub(crate) fn run(recipients: u64, kills: u64, seed: u64) -> Result<()> {
    for storm in STORMS {
        let mut test = shell::cargo();
        test.args(["test", "--release", "--package", "bsg-rcs-cli", "--test", "it", "--"]);
        test.args(["--include-ignored", "--exact", "--nocapture", storm]);
        test.env("STORM_RECIPIENTS", recipients.to_string());
        test.env("STORM_KILLS", kills.to_string()).env("STORM_SEED", seed.to_string());
        postgres::beside(&mut test)?;
    }
    Ok(())
}

/// The store in PostgreSQL by itself, while its server dies.
pub(crate) fn database() -> Result<()> {
    let mut test = shell::cargo();
    test.args(["test", "--package", "bsg-rcs-store-postgres", "--test", "it", "--"]);
    test.args(["--ignored", "restart::"]);
    postgres::beside(&mut test)
}
