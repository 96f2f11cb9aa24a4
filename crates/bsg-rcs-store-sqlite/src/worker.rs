//! A thread that owns a connection and carries out what is sent to it, one transaction each.
//!
//! The store has two: one writes, one reads, so that a long count does not delay a callback.

use std::sync::mpsc::{self, Sender};
use std::{io, thread};

use bsg_rcs_store::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use crate::failure::{Failure, backend};

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle to the thread. It ends, and closes its connection, when the last handle is dropped and
/// what was sent before is done.
#[derive(Clone)]
pub(crate) struct Worker {
    jobs: Sender<Job>,
    behavior: TransactionBehavior,
}

impl Worker {
    /// A worker whose transactions write. They take the write lock at once, for one that begins
    /// by reading could find that another process wrote meanwhile, and fail.
    pub(crate) fn writing(connection: Connection) -> io::Result<Self> {
        Self::start("store-writer", connection, TransactionBehavior::Immediate)
    }

    /// A worker whose transactions read, each from one state of the store.
    pub(crate) fn reading(connection: Connection) -> io::Result<Self> {
        Self::start("store-reader", connection, TransactionBehavior::Deferred)
    }

    fn start(
        name: &str,
        mut connection: Connection,
        behavior: TransactionBehavior,
    ) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        thread::Builder::new().name(name.into()).spawn(move || {
            for job in queue {
                job(&mut connection);
            }
        })?;
        Ok(Self { jobs, behavior })
    }

    /// Has `job` done in a transaction, which is committed if it succeeds. Once sent it is done,
    /// also if nobody waits for the answer any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        let behavior = self.behavior;
        let job = move |connection: &mut Connection| {
            // Who dropped the call does not want the answer: nothing to do about it.
            let _ = reply.send(transact(connection, behavior, job));
        };
        self.jobs.send(Box::new(job)).map_err(|_| Failure::Gone)?;
        answer.await.map_err(|_| Failure::Gone)?
    }
}

impl Worker {
    /// Has something done outside of any transaction.
    pub(crate) async fn bare<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = || backend("working", "its thread is gone");
        let (reply, answer) = oneshot::channel();
        let job = move |connection: &mut Connection| drop(reply.send(job(connection)));
        self.jobs.send(Box::new(job)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
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
