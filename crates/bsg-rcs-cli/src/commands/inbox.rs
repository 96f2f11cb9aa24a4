//! Ties the webhook's inbox to the store: the one place that knows both.

use async_trait::async_trait;
use bsg_rcs_campaign::inbox::CallbackKeeper;
use bsg_rcs_webhook::{Inbox, InboxError, Incoming};

use crate::metering;

/// An inbox that keeps callbacks in a store.
#[derive(Debug)]
pub(super) struct StoreInbox(pub(super) CallbackKeeper);

#[async_trait]
impl Inbox for StoreInbox {
    async fn keep(&self, callbacks: Vec<Incoming>) -> Result<(), InboxError> {
        let callbacks = callbacks.into_iter().map(|incoming| incoming.body.into()).collect();
        let began = metering::now();
        let judged = self.0.keep(callbacks).await.map_err(InboxError::new)?;
        metrics::histogram!("bsg_rcs_commit_seconds").record(metering::seconds_since(began));
        for (verdict, count) in [("ours", judged.ours), ("aside", judged.aside)] {
            metrics::counter!("bsg_rcs_callbacks_judged_total", "verdict" => verdict)
                .increment(count);
        }
        Ok(())
    }
}
