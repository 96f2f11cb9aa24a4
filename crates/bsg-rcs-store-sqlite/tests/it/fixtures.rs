//! Small cases: a folder of its own for each test, a campaign, reports.

use std::path::PathBuf;

use bsg_rcs_domain::{
    CampaignId, MessageId, MessageStatus, Msisdn, Report, ReportedStatus, SealKey,
};
use bsg_rcs_store::prelude::*;
use bsg_rcs_store::{
    CallbackKind, CampaignRow, CampaignState, Kind, NewRecipient, PlanEnd, Received, Timestamp,
    Verdict,
};
use bsg_rcs_store_sqlite::SqliteStore;
use tempfile::TempDir;

pub(crate) const ID: CampaignId = CampaignId(0xfedc_ba98_7654_3210);

/// A folder that goes with the test, and the path of a store in it.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    (folder, path)
}

pub(crate) fn campaign() -> CampaignRow {
    CampaignRow {
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
        message: String::new(),
        alternative_channel: false,
        digest: String::new(),
        start_at: None,
        batch_cap: 5000,
        recipients: 0,
        summary: String::new(),
    }
}

/// A campaign with another id.
pub(crate) fn campaign_of(id: u64) -> CampaignRow {
    CampaignRow { id: CampaignId(id), ..campaign() }
}

/// Writes a campaign that is being prepared, with so many recipients, in no order of their numbers.
pub(crate) async fn prepared(store: &SqliteStore, row: CampaignRow, count: u32) {
    let id = row.id;
    store.create(row).await.unwrap();
    let recipient = |index: u32| NewRecipient {
        number: Msisdn::from_u64(
            380_000_000_000 + u64::from(index).wrapping_mul(2_654_435_761) % 1_000_000_000,
        )
        .unwrap(),
        label: None,
        reference: None,
    };
    for first in (0..count).step_by(5000) {
        let end = count.min(first + 5000);
        store.add_recipients(id, first, (first..end).map(recipient).collect()).await.unwrap();
    }
}

/// Writes a planned campaign of so many recipients.
pub(crate) async fn planned(store: &SqliteStore, count: u32) {
    prepared(store, campaign(), count).await;
    let end = PlanEnd { recipients: count, ..PlanEnd::default() };
    store.finish_plan(ID, end).await.unwrap();
}

pub(crate) fn report(message: u64, status: MessageStatus) -> Report {
    Report {
        message: MessageId(message),
        channel: None,
        status: ReportedStatus::Known(status),
        price: None,
        sent_at: None,
        reported_at: None,
    }
}

/// A callback that says this message was sent.
pub(crate) fn called_back(index: u32, message: u64) -> Received {
    let said = CallbackKind::Report(report(message, MessageStatus::Sent));
    let verdict = Verdict::Ours { campaign: ID, index, callback: said };
    Received { body: message.to_string().into_bytes(), verdict }
}
