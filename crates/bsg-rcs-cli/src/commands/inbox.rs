//! Ties the webhook's inbox to the store: the one place that knows both.

use std::sync::Arc;

use async_trait::async_trait;
use bsg_rcs_campaign::inbox::CallbackKeeper;
use bsg_rcs_store::Store;
use bsg_rcs_webhook::{Inbox, InboxError, Incoming};

use crate::metering;

/// An inbox that keeps callbacks in a store.
pub(super) struct StoreInbox {
    pub(super) keeper: CallbackKeeper,
    pub(super) store: Arc<dyn Store>,
}

#[async_trait]
impl Inbox for StoreInbox {
    async fn keep(&self, callbacks: Vec<Incoming>) -> Result<(), InboxError> {
        let callbacks = callbacks.into_iter().map(|incoming| incoming.body.into()).collect();
        let began = metering::now();
        let judged = self.keeper.keep(callbacks).await.map_err(InboxError::new)?;
        metrics::histogram!("bsg_rcs_commit_seconds").record(metering::seconds_since(began));
        for (verdict, count) in [("ours", judged.ours), ("aside", judged.aside)] {
            metrics::counter!("bsg_rcs_callbacks_judged_total", "verdict" => verdict)
                .increment(count);
        }
        Ok(())
    }

    async fn ready(&self) -> Result<(), InboxError> {
        self.store.ready().await.map(drop).map_err(InboxError::new)
    }
}
