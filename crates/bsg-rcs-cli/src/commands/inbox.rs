//! Ties the webhook's inbox to the store: the one place that knows both.

use async_trait::async_trait;
use bsg_rcs_campaign::inbox::CallbackKeeper;
use bsg_rcs_webhook::{Inbox, InboxError, Incoming};

/// An inbox that keeps callbacks in a store.
#[derive(Debug)]
pub(super) struct StoreInbox(pub(super) CallbackKeeper);

#[async_trait]
impl Inbox for StoreInbox {
    async fn keep(&self, callbacks: Vec<Incoming>) -> Result<(), InboxError> {
        let callbacks =
            callbacks.into_iter().map(|incoming| (incoming.body.to_vec(), incoming.read)).collect();
        self.0.keep(callbacks).await.map_err(InboxError::new)
    }
}
