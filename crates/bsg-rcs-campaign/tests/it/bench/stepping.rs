//! A store whose every call, once carried out, is a step.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{CampaignId, Money, ReferenceId, Report, Reports};
use bsg_rcs_store::rows::{OpenRemote, Owner, Readiness, SetAside, Snapshot};
use bsg_rcs_store::{
    AdminStore, BatchChange, BatchRow, BatchSums, ButtonRow, CampaignFilter, CampaignRow,
    CampaignState, Change, Claim, Forget, KeptBody, Lease, MemoryStore, NewRecipient, PlanEnd,
    PlanStore, Received, RecipientRow, ReportStore, SendStart, Settled, StateStore, StoreError,
    TallyRow, Timestamp, Verdict, WorkStore, WorkerId,
};
use bsg_rcs_transport::async_trait;

use super::Steps;

/// Passes every call on.
pub(crate) struct Stepping {
    inner: Arc<MemoryStore>,
    steps: Arc<Steps>,
}

impl Stepping {
    pub(crate) fn new(inner: Arc<MemoryStore>, steps: Arc<Steps>) -> Self {
        Self { inner, steps }
    }
}

type Kept<T> = Result<T, StoreError>;

macro_rules! stepping {
    ($of:ident $({ $($own:tt)* })?: $($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl $of for Stepping {
            $($($own)*)?

            $(async fn $name(&self, $($arg: $kind),*) -> Kept<$answer> {
                let answer = self.inner.$name($($arg),*).await;
                self.steps.step(concat!("after ", stringify!($name))).await;
                answer
            })*
        }
    };
}

stepping! { PlanStore:
    create(campaign: CampaignRow) -> ();
    add_recipients(campaign: CampaignId, first: u32, recipients: Vec<NewRecipient>) -> ();
    finish_plan(campaign: CampaignId, end: PlanEnd) -> ();
    begin(campaign: CampaignId, guard: Option<Duration>) -> CampaignState;
    discard(campaign: CampaignId) -> bool;
    abandoned() -> Vec<CampaignId>;
    set_summary(id: CampaignId, summary: String) -> ();
    set_account(id: CampaignId, account: String) -> ();
}

stepping! { StateStore {
    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }
}:
    now() -> Timestamp;
    campaign(id: CampaignId) -> Option<CampaignRow>;
    campaigns(filter: CampaignFilter) -> Vec<CampaignRow>;
    set_state(id: CampaignId, state: CampaignState, note: Option<String>) -> CampaignState;
    reopen(campaign: CampaignId) -> u64;
    claim(id: CampaignId) -> Claim;
}

stepping! { WorkStore:
    batches(campaign: CampaignId, from_first: u32, limit: u32) -> Vec<BatchRow>;
    batch_sums(campaign: CampaignId) -> BatchSums;
    lease(campaign: CampaignId, worker: WorkerId, span: Duration, before: u32)
        -> Option<(Lease, BatchRow)>;
    renew(lease: Lease, span: Duration) -> ();
    release(lease: Lease) -> ();
    has_live_leases(campaign: CampaignId) -> bool;
    cut(lease: Lease, keep: u32, worst: (Option<Money>, Option<Money>)) -> BatchRow;
    begin_sending(lease: Lease, span: Duration) -> SendStart;
    change_batch(lease: Lease, change: BatchChange) -> ();
    recipients(campaign: CampaignId, first: u32, count: u32) -> Vec<RecipientRow>;
    settle(campaign: CampaignId, settled: Vec<Settled>) -> ();
    open_remotes(campaign: CampaignId, after: Option<u32>, limit: u32) -> Vec<OpenRemote>;
}

stepping! { ReportStore:
    keep_callbacks(received: Vec<Received>) -> ();
    add_reports(campaign: CampaignId, reports: Vec<(u32, Report)>) -> ();
    reports(campaign: CampaignId, index: u32) -> Reports;
    tally(campaign: CampaignId, overdue_after: Duration) -> Vec<TallyRow>;
    snapshot(campaign: CampaignId, overdue_after: Duration) -> Snapshot;
    clicks(campaign: CampaignId) -> u64;
    buttons(campaign: CampaignId) -> Vec<ButtonRow>;
    contradicted(campaign: CampaignId, limit: u32) -> Vec<u32>;
    changes(after: u64, limit: u32) -> Vec<Change>;
    bodies(after: u64, limit: u32) -> Vec<KeptBody>;
    judge_again(judged: Vec<(u64, Verdict)>) -> ();
    owners(references: Vec<ReferenceId>) -> Vec<Option<Owner>>;
}

stepping! { AdminStore:
    forget(numbers: Forget) -> u64;
    prune(before: Timestamp) -> u64;
    set_aside(after: u64, limit: u32) -> Vec<SetAside>;
    setting(name: &str, proposed: &str) -> String;
    ready() -> Readiness;
}
