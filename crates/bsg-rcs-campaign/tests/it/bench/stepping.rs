//! A store whose every call, once carried out, is a step.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{CampaignId, ReferenceId, Report, Reports};
use bsg_rcs_store::{
    BatchChange, BatchRow, ButtonRow, CampaignRow, CampaignState, Change, Claim, Forget, KeptBody,
    Lease, MemoryStore, NewRecipient, PlanEnd, Received, RecipientRow, Settled, Store, StoreError,
    TallyRow, Timestamp, Verdict, WorkerId,
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
    ($($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl Store for Stepping {
            fn is_shared(&self) -> bool {
                self.inner.is_shared()
            }

            $(async fn $name(&self, $($arg: $kind),*) -> Kept<$answer> {
                let answer = self.inner.$name($($arg),*).await;
                self.steps.step(concat!("after ", stringify!($name))).await;
                answer
            })*
        }
    };
}

stepping! {
    create(campaign: CampaignRow) -> ();
    add_recipients(campaign: CampaignId, first: u32, recipients: Vec<NewRecipient>) -> ();
    finish_plan(campaign: CampaignId, end: PlanEnd) -> ();
    discard(campaign: CampaignId) -> ();
    campaign(id: CampaignId) -> Option<CampaignRow>;
    campaigns() -> Vec<CampaignRow>;
    set_state(id: CampaignId, state: CampaignState) -> CampaignState;
    set_summary(id: CampaignId, summary: String) -> ();
    claim(id: CampaignId) -> Claim;
    has_live_leases(campaign: CampaignId) -> bool;
    batches(campaign: CampaignId) -> Vec<BatchRow>;
    recipients(campaign: CampaignId, first: u32, count: u32) -> Vec<RecipientRow>;
    lease(campaign: CampaignId, worker: WorkerId, span: Duration, before: u32)
        -> Option<(Lease, BatchRow)>;
    renew(lease: Lease, span: Duration) -> ();
    release(lease: Lease) -> ();
    change_batch(lease: Lease, change: BatchChange) -> ();
    reopen(campaign: CampaignId) -> u64;
    settle(campaign: CampaignId, settled: Vec<Settled>) -> ();
    keep_callbacks(received: Vec<Received>) -> ();
    add_reports(campaign: CampaignId, reports: Vec<(u32, Report)>) -> ();
    reports(campaign: CampaignId, index: u32) -> Reports;
    tally(campaign: CampaignId, accepted_by: Timestamp) -> Vec<TallyRow>;
    clicks(campaign: CampaignId) -> u64;
    buttons(campaign: CampaignId) -> Vec<ButtonRow>;
    contradicted(campaign: CampaignId, limit: u32) -> Vec<u32>;
    changes(after: u64, limit: u32) -> Vec<Change>;
    bodies(after: u64, limit: u32) -> Vec<KeptBody>;
    judge_again(judged: Vec<(u64, Verdict)>) -> ();
    forget(whom: Forget) -> u64;
    prune(before: Timestamp) -> u64;
    by_reference(reference: ReferenceId) -> Option<(CampaignId, u32)>;
    setting(name: &str, proposed: &str) -> String;
}
