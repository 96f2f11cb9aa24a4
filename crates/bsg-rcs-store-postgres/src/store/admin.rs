//! What an operator asks for.

use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs_store::{AdminStore, Forget, Readiness, SetAside, StoreError, Timestamp};

use super::{PostgresStore, transact};
use crate::failure::Failure;
use crate::{callbacks, campaigns, changes, forgetting, migrations};

/// How long the database may take to say that it is ready.
const READY_WITHIN: Duration = Duration::from_secs(5);

#[async_trait]
impl AdminStore for PostgresStore {
    async fn forget(&self, numbers: Forget) -> Result<u64, StoreError> {
        const DOING: &str = "forgetting";
        // Bodies first: they are found by the recipients that are about to be forgotten.
        let owners = transact!(self, DOING, tx => forgetting::owners(&tx, numbers))?;
        let mut after = 0;
        while let Some(last) = transact!(self, DOING, tx => {
            forgetting::forget_bodies(&tx, numbers, &owners, after)
        })? {
            after = last;
        }
        let (mut forgotten, mut behind) = (0, None);
        loop {
            let (count, last) = transact!(self, DOING, tx => {
                forgetting::forget_some(&tx, numbers, &owners, behind, after)
            })?;
            forgotten += count;
            if last.is_none() {
                return Ok(forgotten);
            }
            behind = last;
        }
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        const DOING: &str = "removing what is old";
        self.seal(DOING).await?;
        let mut all = 0;
        loop {
            let (removed, has_more) = transact!(self, DOING, tx => changes::prune(&tx, before))?;
            all += removed;
            if !has_more {
                return Ok(all);
            }
        }
    }

    async fn set_aside(&self, after: u64, limit: u32) -> Result<Vec<SetAside>, StoreError> {
        transact!(self, "reading what was set aside", tx => {
            callbacks::set_aside(&tx, after, limit)
        })
    }

    async fn setting(&self, name: &str, proposed: &str) -> Result<String, StoreError> {
        transact!(self, "settling a setting", tx => campaigns::setting(&tx, name, proposed))
    }

    async fn ready(&self) -> Result<Readiness, StoreError> {
        let looking = async {
            let client = self.way.first().await.map_err(Failure::Store)?;
            let sql =
                "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'";
            if client.query_one(sql, &[]).await?.try_get(0)? {
                let source = "the database can only be read: it is a standby".into();
                return Err(Failure::Store(StoreError::Backend { doing: DOING, source }));
            }
            migrations::version(&client, &self.way.place).await
        };
        const DOING: &str = "looking whether it is ready";
        match tokio::time::timeout(READY_WITHIN, looking).await {
            Ok(found) => {
                let schema_version = found.map_err(|failure| failure.into_store(DOING))?;
                Ok(Readiness { schema_version })
            }
            Err(_) => Err(StoreError::Backend {
                doing: DOING,
                source: "the database does not answer".into(),
            }),
        }
    }
}
