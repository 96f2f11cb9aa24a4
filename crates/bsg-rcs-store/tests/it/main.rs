//! The store in memory passes the kit that every store passes.

mod histories;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bsg_rcs_domain::{CampaignId, SealKey};
use bsg_rcs_store::{
    CampaignRow, CampaignState, Kind, MemoryStore, PlanStore, Store, Timestamp, conformance,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_in_memory_keeps_every_promise() {
    conformance::prove(async || Arc::new(MemoryStore::default()) as Arc<dyn Store>).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shared_by_many_it_keeps_them_too() {
    let ticks = Arc::new(AtomicI64::new(1_000_000));
    let shared = async || {
        let ticks = Arc::clone(&ticks);
        let clock = move || Timestamp(ticks.fetch_add(1, Ordering::Relaxed));
        Arc::new(MemoryStore::shared(clock)) as Arc<dyn Store>
    };
    conformance::prove(shared).await;
}

#[tokio::test]
async fn a_preparation_of_a_shared_store_is_abandoned_after_ten_minutes() {
    let now = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&now);
    let store = MemoryStore::shared(move || Timestamp(clock.load(Ordering::Relaxed)));
    let id = CampaignId(1);
    let row = CampaignRow {
        id,
        kind: Kind::Campaign,
        name: None,
        created_at: Timestamp(0),
        begun_at: None,
        state: CampaignState::Preparing,
        note: None,
        key: SealKey::from_bytes([1; 16]),
        platform: String::new(),
        account: String::new(),
        message: String::new(),
        alternative_channel: false,
        digest: String::new(),
        start_at: None,
        batch_cap: 1,
        recipients: 0,
        summary: String::new(),
    };
    store.create(row).await.unwrap();
    for (at, expected) in [(599_999, vec![]), (600_000, vec![id])] {
        now.store(at, Ordering::Relaxed);
        assert_eq!(store.abandoned().await.unwrap(), expected, "after {at} ms");
    }
    store.add_recipients(id, 0, Vec::new()).await.unwrap();
    assert_eq!(store.abandoned().await.unwrap(), [], "its planner lives");
}
