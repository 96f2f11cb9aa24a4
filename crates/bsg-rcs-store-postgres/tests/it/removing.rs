//! Long removals hold up no other: measured with another store that writes meanwhile.

use std::time::{Duration, Instant};

use bsg_rcs_domain::{CampaignId, Msisdn};
use bsg_rcs_store::prelude::*;
use bsg_rcs_store::{CampaignRow, NewRecipient};
use bsg_rcs_store_postgres::PostgresStore;

use crate::database::{self, ID, called_back, planned};

/// Recipients of the campaign that is removed; `BSG_RCS_TEST_RECIPIENTS` says how many.
fn recipients() -> u32 {
    std::env::var("BSG_RCS_TEST_RECIPIENTS").map_or(20_000, |count| count.parse().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "the test measures how long it takes")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "a figure for people")]
async fn others_write_while_a_preparation_is_discarded() {
    let Some(url) = database::url() else { return };
    let schema = database::schema();
    let store = PostgresStore::open_in(&url, &schema).await.unwrap();
    planned(&store, 1).await;
    let row = store.campaign(ID).await.unwrap().unwrap();
    let big = CampaignRow { id: CampaignId(7), ..row };
    store.create(big.clone()).await.unwrap();
    let recipient = |index: u32| {
        let digits = u64::from(index).wrapping_mul(2_654_435_761) % 1_000_000_000;
        let number = Msisdn::from_u64(380_000_000_000 + digits).unwrap();
        NewRecipient { number, label: None, reference: None }
    };
    for first in (0..recipients()).step_by(5000) {
        let end = recipients().min(first + 5000);
        store.add_recipients(big.id, first, (first..end).map(recipient).collect()).await.unwrap();
    }
    let other = PostgresStore::open_in(&url, &schema).await.unwrap();
    let began = now();
    let discarding = tokio::spawn(async move { store.discard(CampaignId(7)).await.unwrap() });
    let (mut longest, mut count) = (Duration::ZERO, 0);
    while !discarding.is_finished() {
        let began = now();
        count += 1;
        other.keep_callbacks(vec![called_back(0, count, "sent")]).await.unwrap();
        longest = longest.max(began.elapsed());
    }
    assert!(discarding.await.unwrap(), "it is discarded");
    let (took, recipients) = (began.elapsed(), recipients());
    eprintln!("discarding {recipients} took {took:?}; the longest of {count} others {longest:?}");
    assert!(count > 1, "others write meanwhile");
    assert_eq!(other.campaign(CampaignId(7)).await.unwrap(), None);
}
