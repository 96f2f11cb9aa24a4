//! What the checks build their cases from, and how they look at a store. Values only where a case
//! does not care; a case that cares writes its own.

use std::time::Duration;

use bsg_rcs_domain::{
    Amount, CampaignId, CivilDateTime, Currency, MessageId, MessageStatus, Money, Msisdn,
    ReferenceId, Report, ReportedStatus, Reports, SealKey,
};

use crate::error::StoreError;
use crate::rows::{
    BatchChange, BatchRow, BatchState, CallbackKind, CampaignFilter, CampaignRow, CampaignState,
    Kind, Lease, NewRecipient, Outcome, PlanEnd, Received, Settled, TallyRow, Timestamp, Verdict,
    WorkerId,
};
use crate::store::Store;
use crate::view::MessageView;

/// Recipients a batch, in every fixture.
pub(super) const CAP: u16 = 3;
/// The campaign that most checks work on.
pub(super) const ID: CampaignId = CampaignId(0x0123_4567_89ab_cdef);
/// One that no check ever creates.
pub(super) const ABSENT: CampaignId = CampaignId(404);

/// A campaign to be created.
pub(super) fn campaign(id: CampaignId) -> CampaignRow {
    CampaignRow {
        id,
        kind: Kind::Campaign,
        name: Some("Spring".into()),
        created_at: Timestamp(1_700_000_000_000),
        begun_at: None,
        state: CampaignState::Preparing,
        note: None,
        key: SealKey::from_bytes([7; 16]),
        platform: "https://platform.example".into(),
        account: "fingerprint".into(),
        message: "{}".into(),
        alternative_channel: false,
        digest: String::new(),
        start_at: None,
        batch_cap: CAP,
        recipients: 0,
        summary: String::new(),
    }
}

pub(super) fn recipient(index: u32) -> NewRecipient {
    let number = Msisdn::from_u64(380_660_000_000 + u64::from(index)).expect("a number");
    NewRecipient { number, label: None, reference: None }
}

pub(super) fn recipients(range: std::ops::Range<u32>) -> Vec<NewRecipient> {
    range.map(recipient).collect()
}

pub(super) fn reference(text: &str) -> ReferenceId {
    ReferenceId::parse(text).expect("a reference")
}

pub(super) fn civil(text: &str) -> CivilDateTime {
    CivilDateTime::parse(text).expect("a date-time")
}

pub(super) fn money(amount: &str, currency: &str) -> Money {
    let amount = Amount::parse(amount).expect("an amount").amount;
    Money::new(amount, Currency::parse(currency).expect("a currency"))
}

/// A report without price and times.
pub(super) fn report(message: u64, status: MessageStatus) -> Report {
    Report {
        message: MessageId(message),
        channel: None,
        status: ReportedStatus::Known(status),
        price: None,
        sent_at: None,
        reported_at: None,
    }
}

pub(super) fn priced(message: u64, price: Money) -> Report {
    Report { price: Some(price), ..report(message, MessageStatus::Delivered) }
}

/// A callback that says this of a recipient.
pub(super) fn received(campaign: CampaignId, index: u32, callback: CallbackKind) -> Received {
    let verdict = Verdict::Ours { campaign, index, callback };
    Received { body: b"{\"a\":1}".to_vec(), verdict }
}

pub(super) fn called_back(campaign: CampaignId, index: u32, report: Report) -> Received {
    received(campaign, index, CallbackKind::Report(report))
}

pub(super) fn change(state: BatchState) -> BatchChange {
    BatchChange::to(state)
}

pub(super) fn settled(index: u32, outcome: Outcome) -> Settled {
    Settled { index, outcome, note: None }
}

/// Writes a planned campaign of so many recipients.
pub(super) async fn planned(store: &dyn Store, row: CampaignRow, count: u32) {
    let id = row.id;
    store.create(row).await.expect("a new campaign is created");
    store.add_recipients(id, 0, recipients(0..count)).await.expect("recipients are added");
    store.finish_plan(id, plan_end(count)).await.expect("the plan is finished");
}

/// The end of a plan of so many recipients.
pub(super) fn plan_end(recipients: u32) -> PlanEnd {
    PlanEnd {
        recipients,
        digest: "digest".to_owned(),
        summary: "summary".to_owned(),
        ..PlanEnd::default()
    }
}

/// The worker of most checks.
pub(super) const WORKER: WorkerId = WorkerId(u64::MAX - 1);
/// Longer than any check takes.
pub(super) const LONG: Duration = Duration::from_secs(1800);

/// Begins to send a campaign, and leases all that is open of it, in order.
pub(super) async fn leases(store: &dyn Store, id: CampaignId) -> Vec<Lease> {
    store.begin(id, None).await.expect("it is begun");
    let mut leases = Vec::new();
    while let Some((lease, _)) =
        store.lease(id, WORKER, LONG, u32::MAX).await.expect("a batch is leased")
    {
        leases.push(lease);
    }
    leases
}

/// The tally with nothing overdue.
pub(super) async fn tally(store: &dyn Store, id: CampaignId) -> Vec<TallyRow> {
    store.tally(id, LONG).await.expect("a tally is made")
}

/// All batches.
pub(super) async fn batches(store: &dyn Store, id: CampaignId) -> Vec<BatchRow> {
    store.batches(id, 0, u32::MAX).await.expect("the batches are read")
}

/// All campaigns.
pub(super) async fn campaigns(store: &dyn Store) -> Vec<CampaignRow> {
    let all = CampaignFilter { limit: u32::MAX, ..CampaignFilter::default() };
    store.campaigns(all).await.expect("the campaigns are listed")
}

/// A moment of the store's clock that lies behind everything that was written so far.
pub(super) async fn later(store: &dyn Store) -> Timestamp {
    let before = store.now().await.expect("the store has a clock");
    loop {
        let now = store.now().await.expect("the store has a clock");
        if now > before {
            return now;
        }
        tokio::task::yield_now().await;
    }
}

/// Everything that can be seen of a campaign, for "nothing changed".
pub(super) async fn seen(store: &dyn Store, id: CampaignId) -> impl PartialEq + std::fmt::Debug {
    let row = store.campaign(id).await.expect("the campaign is read");
    let batches = batches(store, id).await;
    let recipients = store.recipients(id, 0, u32::MAX).await.expect("the recipients are read");
    let clicks = store.clicks(id).await.expect("the clicks are counted");
    let mut reports = Vec::new();
    for recipient in &recipients {
        reports.push(store.reports(id, recipient.index).await.expect("the reports are read"));
    }
    (row, batches, recipients, clicks, reports)
}

pub(super) fn assert_missing<T: std::fmt::Debug>(answer: Result<T, StoreError>, what: &str) {
    assert!(matches!(answer, Err(StoreError::Missing(_))), "{what} is missing, not {answer:?}");
}

pub(super) fn assert_exists<T: std::fmt::Debug>(answer: Result<T, StoreError>, what: &str) {
    assert!(matches!(answer, Err(StoreError::Exists(_))), "{what} exists already, not {answer:?}");
}

/// The set that is kept is the expected one, and everything derived of it is of this very set.
/// The campaign has this recipient only.
pub(super) async fn assert_told(store: &dyn Store, id: CampaignId, expected: &Reports) {
    let kept = store.reports(id, 0).await.expect("the reports are read");
    assert_eq!(&kept, expected, "the kept reports are the set of those that were written");
    let row = store.campaign(id).await.expect("the campaign is read").expect("it is there");
    let view = MessageView::of(expected, row.alternative_channel);
    let view = (!expected.is_empty()).then_some(view);
    let recipient = store.recipients(id, 0, 1).await.expect("the recipient is read").remove(0);
    let shown = view.as_ref().map(|view| view.shown);
    assert_eq!(recipient.shown, shown, "the recipient shows what its set of reports shows");
    let charged = view.as_ref().map(|view| view.billed.clone()).unwrap_or_default();
    assert_eq!(recipient.billed, charged, "the recipient is charged what its set says");
    let mut rows = tally(store, id).await;
    assert_eq!(rows.len(), 1, "one recipient makes one row of the tally");
    let row = rows.remove(0);
    let (ended, sms) = view.as_ref().map_or((false, false), |view| (view.ended, view.sms));
    let billed = view.map(|view| view.billed).unwrap_or_default();
    assert_eq!(
        (row.shown, row.ended, row.sms, row.billed, row.count),
        (shown, ended, sms, billed, 1),
        "the tally counts what the set of reports says, {expected:?}"
    );
}
