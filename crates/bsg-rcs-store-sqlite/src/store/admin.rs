//! What an operator asks for.

use async_trait::async_trait;
use bsg_rcs_store::{AdminStore, Forget, Readiness, SetAside, StoreError, Timestamp};

use super::SqliteStore;
use crate::{callbacks, campaigns, changes, forgetting, migrations};

#[async_trait]
impl AdminStore for SqliteStore {
    async fn forget(&self, numbers: Forget) -> Result<u64, StoreError> {
        const DOING: &str = "forgetting";
        // Bodies first: they are found by the recipients that are about to be forgotten.
        let owners = self.read(DOING, move |tx, _| forgetting::owners(tx, numbers)).await?;
        let mut after = 0;
        loop {
            let of = owners.clone();
            let Some(last) = self
                .write(DOING, move |tx, _| forgetting::forget_bodies(tx, numbers, &of, after))
                .await?
            else {
                break;
            };
            after = last;
            self.leave().await?;
        }
        let (mut forgotten, mut behind) = (0, None);
        loop {
            let (of, from) = (owners.clone(), behind);
            let (count, last) = self
                .write(DOING, move |tx, _| forgetting::forget_some(tx, numbers, &of, from))
                .await?;
            forgotten += count;
            if last.is_none() {
                break;
            }
            behind = last;
            self.leave().await?;
        }
        self.write(DOING, move |tx, _| forgetting::forget_rest(tx, numbers, &owners, after))
            .await?;
        self.inner.writer.bare(forgetting::scrub).await?;
        Ok(forgotten)
    }

    async fn prune(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let (removed, has_more) =
                self.write("removing what is old", move |tx, _| changes::prune(tx, before)).await?;
            all += removed;
            if !has_more {
                return Ok(all);
            }
            self.leave().await?;
        }
    }

    async fn set_aside(&self, after: u64, limit: u32) -> Result<Vec<SetAside>, StoreError> {
        self.read("reading what was set aside", move |tx, _| callbacks::set_aside(tx, after, limit))
            .await
    }

    async fn setting(&self, name: &str, proposed: &str) -> Result<String, StoreError> {
        let (name, proposed) = (name.to_owned(), proposed.to_owned());
        self.write("settling a setting", move |tx, _| campaigns::setting(tx, &name, &proposed))
            .await
    }

    async fn ready(&self) -> Result<Readiness, StoreError> {
        let place = self.inner.place.clone();
        // In the writer, so that it says whether the store can be written too.
        let doing = "looking whether it is ready";
        let schema_version =
            self.write(doing, move |tx, _| migrations::version(tx, &place)).await?;
        Ok(Readiness { schema_version })
    }
}
