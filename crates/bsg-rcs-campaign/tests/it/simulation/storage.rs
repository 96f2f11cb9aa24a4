//! The store: what it answered `Ok` is kept, whatever dies; but any call may fail, before or after
//! it was carried out.

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
    ($of:ident $({ $($own:tt)* })?: $($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty
        $(, changes $what:expr)? $(, then $then:expr)?;)*) => {
        #[async_trait]
        impl $of for Storage {
            $($($own)*)?

            $(async fn $name(&self, $($arg: $kind),*) -> Kept<$answer> {
                point().await;
                if self.fails(stringify!($name), "before") {
                    return Self::failed();
                }
                $(self.world.lock().note(&self.who, || {
                    format!("store: {} {}", stringify!($name), $what)
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

storage! { PlanStore:
    create(campaign: CampaignRow) -> (), changes "";
    add_recipients(campaign: CampaignId, first: u32, recipients: Vec<NewRecipient>) -> (),
        changes format!("{}", recipients.len());
    finish_plan(campaign: CampaignId, end: PlanEnd) -> (), changes end.recipients;
    begin(campaign: CampaignId, guard: Option<Duration>) -> CampaignState, changes "";
    discard(campaign: CampaignId) -> bool, changes "";
    abandoned() -> Vec<CampaignId>;
    set_summary(id: CampaignId, summary: String) -> ();
    set_account(id: CampaignId, account: String) -> (), changes "";
}

storage! { StateStore {
    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }
}:
    now() -> Timestamp;
    campaign(id: CampaignId) -> Option<CampaignRow>;
    campaigns(filter: CampaignFilter) -> Vec<CampaignRow>;
    set_state(id: CampaignId, state: CampaignState, note: Option<String>) -> CampaignState,
        changes format!("{state:?} ({})", note.as_deref().unwrap_or_default()),
        then |world: &mut World, now: &CampaignState| {
            if *now == CampaignState::Stopped {
                let now = world.now();
                world.stopped_at.get_or_insert(now);
            }
        };
    reopen(campaign: CampaignId) -> u64, changes "";
    claim(id: CampaignId) -> Claim;
}

storage! { WorkStore:
    batches(campaign: CampaignId, from_first: u32, limit: u32) -> Vec<BatchRow>;
    batch_sums(campaign: CampaignId) -> BatchSums;
    lease(campaign: CampaignId, worker: WorkerId, span: Duration, before: u32)
        -> Option<(Lease, BatchRow)>,
        then |world: &mut World, leased: &Option<(Lease, BatchRow)>| world.gives(leased);
    renew(lease: Lease, span: Duration) -> ();
    release(lease: Lease) -> (), changes lease.batch;
    has_live_leases(campaign: CampaignId) -> bool;
    cut(lease: Lease, keep: u32, worst: (Option<Money>, Option<Money>)) -> BatchRow,
        changes format!("batch {} at {keep}", lease.batch),
        then |world: &mut World, _: &BatchRow| world.hears(lease);
    begin_sending(lease: Lease, span: Duration) -> SendStart,
        changes format!("batch {} (lease {})", lease.batch, lease.serial),
        then |world: &mut World, begun: &SendStart| {
            if matches!(begun, SendStart::Recipients(_)) {
                world.hears(lease);
            }
        };
    change_batch(lease: Lease, change: BatchChange) -> (), changes changed(lease, &change),
        then |world: &mut World, (): &()| world.hears(lease);
    recipients(campaign: CampaignId, first: u32, count: u32) -> Vec<RecipientRow>;
    settle(campaign: CampaignId, settled: Vec<Settled>) -> (), changes settles(&settled);
    open_remotes(campaign: CampaignId, after: Option<u32>, limit: u32) -> Vec<OpenRemote>;
}

storage! { ReportStore:
    keep_callbacks(received: Vec<Received>) -> (), changes keeps(&received);
    add_reports(campaign: CampaignId, reports: Vec<(u32, Report)>) -> (), changes adds(&reports);
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

storage! { AdminStore:
    forget(numbers: Forget) -> u64, changes "";
    prune(before: Timestamp) -> u64;
    set_aside(after: u64, limit: u32) -> Vec<SetAside>;
    setting(name: &str, proposed: &str) -> String;
    ready() -> Readiness;
}

fn changed(lease: Lease, change: &BatchChange) -> String {
    let remote = change.remote.map(|remote| format!(" remote {remote}")).unwrap_or_default();
    let note = change.note.as_deref().unwrap_or_default();
    let settled = settles(&change.settled);
    let Lease { batch, serial, .. } = lease;
    let left = if change.never_left { " (never left)" } else { "" };
    format!("batch {batch} (lease {serial}) {:?}{left}{remote} {note} {settled}", change.state)
}

fn settles(settled: &[Settled]) -> String {
    let each = settled.iter().map(|to| format!("{}:{:?}", to.index, to.outcome));
    each.collect::<Vec<_>>().join(" ")
}

fn keeps(received: &[Received]) -> String {
    let each = received.iter().map(|one| match &one.verdict {
        Verdict::Ours { index, callback, .. } => match callback {
            bsg_rcs_store::CallbackKind::Report(report) => {
                format!("{index}:{} of {}", report.status.as_str(), report.message.0)
            }
            bsg_rcs_store::CallbackKind::Click(_) => format!("{index}:click"),
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
