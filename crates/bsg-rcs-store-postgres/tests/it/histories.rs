//! Random histories: the store in PostgreSQL answers and shows what the one in memory does, but for
//! moments, which are of the server's clock.

use std::sync::Arc;

use bsg_rcs_store::conformance::histories::{compare, history};
use proptest::prelude::*;

use crate::database;

/// How many histories; `BSG_RCS_TEST_HISTORIES` says otherwise.
fn cases() -> u32 {
    std::env::var("BSG_RCS_TEST_HISTORIES").map_or(16, |count| count.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn a_history_is_the_same_as_in_memory(history in history(40)) {
        let Some(url) = database::url() else { return Ok(()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = database::store(&url).await;
            compare(&history, Arc::new(store), None).await;
        });
    }
}
