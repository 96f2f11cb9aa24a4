//! Random histories: the store in SQLite answers and shows what the one in memory does.

use std::sync::Arc;

use bsg_rcs_store::conformance::histories::{HistoryClock, compare, history};
use bsg_rcs_store_sqlite::SqliteStore;
use proptest::prelude::*;

use crate::fixtures::place;

/// How many histories; `BSG_RCS_TEST_HISTORIES` says otherwise.
fn cases() -> u32 {
    std::env::var("BSG_RCS_TEST_HISTORIES").map_or(16, |count| count.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn a_history_is_the_same_as_in_memory(history in history(40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (_folder, path) = place();
            let clock = HistoryClock::default();
            let store = SqliteStore::open_with_clock(&path, clock.store_clock()).unwrap();
            compare(&history, Arc::new(store), Some(clock)).await;
        });
    }
}
