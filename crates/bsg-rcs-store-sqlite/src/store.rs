//! The store: each call of the traits is one transaction, done by one of two threads.

mod admin;
mod plan;
mod report;
mod state;
mod work;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bsg_rcs_store::{StoreClock, StoreError, Timestamp, machine_clock};
use rusqlite::Transaction;

use crate::backup;
use crate::failure::{Failure, backend};
use crate::open::{self, Opened};
use crate::worker::Worker;

/// A store in one file of SQLite's, which several processes of one machine may have open. Clones
/// share its two threads. These end with the last clone: dropping it waits for what was begun, and
/// carries SQLite's log over into the file, so that a copy of the file alone is the whole store.
///
/// Beside the file stand SQLite's own `-wal` and `-shm`, and the folder `-locks`. All of them are
/// made for this user alone (modes 0600 and 0700). The file must be on a disk of this machine: file
/// locks and shared memory do not work over a network.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    place: String,
    path: PathBuf,
    locks: PathBuf,
    clock: StoreClock,
    // The reader goes first: while it reads, the log cannot be carried over.
    reader: Worker,
    writer: Worker,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("place", &self.inner.place).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the store in this file, makes it if nothing is there, and brings one of an earlier
    /// version up to date. Its clock is the machine's.
    ///
    /// Blocks for some milliseconds, and while another process opens it, ten seconds at most; for
    /// minutes if an earlier version's file has millions of recipients, which are written anew: stop
    /// what else has it open.
    ///
    /// # Errors
    /// [`StoreError::Open`] if it is no store of ours, which is then left as it is, or cannot be
    /// written to; [`StoreError::Newer`] if a later version of this program wrote it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with_clock(path, machine_clock())
    }

    /// Opens the store as [`SqliteStore::open`] does, with another clock.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_with_clock(path: &Path, clock: StoreClock) -> Result<Self, StoreError> {
        let Opened { path: real, locks, writer, reader } = open::open(path)?;
        let start = |error| backend("starting its threads", error);
        let inner = Inner {
            place: path.display().to_string(),
            path: real,
            locks,
            clock,
            reader: Worker::reading(reader).map_err(start)?,
            writer: Worker::writing(writer).map_err(start)?,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Writes a copy of the store, as it is at this moment, into a new file, for this user alone.
    /// Other calls go on meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if something is at `to` already; [`StoreError::Backend`] if it cannot
    /// be written.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        backup::write(self.inner.path.clone(), to.to_owned()).await
    }

    async fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        job: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let clock = Arc::clone(&self.inner.clock);
        let answer = self.inner.writer.run(move |tx| job(tx, clock())).await;
        answer.map_err(|failure| failure.into_store(&self.inner.place, doing))
    }

    async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        job: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let clock = Arc::clone(&self.inner.clock);
        let answer = self.inner.reader.run(move |tx| job(tx, clock())).await;
        answer.map_err(|failure| failure.into_store(&self.inner.place, doing))
    }

    /// Leaves the file to other processes for a moment, between two pieces of a long removal.
    async fn leave(&self) -> Result<(), StoreError> {
        let left = self.inner.writer.leave().await;
        left.map_err(|failure| failure.into_store(&self.inner.place, "removing in pieces"))
    }
}
