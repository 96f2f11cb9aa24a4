//! The callbacks' way out: posted one after the other in their lanes, ended by a reset.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_sandbox_engine::Delivery;
use futures_util::TryFutureExt;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::epoch::Epoch;
use super::platform::Host;
use super::posting::{self, CallbackResponse, Poster};
use super::queues::{Lane, Place, Posted, Queues};
use crate::wall;

/// How long a reset waits for callbacks that are being posted, before it cuts them off.
const LAST_ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// What the host queues.
#[derive(Debug)]
pub(crate) struct WayOut(mpsc::UnboundedReceiver<Posted>);

impl WayOut {
    /// The way out of what a host queues.
    pub(crate) fn of(posted: mpsc::UnboundedReceiver<Posted>) -> Self {
        Self(posted)
    }

    /// Posts every callback.
    pub(crate) async fn post(self, host: Arc<Host>) {
        let retried = host.config().world.assumptions.callbacks_retried;
        let poster = Poster::new(host.config().callback_retries, retried);
        self.run(host, Some(poster)).await;
    }

    /// Lets every callback count as acknowledged at once; nothing is posted.
    pub(crate) async fn acknowledge(self, host: Arc<Host>) {
        self.run(host, None).await;
    }

    async fn run(self, host: Arc<Host>, poster: Option<Poster>) {
        let Self(mut posted) = self;
        let mut outbox = Outbox { poster, queues: Queues::default(), attempts: JoinSet::new() };
        let (mut epochs, mut epoch) = (host.epochs(), Epoch::default());
        loop {
            tokio::select! {
                biased;
                Ok(now) = epochs.wait_for(|now| *now != epoch).map_ok(|now| *now) => {
                    epoch = now;
                    outbox.drain(&host, epoch).await;
                }
                Some(Ok(lane)) = outbox.attempts.join_next() => {
                    if let Some(next) = outbox.queues.next(&lane) {
                        outbox.begin(&host, lane, next);
                    }
                }
                next = posted.recv() => match next {
                    Some(next) => outbox.take(&host, next),
                    None => return,
                },
            }
        }
    }
}

/// Callbacks on their way out.
struct Outbox {
    poster: Option<Poster>,
    queues: Queues,
    /// Each ends with the lane that is free then.
    attempts: JoinSet<Lane>,
}

impl Outbox {
    fn take(&mut self, host: &Arc<Host>, posted: Posted) {
        if posted.epoch != host.epoch() {
            host.delivered(1);
            return;
        }
        if self.poster.is_none() {
            host.settle(&posted, Delivery::Acknowledged, 1, None);
            host.delivered(1);
            return;
        }
        match self.queues.put(posted) {
            Place::Now(lane, posted) => self.begin(host, lane, posted),
            Place::Waits => {}
            Place::Full(posted) => {
                tracing::warn!(
                    url = posting::origin(&posted.callback.url),
                    "too many callbacks wait for this URL"
                );
                host.settle(&posted, Delivery::GivenUp, 0, Some(CallbackResponse::TooMany));
                host.delivered(1);
            }
        }
    }

    fn begin(&mut self, host: &Arc<Host>, lane: Lane, posted: Posted) {
        let Some(poster) = self.poster.clone() else { return };
        let under_way = UnderWay(Arc::clone(host));
        self.attempts.spawn(async move {
            let UnderWay(host) = &under_way;
            let body = posting::body(&posted.callback, &host.config().world.assumptions).into();
            let is_over = host.is_over(posted.epoch);
            if let Some(posting) = poster.post(&posted.callback, body, is_over).await {
                host.settle(&posted, posting.became, posting.attempts, Some(posting.response));
            }
            lane
        });
    }

    /// Ends everything that belongs to an epoch before this one.
    async fn drain(&mut self, host: &Host, epoch: Epoch) {
        host.delivered(self.queues.clear());
        let answered = async { while self.attempts.join_next().await.is_some() {} };
        let _ = wall::within(LAST_ANSWERS_WITHIN, answered).await;
        self.attempts.shutdown().await;
        host.drained_up_to(epoch);
    }
}

/// A callback that is neither delivered nor given up as long as this lives.
struct UnderWay(Arc<Host>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.delivered(1);
    }
}
