//! Group commit: requests that wait together are kept in one call of the inbox.
//!
//! A durable write costs about the same for one callback as for hundreds. So a task takes one
//! callback from a bounded queue and with it all that wait behind it, has them kept, and tells
//! each request what came of it. While it is busy the next group gathers; nothing waits for a timer.

use std::error::Error;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

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
    let depth = metrics::gauge!("bsg_rcs_inbox_depth");
    let size = metrics::histogram!("bsg_rcs_inbox_group");
    let mut next = waiting.recv().await;
    while let Some(first) = next {
        let mut group = vec![first];
        let mut done: Option<Done> = None;
        while !group.is_empty() {
            depth.set(count(waiting.len()));
            size.record(count(group.len()));
            let (callbacks, requests) =
                group.drain(..).map(|waiting| (waiting.incoming, waiting.kept)).unzip();
            let mut keeping = pin!(keep(&*inbox, callbacks));
            // The next group is on its way before those of the last are answered, which takes as long again.
            let kept = poll_fn(|cx| Poll::Ready(keeping.as_mut().poll(cx))).await;
            done.take().into_iter().for_each(Done::answer);
            let kept = match kept {
                Poll::Ready(kept) => kept,
                Poll::Pending => keeping.await,
            };
            done = Some(Done { requests, kept });
            while group.len() < GROUP
                && let Ok(next) = waiting.try_recv()
            {
                group.push(next);
            }
        }
        done.into_iter().for_each(Done::answer);
        next = waiting.recv().await;
    }
}

/// A group that the inbox has kept or has not, and who is to be told.
struct Done {
    requests: Vec<oneshot::Sender<Kept>>,
    kept: Result<(), InboxError>,
}

impl Done {
    fn answer(self) {
        match self.kept {
            // A request that has gone away needs no answer.
            Ok(()) => self.requests.into_iter().for_each(|request| drop(request.send(Kept))),
            Err(error) => log(self.requests.len(), &error),
        }
    }
}

/// One call of the inbox. A panic in there fails its group and no other.
async fn keep(inbox: &dyn Inbox, callbacks: Vec<Incoming>) -> Result<(), InboxError> {
    let mut call = inbox.keep(callbacks);
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx)))
            .unwrap_or_else(|_| Poll::Ready(Err(InboxError::new("the inbox panicked"))))
    })
    .await
}

fn count(callbacks: usize) -> f64 {
    f64::from(u32::try_from(callbacks).unwrap_or(u32::MAX))
}

fn log(callbacks: usize, error: &InboxError) {
    let cause = error.source().map(ToString::to_string);
    tracing::error!(callbacks, cause, "{error}");
}
