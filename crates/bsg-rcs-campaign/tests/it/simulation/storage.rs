//! The store: what it answered `Ok` is kept, whatever dies; but any call may fail, before or after
//! it was carried out.

use std::time::Duration;

use bsg_rcs_domain::{CampaignId, ReferenceId, Report, Reports};
use bsg_rcs_store::{
    BatchChange, BatchRow, ButtonRow, CampaignRow, CampaignState, Change, Claim, Forget, KeptBody,
    Lease, MemoryStore, NewRecipient, PlanEnd, Received, RecipientRow, Settled, Store, StoreError,
    TallyRow, Timestamp, Verdict, WorkerId,
};
use bsg_rcs_transport::async_trait;

use super::world::{Shared, World, point};

/// One process's way to the store.
pub(super) struct Storage {
    inner: MemoryStore,
    world: Shared,
    who: String,
}

type Kept<T> = Result<T, StoreError>;

impl Storage {
    pub(super) fn new(who: &str, world: &Shared) -> Self {
        Self { inner: world.lock().store.clone(), world: world.clone(), who: who.to_owned() }
    }

    /// Whether a call fails now.
    fn fails(&self, name: &str, when: &str) -> bool {
        let mut world = self.world.lock();
        let rate = world.rates().store;
        // Half of the failures come before, half after.
        let fails = world.chance.one_in(rate * 2);
        if fails {
            world.note(&self.who, || format!("FAULT the store fails {when} {name}"));
        }
        fails
    }

    fn failed<T>() -> Kept<T> {
        Err(StoreError::Backend { doing: "working", source: "the disk is full".into() })
    }
}

macro_rules! storage {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty
        $(, changes $said:expr)? $(, then $then:expr)?;)*) => {
        #[async_trait]
        impl Store for Storage {
            fn is_shared(&self) -> bool {
                self.inner.is_shared()
            }

            $(async fn $name(&self, $($arg: $kind),*) -> Kept<$answer> {
                point().await;
                if self.fails(stringify!($name), "before") {
                    return Self::failed();
                }
                $(self.world.lock().note(&self.who, || {
                    format!("store: {} {}", stringify!($name), $said)
                });)?
                let answer = self.inner.$name($($arg),*).await;
                $(if let Ok(answered) = &answer {
                    ($then)(&mut self.world.lock(), answered);
                })?
                point().await;
                if answer.is_ok() && self.fails(stringify!($name), "after") {
                    return Self::failed();
                }
                answer
            })*
        }
    };
}

storage! {
    add_recipients(campaign: CampaignId, first: u32, recipients: Vec<NewRecipient>) -> (),
        changes format!("{}", recipients.len());
    finish_plan(campaign: CampaignId, end: PlanEnd) -> (), changes end.recipients;
    discard(campaign: CampaignId) -> (), changes "";
    create(campaign: CampaignRow) -> (), changes "";
    campaign(id: CampaignId) -> Option<CampaignRow>;
    campaigns() -> Vec<CampaignRow>;
    set_state(id: CampaignId, state: CampaignState) -> CampaignState, changes format!("{state:?}");
    set_summary(id: CampaignId, summary: String) -> ();
    claim(id: CampaignId) -> Claim;
    has_live_leases(campaign: CampaignId) -> bool;
    batches(campaign: CampaignId) -> Vec<BatchRow>;
    recipients(campaign: CampaignId, first: u32, count: u32) -> Vec<RecipientRow>;
    lease(campaign: CampaignId, worker: WorkerId, span: Duration, before: u32)
        -> Option<(Lease, BatchRow)>,
        then |world: &mut World, leased: &Option<(Lease, BatchRow)>| world.gives(leased);
    renew(lease: Lease, span: Duration) -> ();
    release(lease: Lease) -> (), changes lease.batch;
    change_batch(lease: Lease, change: BatchChange) -> (), changes changed(lease, &change),
        then |world: &mut World, (): &()| world.hears(lease);
    reopen(campaign: CampaignId) -> u64;
    settle(campaign: CampaignId, settled: Vec<Settled>) -> (), changes settles(&settled);
    keep_callbacks(received: Vec<Received>) -> (), changes keeps(&received);
    add_reports(campaign: CampaignId, reports: Vec<(u32, Report)>) -> (), changes adds(&reports);
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

fn changed(lease: Lease, change: &BatchChange) -> String {
    let remote = change.remote.map(|remote| format!(" remote {remote}")).unwrap_or_default();
    let note = change.note.as_deref().unwrap_or_default();
    let settled = settles(&change.settled);
    let Lease { batch, serial, .. } = lease;
    format!("batch {batch} (lease {serial}) {:?}{remote} {note} {settled}", change.state)
}

fn settles(settled: &[Settled]) -> String {
    let each = settled.iter().map(|to| format!("{}:{:?}", to.index, to.outcome));
    each.collect::<Vec<_>>().join(" ")
}

fn keeps(received: &[Received]) -> String {
    let each = received.iter().map(|one| match &one.verdict {
        Verdict::Ours { index, said, .. } => match said {
            bsg_rcs_store::Said::Report(report) => {
                format!("{index}:{} of {}", report.status.as_str(), report.message.0)
            }
            bsg_rcs_store::Said::Click(_) => format!("{index}:click"),
        },
        Verdict::SetAside { why } => format!("aside ({why})"),
    });
    each.collect::<Vec<_>>().join(", ")
}

fn adds(reports: &[(u32, Report)]) -> String {
    let each = reports.iter().map(|(index, report)| {
        format!("{index}:{} of {}", report.status.as_str(), report.message.0)
    });
    each.collect::<Vec<_>>().join(", ")
}
