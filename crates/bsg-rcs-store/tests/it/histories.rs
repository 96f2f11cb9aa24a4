//! The store in memory, compared with itself: the driver of random histories works.

use std::sync::Arc;

use bsg_rcs_store::MemoryStore;
use bsg_rcs_store::conformance::histories::{HistoryClock, compare, history};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_store_is_the_same_as_itself(history in history(30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let clock = HistoryClock::default();
            let store = MemoryStore::with_clock(clock.store_clock());
            compare(&history, Arc::new(store), Some(clock)).await;
        });
    }
}
