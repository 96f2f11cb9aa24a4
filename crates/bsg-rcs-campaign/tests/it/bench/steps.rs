//! Steps: every call of store, line and clock, once it was carried out and before it is answered.
//! The work can be stopped at each, as if its process had died there. To die before a call is to
//! die after the one before it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts steps; at the one that it is told, the work never goes on.
#[derive(Default)]
pub(crate) struct Steps {
    taken: AtomicUsize,
    fatal: AtomicUsize,
    died: Notify,
    last: Mutex<&'static str>,
}

impl std::fmt::Debug for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Steps")
    }
}

impl Steps {
    /// Takes a step.
    pub(crate) async fn step(&self, name: &'static str) {
        let taken = self.taken.fetch_add(1, Ordering::SeqCst) + 1;
        if taken == self.fatal.load(Ordering::SeqCst) {
            *self.last.lock().unwrap() = name;
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Lets work go on until the step of this number (from 1), then drops it. `Some` is its
    /// result, if it came to its end before.
    pub(crate) async fn until<T>(&self, fatal: usize, work: impl Future<Output = T>) -> Option<T> {
        self.taken.store(0, Ordering::SeqCst);
        self.fatal.store(fatal, Ordering::SeqCst);
        let done = tokio::select! {
            biased;
            () = self.died.notified() => None,
            done = work => Some(done),
        };
        self.fatal.store(0, Ordering::SeqCst);
        done
    }

    /// Where the work died last.
    pub(crate) fn died_at(&self) -> &'static str {
        *self.last.lock().unwrap()
    }
}
