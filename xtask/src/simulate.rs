//! The simulation of campaigns, with as many seeds as one likes, optimised. A seed that violates something is
//! printed with its story, and can be run again alone: `cargo xtask prove simulate --from SEED --seeds 1`.

use anyhow::Result;

use crate::shell;

/// Runs so many seeds from one on.
pub(crate) fn run(seeds: u64, from: u64) -> Result<()> {
    let mut test = shell::cargo();
    test.args(["test", "--release", "--package", "bsg-rcs-campaign", "--test", "it"]);
    test.args(["--", "--ignored", "--exact", "--nocapture", "simulation::many_seeds"]);
    test.env("SEEDS", seeds.to_string()).env("FROM", from.to_string());
    shell::run(&mut test)
}
