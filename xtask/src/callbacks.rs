//! Callbacks in great numbers, through the real receiver, optimised: kills under load, forgeries, idle
//! connections, and how many are kept durably beside how many the same server throws away. What they are and
//! what must hold is told by the tests that this runs, `crates/bsg-rcs-cli/tests/it/onslaught.rs`.

use anyhow::Result;

use crate::{postgres, shell};

/// Each with how many times as much as in an ordinary run: 50 kills, a million forgeries.
const ONSLAUGHTS: [(&str, u32); 4] = [
    ("onslaught::killed_under_load_it_has_everything_that_it_acknowledged", 10),
    ("onslaught::forgeries_change_nothing", 200),
    ("onslaught::ten_thousand_idle_connections_keep_nobody_out", 1),
    ("onslaught::how_many_are_kept_durably", 1),
];

/// Runs them one after the other.
pub(crate) fn run() -> Result<()> {
    // What a receiver that keeps callbacks is measured against.
    shell::run(shell::cargo().args([
        "build",
        "--release",
        "--package",
        "bsg-rcs-webhook",
        "--features",
        "serve",
        "--example",
        "discard",
    ]))?;
    for (onslaught, times) in ONSLAUGHTS {
        let mut test = shell::cargo();
        test.args(["test", "--release", "--package", "bsg-rcs-cli", "--test", "it", "--"]);
        test.args(["--include-ignored", "--exact", "--nocapture", onslaught]);
        postgres::beside(test.env("ONSLAUGHT", times.to_string()))?;
    }
    Ok(())
}
