//! What campaign work is done with: all of it is handed in.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::Client;
use bsg_rcs_store::{CampaignRow, Store};

use crate::clock::Clock;
use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// Store, client, clock, listener and interrupt of one piece of work.
#[derive(Clone)]
pub struct Tools {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// How the platform is reached.
    pub client: Client,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What listens to events.
    pub progress: Progress,
    /// What can end the work early.
    pub interrupt: Interrupt,
}

impl Tools {
    /// Whether a campaign is of the platform and the account that the client speaks to. The ids of
    /// another one's campaigns mean nothing there.
    pub(crate) fn is_of(&self, campaign: &CampaignRow) -> bool {
        campaign.platform == self.client.base_url()
            && campaign.account == self.client.account_fingerprint()
    }

    /// Waits; `false` if the interrupt was raised meanwhile.
    pub(crate) async fn pause(&self, span: Duration) -> bool {
        self.unless_interrupted(self.clock.sleep(span)).await.is_some()
    }

    /// Waits for something that can be abandoned; `None` if the interrupt was raised meanwhile.
    pub(crate) async fn unless_interrupted<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut interrupt = self.interrupt.clone();
        tokio::select! {
            biased;
            () = interrupt.raised() => None,
            done = work => Some(done),
        }
    }
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools").field("client", &self.client).finish_non_exhaustive()
    }
}
