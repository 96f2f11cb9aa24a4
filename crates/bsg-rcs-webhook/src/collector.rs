//! Group commit: requests that wait together are kept in one call of the inbox.
//!
//! A durable write costs about the same for one callback as for hundreds. So a task takes one
//! callback from a bounded queue and with it all that wait behind it, has them kept, and tells
//! each request what came of it. While it is busy the next group gathers; nothing waits for a timer.

use std::error::Error;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::inbox::{Inbox, InboxError, Incoming};

/// The most callbacks that one call of the inbox is given.
const GROUP: usize = 512;
/// The most callbacks that wait for their turn; further ones are turned away. With bodies of the
/// greatest size that is 256 MiB, with real ones about 2 MiB.
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
    let mut group = Vec::new();
    let depth = metrics::gauge!("bsg_rcs_inbox_depth");
    let size = metrics::histogram!("bsg_rcs_inbox_group");
    while let Some(first) = waiting.recv().await {
        group.push(first);
        // Whoever was answered with the group before mostly has the next callback on its way: those
        // that are there already come along, rather than one alone and the rest after its commit.
        tokio::task::yield_now().await;
        while group.len() < GROUP
            && let Ok(next) = waiting.try_recv()
        {
            group.push(next);
        }
        depth.set(f64::from(u32::try_from(waiting.len()).unwrap_or(u32::MAX)));
        size.record(f64::from(u32::try_from(group.len()).unwrap_or(u32::MAX)));
        let (callbacks, requests): (Vec<_>, Vec<_>) =
            group.drain(..).map(|waiting| (waiting.incoming, waiting.kept)).unzip();
        match keep(Arc::clone(&inbox), callbacks).await {
            // A request that has gone away needs no answer.
            Ok(()) => requests.into_iter().for_each(|request| drop(request.send(Kept))),
            Err(error) => log(requests.len(), &error),
        }
    }
}

/// One call of the inbox, in a task of its own: a panic in there fails its group and no other.
async fn keep(inbox: Arc<dyn Inbox>, callbacks: Vec<Incoming>) -> Result<(), InboxError> {
    let call = tokio::spawn(async move { inbox.keep(callbacks).await });
    call.await.unwrap_or_else(|_| Err(InboxError::new("the inbox panicked")))
}

fn log(callbacks: usize, error: &InboxError) {
    let cause = error.source().map(ToString::to_string);
    tracing::error!(callbacks, cause, "{error}");
}
