//! Group commit: requests that wait together are kept in one call of the inbox.
//!
//! A durable write costs about the same for one callback as for hundreds. So a task takes all that
//! wait in a bounded queue, has them kept, and tells each request what came of it. While a group is
//! under way the next gathers; nothing waits for a timer.

use std::error::Error;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::inbox::{Inbox, InboxError, Incoming};

/// The most callbacks that one call of the inbox is given.
const GROUP: usize = 512;
/// Calls of the inbox at once: while one is brought to the disk the next is prepared.
const CALLS: u32 = 2;
/// So many callbacks are worth a call that follows at once on the one that is under way. Fewer gather until
/// nothing is under way, or until they are so many: each call has its price.
const LARGE: usize = 64;
/// The most callbacks that wait in the queue; further ones are turned away. One group more gathers in front of it,
/// and two may be under way: with bodies of the greatest size all of them are 352 MiB, with real ones some 3 MiB.
const QUEUE: usize = 4096;

/// The handle of requests on the task that keeps.
pub(crate) struct Collector {
    queue: mpsc::Sender<Waiting>,
}

/// A callback, and whom to tell once it is kept.
struct Waiting {
    incoming: Incoming,
    kept: oneshot::Sender<Kept>,
}

/// The inbox answered `Ok`.
struct Kept;

/// Why a callback is not kept.
pub(crate) enum NotKept {
    /// Too many wait.
    Full,
    /// The inbox failed.
    Failed,
}

impl Collector {
    /// Starts the task. It ends when the last handle is dropped and the queue is empty.
    pub(crate) fn start(inbox: Arc<dyn Inbox>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(collect(waiting, inbox));
        Self { queue }
    }

    /// Returns once the inbox has kept the callback, or has not. A request that is dropped while
    /// it waits here leaves its callback in the queue: it is kept, and nobody is told.
    pub(crate) async fn keep(&self, incoming: Incoming) -> Result<(), NotKept> {
        let (kept, answer) = oneshot::channel();
        let waiting = Waiting { incoming, kept };
        self.queue.try_send(waiting).map_err(|_| NotKept::Full)?;
        // The sender is dropped without a word where the inbox failed.
        answer.await.map(|Kept| ()).map_err(|_| NotKept::Failed)
    }

    /// Whether there is room in the queue.
    pub(crate) fn has_room(&self) -> bool {
        !self.queue.is_closed() && self.queue.capacity() > 0
    }
}

async fn collect(mut waiting: mpsc::Receiver<Waiting>, inbox: Arc<dyn Inbox>) {
    let depth = metrics::gauge!("bsg_rcs_inbox_depth");
    let size = metrics::histogram!("bsg_rcs_inbox_group");
    let calls = Arc::new(Semaphore::new(CALLS as usize));
    let (mut group, mut closed) = (Vec::new(), false);
    while !closed || !group.is_empty() {
        let room = GROUP.saturating_sub(group.len());
        tokio::select! {
            biased;
            call = turn(&calls, group.len() >= LARGE), if room < GROUP => {
                depth.set(count(waiting.len()));
                size.record(count(group.len()));
                let group = std::mem::take(&mut group);
                let inbox = Arc::clone(&inbox);
                tokio::spawn(async move {
                    keep(inbox, group).await;
                    drop(call);
                });
            }
            received = waiting.recv_many(&mut group, room), if room > 0 && !closed => {
                closed = received == 0;
            }
        }
    }
}

/// Waits until a group may be handed over: behind at most one other if it is large, behind none if it is not.
async fn turn(calls: &Arc<Semaphore>, is_large: bool) -> Option<OwnedSemaphorePermit> {
    if is_large {
        return Arc::clone(calls).acquire_owned().await.ok();
    }
    let mut all = Arc::clone(calls).acquire_many_owned(CALLS).await.ok()?;
    all.split(1)
}

/// Has a group kept, and tells each request what came of it.
async fn keep(inbox: Arc<dyn Inbox>, group: Vec<Waiting>) {
    let (callbacks, requests): (Vec<_>, Vec<_>) =
        group.into_iter().map(|waiting| (waiting.incoming, waiting.kept)).unzip();
    // A task of its own: a panic in there fails its group and no other.
    let call = tokio::spawn(async move { inbox.keep(callbacks).await });
    match call.await.unwrap_or_else(|_| Err(InboxError::new("the inbox panicked"))) {
        // A request that has gone away needs no answer.
        Ok(()) => requests.into_iter().for_each(|request| drop(request.send(Kept))),
        Err(error) => log(requests.len(), &error),
    }
}

fn count(callbacks: usize) -> f64 {
    f64::from(u32::try_from(callbacks).unwrap_or(u32::MAX))
}

fn log(callbacks: usize, error: &InboxError) {
    // The whole chain: what the database says of itself stands at its end.
    let (mut causes, mut source) = (Vec::new(), error.source());
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    tracing::error!(callbacks, cause = causes.join(": "), "{error}");
}
