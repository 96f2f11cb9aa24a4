//! The contract, by the kit that every transport is put to.

use bsg_rcs_transport::conformance::Kit;

use crate::server::transport;

/// Exchanges of the law of concurrency.
const EXCHANGES: usize = 1000;

#[tokio::test]
async fn it_keeps_every_law_of_the_contract() {
    let kit = Kit::new().largest_answer(16 * 1024 * 1024);
    // An exchange on loopback takes two open files, one at each end.
    let kit =
        if open_files() > 3 * EXCHANGES { kit.concurrency(EXCHANGES, EXCHANGES) } else { kit };
    kit.prove(transport).await;
}

/// How many files this process may have open; 0 where the system does not say.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
