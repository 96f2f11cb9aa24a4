//! A thread that owns a connection and carries out what is sent to it, one transaction each.
//!
//! The store has two: one writes, one reads, so that a long count does not delay a callback.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bsg_rcs_store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use crate::failure::{Failure, backend};

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// How long the writer leaves the file to other processes between two pieces of a long removal:
/// they look once a millisecond whether it is free.
const LEAVE: Duration = Duration::from_millis(3);

/// A handle to the thread. When it is dropped, what was sent before is done, the connection is
/// closed, and the thread has ended.
pub(crate) struct Worker {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    behavior: TransactionBehavior,
}

impl Worker {
    /// A worker whose transactions write. They take the write lock at once, for one that begins
    /// by reading could find that another process wrote meanwhile, and fail.
    pub(crate) fn writing(connection: Connection) -> io::Result<Self> {
        Self::start("store-writer", connection, TransactionBehavior::Immediate, carry_over)
    }

    /// A worker whose transactions read, each from one state of the store.
    pub(crate) fn reading(connection: Connection) -> io::Result<Self> {
        Self::start("store-reader", connection, TransactionBehavior::Deferred, |_| {})
    }

    fn start(
        name: &str,
        mut connection: Connection,
        behavior: TransactionBehavior,
        at_the_end: fn(&Connection),
    ) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = thread::Builder::new().name(name.into()).spawn(move || {
            for job in queue {
                // A job that panics has rolled back; its caller is told that the answer is gone.
                let _ = catch_unwind(AssertUnwindSafe(|| job(&mut connection)));
            }
            at_the_end(&connection);
        })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), behavior })
    }

    /// Has `job` done in a transaction, which is committed if it succeeds. Once sent it is done,
    /// also if the answer is not waited for any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let behavior = self.behavior;
        self.send(move |connection| transact(connection, behavior, job)).await?
    }

    /// Has something done outside of any transaction.
    pub(crate) async fn bare<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = |_| backend("working", "the job panicked");
        self.send(move |connection| job(connection)).await.map_err(gone)?
    }

    /// Leaves the file to other processes for a moment.
    pub(crate) async fn leave(&self) -> Result<(), Failure> {
        self.send(|_| thread::park_timeout(LEAVE)).await
    }

    async fn send<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        // A dropped call does not want the answer: nothing to do about it.
        let job = move |connection: &mut Connection| drop(reply.send(job(connection)));
        let jobs = self.jobs.as_ref().ok_or(Failure::Gone)?;
        jobs.send(Box::new(job)).map_err(|_| Failure::Gone)?;
        answer.await.map_err(|_| Failure::Gone)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // It cannot have panicked: every job is caught.
            let _ = thread.join();
        }
    }
}

/// Carries the log over into the file, so that a copy of the file alone is the whole store. If
/// another process is at it, the log stays, and that process carries it over.
fn carry_over(connection: &Connection) {
    let _ = connection.busy_timeout(Duration::ZERO);
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}

fn transact<T>(
    connection: &mut Connection,
    behavior: TransactionBehavior,
    job: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let transaction = connection.transaction_with_behavior(behavior)?;
    let answer = job(&transaction)?;
    transaction.commit()?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_job_that_panics_is_undone_and_others_go_on() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (a)").unwrap();
        let worker = Worker::writing(connection).unwrap();
        let panics = worker.run(|tx| -> Result<(), Failure> {
            tx.execute("INSERT INTO t VALUES (1)", [])?;
            panic!("of this test");
        });
        assert!(matches!(panics.await, Err(Failure::Gone)), "its caller is told");
        let count = "SELECT count(*) FROM t";
        let count = worker.run(|tx| Ok(tx.query_one(count, [], |row| row.get::<_, i64>(0))?));
        assert_eq!(count.await.unwrap(), 0, "it was undone, and the thread goes on");
    }
}
