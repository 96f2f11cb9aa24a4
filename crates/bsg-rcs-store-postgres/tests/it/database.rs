//! Where the tests' database is: a schema of its own for each store.

use std::sync::atomic::{AtomicU32, Ordering};

use bsg_rcs_domain::{CampaignId, MessageId, Msisdn, Report, ReportedStatus, SealKey};
use bsg_rcs_store::prelude::*;
use bsg_rcs_store::{
    CallbackKind, CampaignRow, CampaignState, Kind, NewRecipient, PlanEnd, Received, Timestamp,
    Verdict,
};
use bsg_rcs_store_postgres::PostgresStore;
use tokio_postgres::NoTls;

pub(crate) const ID: CampaignId = CampaignId(0xfedc_ba98_7654_3210);

/// The database's URL; without one, the test says that it skips.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
pub(crate) fn url() -> Option<String> {
    let url = std::env::var("BSG_RCS_TEST_POSTGRES").ok();
    if url.is_none() {
        eprintln!("skipped: it needs a server (cargo xtask postgres -- cargo test)");
    }
    url
}

/// The name of a schema that is not used yet.
pub(crate) fn schema() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A store of its own.
pub(crate) async fn store(url: &str) -> PostgresStore {
    PostgresStore::open_in(url, &schema()).await.unwrap()
}

/// Writes a campaign of so many recipients, planned.
pub(crate) async fn planned(store: &dyn Store, count: u32) {
    let row = CampaignRow {
        id: ID,
        kind: Kind::Campaign,
        name: None,
        created_at: Timestamp(1),
        begun_at: None,
        note: None,
        state: CampaignState::Preparing,
        key: SealKey::from_bytes([1; 16]),
        platform: String::new(),
        account: String::new(),
        message: "{}".into(),
        alternative_channel: false,
        digest: String::new(),
        start_at: None,
        batch_cap: 5000,
        recipients: 0,
        summary: String::new(),
    };
    store.create(row).await.unwrap();
    let number = |index| Msisdn::from_u64(380_660_000_000 + u64::from(index)).unwrap();
    let new = |index| NewRecipient { number: number(index), label: None, reference: None };
    store.add_recipients(ID, 0, (0..count).map(new).collect()).await.unwrap();
    let end = PlanEnd { recipients: count, ..PlanEnd::default() };
    store.finish_plan(ID, end).await.unwrap();
}

/// A callback that says this word of a message of a recipient.
pub(crate) fn called_back(index: u32, message: u64, word: &str) -> Received {
    let report = Report {
        message: MessageId(message),
        channel: None,
        status: ReportedStatus::from_word(word),
        price: None,
        sent_at: None,
        reported_at: None,
    };
    let verdict = Verdict::Ours { campaign: ID, index, callback: CallbackKind::Report(report) };
    Received { body: b"{}".to_vec(), verdict }
}

/// Runs statements as another program would.
pub(crate) async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let driving = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    driving.await.unwrap().unwrap();
}
