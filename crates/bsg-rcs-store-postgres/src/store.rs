//! The store: each call of the traits is one transaction, or several where it says so.

mod admin;
mod plan;
mod report;
mod state;
mod work;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bsg_rcs_store::StoreError;

use crate::connect::{self, Way};
use crate::failure::Failure;
use crate::{counts, migrations};

/// How often a transaction is repeated that the database undid for the sake of another.
const TRIES: u32 = 5;

/// Rows of counts that one handle appends before it folds them.
const FOLDED_AFTER: usize = 1000;

/// A store in a PostgreSQL database, which any number of processes on any number of machines
/// share. Clones share its connections, eight at most.
///
/// It lives in a schema of its own, `bsg_rcs` unless another is named, and needs the right to
/// create that once. Every moment in it is of the database's clock. A client that hangs in the
/// middle of a call is cut off by the database after four seconds, so that it holds up no other.
#[derive(Clone)]
pub struct PostgresStore {
    way: Arc<Way>,
    /// Rows of counts that were appended since they were last folded.
    appended: Arc<AtomicUsize>,
}

/// Runs work in a transaction, and commits it; again, if the database undid it for another's sake.
macro_rules! transact {
    ($store:expr, $doing:expr, $tx:ident => $work:expr) => {
        $crate::store::transact!($store, $doing, read_committed, $tx => $work)
    };
    ($store:expr, $doing:expr, $isolation:ident, $tx:ident => $work:expr) => {{
        let mut tries = 1;
        loop {
            let worked: Result<_, $crate::failure::Failure> = match $store.way.call().await {
                Err(failure) => Err(failure),
                Ok(mut call) => {
                    let worked = async {
                        let $tx = $crate::store::$isolation(call.client()?).await?;
                        let answer = $work.await?;
                        $tx.commit().await?;
                        Ok(answer)
                    }
                    .await;
                    call.done();
                    worked
                }
            };
            match worked {
                Err(failure) if tries < $crate::store::TRIES && failure.may_be_repeated() => {
                    tries += 1;
                }
                worked => break worked.map_err(|failure| failure.into_store($doing)),
            }
        }
    }};
}
use transact;

/// Begins a transaction whose statements each see what is committed by then.
async fn read_committed(
    client: &mut deadpool_postgres::Client,
) -> Result<deadpool_postgres::Transaction<'_>, Failure> {
    Ok(client.transaction().await?)
}

/// Begins a transaction that sees one state of the database throughout, and writes nothing.
async fn one_state(
    client: &mut deadpool_postgres::Client,
) -> Result<deadpool_postgres::Transaction<'_>, Failure> {
    let builder = client.build_transaction().read_only(true);
    Ok(builder.isolation_level(tokio_postgres::IsolationLevel::RepeatableRead).start().await?)
}

impl PostgresStore {
    /// Opens the store in the database of this URL, in the schema `bsg_rcs`; makes it, or brings
    /// one of an earlier version up to date.
    ///
    /// # Errors
    /// [`StoreError::Open`] if the database cannot be reached, is not encoded as UTF8, or lets us
    /// not work in the schema; [`StoreError::Newer`] if a later version of this program wrote it.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_in(url, "bsg_rcs").await
    }

    /// Opens the store in a schema of this name, so that one database can hold several.
    ///
    /// # Errors
    /// As [`PostgresStore::open`], and if the name has others than lower-case letters, digits and
    /// underscores, or does not begin with a letter.
    pub async fn open_in(url: &str, schema: &str) -> Result<Self, StoreError> {
        let way = connect::way(url, schema)?;
        let refused = |why: String| StoreError::Open { place: way.place.to_string(), why };
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !schema.starts_with(|first: char| first.is_ascii_lowercase())
            || !schema.bytes().all(plain)
        {
            let why = "a schema is named with lower-case letters, digits and underscores";
            return Err(refused(why.to_owned()));
        }
        let mut client = way.first().await?;
        let opened = async {
            let encoding = client.query_one("SHOW server_encoding", &[]).await?;
            let encoding: String = encoding.try_get(0)?;
            if encoding != "UTF8" {
                let why = format!(
                    "the database is encoded as {encoding}, which cannot hold every message: make \
                     one with ENCODING 'UTF8'"
                );
                return Err(refused(why).into());
            }
            migrations::run(&mut client, schema, &way.place).await
        };
        match opened.await {
            Ok(()) => Ok(Self { way: Arc::new(way), appended: Arc::default() }),
            Err(Failure::Store(error)) => Err(error),
            Err(Failure::Postgres(error)) => Err(refused(crate::failure::words(&error))),
        }
    }

    /// Notes rows of counts that were appended; folds them when there are many. What cannot be
    /// folded now is folded later: sums are of both.
    async fn appended(&self, rows: usize) {
        if self.appended.fetch_add(rows, Ordering::Relaxed) + rows < FOLDED_AFTER {
            return;
        }
        self.appended.store(0, Ordering::Relaxed);
        if let Ok(mut call) = self.way.call().await {
            if let Ok(client) = call.client() {
                let _ = counts::fold(client).await;
            }
            call.done();
        }
    }

    /// Gives cursors to the changes that are committed and have none.
    async fn seal(&self, doing: &'static str) -> Result<(), StoreError> {
        let mut call = self.way.call().await.map_err(|failure| failure.into_store(doing))?;
        let sealed = async { crate::changes::seal(call.client()?).await }.await;
        call.done();
        sealed.map_err(|failure: Failure| failure.into_store(doing))
    }
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("place", &self.way.place).finish_non_exhaustive()
    }
}
